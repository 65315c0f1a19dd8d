"""One folder for the servers that are started and stopped."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools import embedded


@pytest.fixture(scope="module")
def _base() -> Iterator[Path]:
    folder = embedded.folder(f"try-{os.getpid()}")
    yield folder
    embedded.stop(folder, delete=True)


@pytest.fixture
def base(_base: Path) -> Iterator[Path]:
    """A folder for servers, which are stopped afterwards; their data stays for the next test of the module."""
    yield _base
    embedded.stop(_base)
