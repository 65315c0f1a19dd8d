"""A bundle by which an outsider verifies one patient's log, with Python and nothing else."""
