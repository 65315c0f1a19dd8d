"""Dates in the reader's own calendar: a secret address that calendar programs read, and single dates to take."""
