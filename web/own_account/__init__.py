"""The reader's own account: name, address and telephone number."""
