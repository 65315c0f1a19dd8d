"""The pages: a package for each kind of reader, and what they share."""
