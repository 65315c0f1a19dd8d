"""The demo's people and histories: made by the real actions, at instants relative to today."""
