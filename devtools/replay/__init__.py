"""Scenario files: histories with the questions asked along them, answered by the rules or through the store."""
