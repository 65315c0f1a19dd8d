"""Whether the program could have written the log as it stands, and the signed PDFs: asked by `manage.py verify_log`.

`ledger.verify` asks whether records are as they were hashed. Whoever owns the database can append records that are
hashed rightly; what they say is checked here.
"""
