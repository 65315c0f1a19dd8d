"""Access control, hostile input and disclosure: every address by every reader, every field by every value."""
