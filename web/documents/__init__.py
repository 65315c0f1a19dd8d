"""Documents: the texts to read, their very bytes, and the signed documents."""
