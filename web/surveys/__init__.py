"""The yearly survey, of those who are offered one: what they know, counted without their names."""
