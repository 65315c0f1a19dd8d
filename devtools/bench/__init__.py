"""Benches: ratios measured in one run on this machine. Never part of the test suite."""
