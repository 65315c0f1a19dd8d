"""The reader's own account: name, address, telephone number and language."""
