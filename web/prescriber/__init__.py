"""The prescriber's desk, which designees share: worklist, a patient's page, the entries."""
