"""Shared parts of every page: forms, icons, times, navigation, timeline. Knows no patient and no rule."""
