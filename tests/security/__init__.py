"""Shut doors: every address by every reader, every field by hostile input, and what must not leak."""
