"""Fixtures of the races: a practice with many patients, and threads."""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests.compliance.races import CROWD, committed_copy
from tests.histories import ClinicFactory


@pytest.fixture
def crowd(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[ClinicFactory]:
    """As `committed`, with a practice of whose patients each round takes others."""
    with django_db_blocker.unblock(), committed_copy(CROWD) as clinic:
        yield clinic
