"""The only place where rows become what the rules read, and where the log is projected into tables."""
