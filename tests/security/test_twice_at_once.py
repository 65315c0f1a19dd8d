"""Idempotency under concurrency: both clicks of a double click at once have one effect and one answer."""

from collections.abc import Iterator
from functools import partial
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from ledger.models import LoggedRequest
from tests.clocks import Clock
from tests.compliance.races import Runners
from tests.factories import PASSWORD, as_

from .fixtures import SiteFixture
from .reading import brought
from .test_twice import answer_of, click, written
from .twice import TWICE

#: One of each kind: pages that are gone once their work is done, and some that stay.
KINDS = (
    "accept an invitation", "accept another's as a guardian", "choose a password", "register practice",
    "accept an offer", "end a delegation", "close a designee's account", "sign", "withdraw", "all questions right",
    "end a link", "end another session", "enrol", "look nobody up", "dispense", "remove the app",
)  # fmt: skip


@pytest.fixture
def ready(committed: str, clock: Clock) -> SiteFixture:
    """The site, with real commits; everybody has the password that signs."""
    clock.set("2026-12-15T11:00-05:00")
    cache.clear()
    site = SiteFixture()
    for user in site.readers.values():
        user.set_password(PASSWORD)
        user.save()
    return site


@pytest.fixture
def runners(committed: str) -> Iterator[Runners]:
    threads = Runners(2)
    yield threads
    threads.close()


@pytest.mark.parametrize("name", KINDS)
def test_a_double_click_at_the_same_moment(ready: SiteFixture, runners: Runners, name: str) -> None:
    case = TWICE[name]
    client = as_(ready.readers.get(case.reader))
    case.before(ready, client)
    path = case.path(ready)
    form = brought(client, (case.page or case.path)(ready)) | dict(case.form(ready)) | {"key": str(uuid4())}
    cookies, attempts = client.cookies.output(header="", sep=";"), LoggedRequest.objects.count()
    answers = runners.together([partial(click, Client(), cookies, path, form) for _ in range(2)])
    User.objects.update(last_login=None)
    after, since = written(), LoggedRequest.objects.count()
    assert answer_of(answers[0]) == answer_of(answers[1])
    assert since > attempts
    assert answer_of(click(Client(), cookies, path, form))[:2] == answer_of(answers[0])[:2]
    assert (written(), LoggedRequest.objects.count()) == (after, since)
