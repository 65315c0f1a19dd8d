"""Reminders: whose time has come, and the words of each message."""
