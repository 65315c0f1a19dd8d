"""Idempotency under concurrency: both clicks of a double click at once have one effect and one answer."""

from collections.abc import Iterator
from functools import partial
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from ledger.models import LoggedRequest
from tests.compliance.races import Runners
from tests.conftest import RestoreSnapshot
from tests.factories import as_
from tests.web.opened import brought

from .fixtures import SITE, SiteFixture
from .test_twice import answer_of, click, written
from .twice import TWICE

#: One of each kind: pages that are gone once their work is done, and some that stay.
KINDS = (
    "accept an invitation", "accept another's as a guardian", "choose a password", "register practice",
    "accept an offer", "end a delegation", "close a designee's account", "sign", "withdraw", "all questions right",
    "end a link", "end another session", "enrol", "look nobody up", "dispense", "remove the app",
)  # fmt: skip


@pytest.fixture
def own_site(restored_snapshot: RestoreSnapshot) -> SiteFixture:
    """The site, with real commits."""
    cache.clear()
    site: SiteFixture = restored_snapshot(SITE)
    return site


@pytest.fixture
def runners(own_site: SiteFixture) -> Iterator[Runners]:
    threads = Runners(2)
    yield threads
    threads.close()


@pytest.mark.parametrize("name", KINDS)
def test_a_double_click_at_the_same_moment(own_site: SiteFixture, runners: Runners, name: str) -> None:
    case = TWICE[name]
    client = as_(own_site.readers.get(case.reader))
    case.before(own_site, client)
    path = case.path(own_site)
    form = brought(client, (case.page or case.path)(own_site)) | dict(case.form(own_site)) | {"key": str(uuid4())}
    cookies, attempts = client.cookies.output(header="", sep=";"), LoggedRequest.objects.count()
    answers = runners.together([partial(click, Client(), cookies, path, form) for _ in range(2)])
    User.objects.update(last_login=None)
    after, since = written(), LoggedRequest.objects.count()
    assert answer_of(answers[0]) == answer_of(answers[1])
    assert since > attempts
    assert answer_of(click(Client(), cookies, path, form))[:2] == answer_of(answers[0])[:2]
    assert (written(), LoggedRequest.objects.count()) == (after, since)
