"""Forms that are opened, filled in and sent, for tests that ask what becomes of what was sent.

As `tests.security.reading` does it, but that what a form brings is asked of the form, and its page is not drawn. That
pages show it, each by its own, is asked in `tests/web/test_displayed_version.py`.
"""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.test import Client

from compliance.commands import drafts
from tests.web.unrendered import unrendered
from web.patient.consent_views import Sitting

#: What a form sends back of itself: which text, and which section of it, was on the screen.
BROUGHT = ("displayed_sha256", "version_token")


def brought(client: Client, path: str, **more: Any) -> dict[str, str]:
    """What a page's form sends back of itself."""
    with unrendered():
        answer: Any = client.get(path, **more)
    form = (answer.context or {}).get("form")
    return {name: form[name].value() for name in BROUGHT if form is not None and name in form.fields}


def send(client: Client, path: str, form: Mapping[str, Any], **more: Any) -> Any:
    """The answer to a form that is opened, filled in and sent."""
    return client.post(path, brought(client, path, **more) | dict(form), **more)


def read_through(client: Client, place: str) -> str:
    """Agree to each section of a text, to the last on its page, to those before by the command behind theirs; the
    address of the signature.
    """
    with unrendered():
        opened: Any = client.get(place)
    sitting: Sitting = opened.context["sitting"]
    (*before, _last), reader = sitting.document.items, sitting.ctx
    agreed = {item.id: True for item in before if item.id not in sitting.answers}
    drafts.save(patient=reader.patient.pk, what=sitting.draft, answers=agreed, by=reader.by, at=reader.at, key=uuid4())
    last = sitting.section_url(len(before) + 1)
    signature: str = send(client, last, {"answer": "yes", "key": str(uuid4())})["Location"]
    assert signature.endswith("/signature/"), signature
    return signature
