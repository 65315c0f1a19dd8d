"""The style guide: every component in all its states. It is there in the demo and for tests."""
