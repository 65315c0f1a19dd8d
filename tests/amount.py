"""The share of the full products that a run takes: all with `bin/test --all`, else one that meets each kind."""

#: Whether this is a run of everything; set by `tests.plugin` before the tests are read.
EVERYTHING = False


def share(everything: int, otherwise: int) -> int:
    """So many of something in a run of everything, and so many else."""
    return everything if EVERYTHING else otherwise
