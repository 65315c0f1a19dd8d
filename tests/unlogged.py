"""For folders of tests that are refused thousands of times on purpose."""

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _lines_of_faults_alone(request: pytest.FixtureRequest) -> Iterator[None]:
    """A fourth of a refusal is what is written of it: lines beneath a fault are written where `caplog` reads them."""
    logging.disable(logging.NOTSET if "caplog" in request.fixturenames else logging.WARNING)
    yield
    logging.disable(logging.NOTSET)
