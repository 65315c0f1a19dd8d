"""The template tags of the shared page parts."""
