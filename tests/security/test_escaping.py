"""Whatever anybody types is kept as it was typed, and stands in an e-mail as letters, or not at all.

On pages: `test_access_matrix.py`. In a signed PDF: `tests/compliance/signing/test_pdf.py`. What is typed into each
field: `test_forms.py`.
"""

import re
from pathlib import Path

from django.conf import LazySettings
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from ledger.models import ErasableText
from tests import factories
from tests.clocks import Clock
from tests.factories import PASSWORD
from tests.mailbox import emails

from .fixtures import SiteFixture
from .marked import MARK, MarkedPage

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
#: What takes away that a value is escaped.
UNESCAPED = re.compile(r"\|\s*safe(?:seq)?\b|\bautoescape\s+off\b|\bfilter\s+safe\b")
#: Help beside a field, which is written in the code.
OF_THE_CODE = {"components/field_texts.html": ["|safe"]}


def test_no_page_says_that_a_value_need_not_be_escaped() -> None:
    """Also where the walk of all pages does not come by: to what is asked once more after a form was sent."""
    found = {
        str(file.relative_to(TEMPLATES)): UNESCAPED.findall(file.read_text()) for file in TEMPLATES.rglob("*.html")
    }
    assert len(found) > 200
    assert {file: uses for file, uses in found.items() if uses} == OF_THE_CODE


def test_what_is_sealed_is_kept_as_it_was_typed(marked: SiteFixture) -> None:
    """Escaping is for the page: the text itself is whole."""
    kept = set(ErasableText.objects.values_list("text", flat=True))
    assert {f"Reason{MARK}", f"Safeguard{MARK}"} <= kept


def test_emails_are_plain_text_and_the_same_words_in_html(
    marked: SiteFixture, settings: LazySettings, clock: Clock
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    clock.forward(minutes=1)
    Client().post("/account/password/reset/", {"email": factories.account("patient", password=PASSWORD).email})
    assert len(emails()) > 3
    for email in emails():
        assert email.content_subtype == "plain"
        assert isinstance(email, EmailMultiAlternatives)
        ((content, kind),) = email.alternatives
        html = str(content)
        assert kind == "text/html"
        assert MARK not in f"{email.subject}{email.body}{html}"
        assert not list(MarkedPage("an e-mail", html).faults())
