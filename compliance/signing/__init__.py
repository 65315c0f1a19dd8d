"""What becomes of a signature once it is recorded: the signed PDF."""
