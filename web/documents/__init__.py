"""What was signed and what is read: the texts, their very bytes, and the signed documents."""
