"""Choosing the place in which a session acts."""
