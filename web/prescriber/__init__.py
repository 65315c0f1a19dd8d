"""The prescriber's pages, which designees share: worklist, a patient's page, the entries."""
