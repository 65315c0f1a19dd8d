"""The program office."""
