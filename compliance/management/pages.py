"""The pages of `docs/` that `manage.py write_docs` makes from the code of other packages, which name them here."""

from collections.abc import Callable

#: What makes each page, by the name of its file.
OTHERS: dict[str, Callable[[], str]] = {}


def add(name: str, page: Callable[[], str]) -> None:
    """Have `docs/<name>` made by that function."""
    OTHERS[name] = page
