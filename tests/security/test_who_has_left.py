"""A guardian who is none any more gets no answer of before, by the same key."""

from uuid import uuid4

import pytest
from django.test import Client

from patients.models import Guardian
from tests.clocks import Clock
from tests.factories import as_
from tests.web.opened import read_through, send

from .fixtures import SiteFixture
from .twice import signed


def _signs(site: SiteFixture, client: Client) -> tuple[str, dict[str, str]]:
    path = read_through(client, f"/guardian/{site.minor.pk}/sign/birth-defects/en/1/")
    form = signed(site, "guardian") | {"key": str(uuid4())}
    for _ in range(2):
        assert send(client, path, form).status_code == 302
    return path, form


@pytest.mark.parametrize("why", ["of age", "no guardian of theirs"])
def test_guardian_who_is_none_any_more_gets_no_old_answer(site: SiteFixture, clock: Clock, why: str) -> None:
    client = as_(site.readers["guardian"])
    path, form = _signs(site, client)
    if why == "of age":
        clock.forward(days=365 * 8)
        client = as_(site.readers["guardian"])
    else:
        client.get("/guardian/")  # what was said of the signature
        Guardian.objects.filter(patient=site.minor).update(user=site.readers["other guardian"])
    answer = client.post(path, form, follow=True)
    assert answer.status_code == 404 or answer.redirect_chain == [("/guardian/", 302)]
    assert "Your signature is recorded" not in answer.content.decode()
