"""The signed PDF of each signature: made once, in the worker, and kept as it is."""
