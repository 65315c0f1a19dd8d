"""The language of a person on pages: which text they are shown, and the pages on which it is asked and changed."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils.html import escape

from accounts.models import User
from accounts.roles import GUARDIAN, PATIENT, PRESCRIBER
from compliance import documents
from compliance.commands import guardians, invitations
from compliance.commands.invitations import Acceptance
from ledger import log
from patients.models import Guardian, Invitation, Patient
from tests import amount, factories
from tests.clocks import Clock
from tests.factories import as_
from tests.histories import METHODS, NOW, ClinicFactory
from tests.security.reading import send
from tests.web.cases import case

pytestmark = pytest.mark.django_db

CHILD = date(2012, 2, 3)
CAN = "can_become_pregnant"


@pytest.fixture(autouse=True)
def _today(clock: Clock) -> None:
    clock.at = NOW


@dataclass(frozen=True)
class People:
    """A minor with a guardian, at a practice; each of them with an account."""

    patient: Patient
    accounts: dict[str, User]
    guardian: Guardian

    def urls(self) -> dict[str, tuple[str, str, str]]:
        """By page: who reads it, its address, and the text that it shows in their language."""
        patient = {"patient": self.patient.pk}
        return {
            "methods": (PATIENT, reverse("patient:methods"), "monthly-patient"),
            "overview": (PATIENT, reverse("patient:sign", kwargs={"document": "birth-defects"}), "birth-defects"),
            "guardian": (
                GUARDIAN, reverse("guardian:sign", kwargs=patient | {"document": "birth-defects"}), "birth-defects"
            ),
            "category": (
                PRESCRIBER, reverse("prescriber:entry", kwargs=patient | {"slug": "category"}), "changing-category"
            ),
        }  # fmt: skip


@pytest.fixture
def people(clinic: ClinicFactory) -> People:
    patient = clinic.ready(born_on=CHILD)
    Patient.objects.filter(pk=patient.pk).update(email="a@example.org")
    named = guardians.name_guardian(
        patient=patient.pk, name="Guar Dian", email="g@example.org", by=clinic.doctor, at=NOW, key=uuid4()
    )
    guardian = Guardian.objects.get(pk=named)
    invitation = Invitation.objects.get(guardian=guardian)
    acceptance = Acceptance(born_on=CHILD, password=factories.PASSWORD)
    invitations.accept(invitation=invitation.pk, acceptance=acceptance, at=NOW, key=uuid4())
    guardian.refresh_from_db()
    assert patient.user is not None
    assert guardian.user is not None
    accounts = {PATIENT: patient.user, GUARDIAN: guardian.user, PRESCRIBER: clinic.prescriber.user}
    return People(patient, accounts, guardian)


#: What stands in the account, what the browser asks for, in which language the text is shown.
SHOWN = [
    ("", "", "en"), ("", "es", "es"), ("", "de, es-MX;q=0.8, en;q=0.5", "es"), ("en", "es", "en"), ("es", "en", "es"),
    ("es", "", "es"),
]  # fmt: skip


#: Each page with every second of them, by turns: of each kind one with the account's language, and with the browser's.
OPENED = [
    (page, *case)
    for place, page in enumerate(("methods", "overview", "guardian", "category"))
    for case in (SHOWN if amount.EVERYTHING else SHOWN[place % 2 :: 2])
]


def test_text_opens_in_the_readers_language_or_else_in_the_browsers(people: People) -> None:
    for page, known, asked, language in OPENED:
        with case(page, known, asked, language):
            who, url, code = people.urls()[page]
            User.objects.filter(pk=people.accounts[who].pk).update(language=known)
            shown = (
                as_(people.accounts[who]).get(url, headers={"Accept-Language": asked} if asked else {}).content.decode()
            )
            text = documents.current(code, language, on=NOW.date())
            if page == "guardian":
                text = text.for_guardian()
            assert escape(text.title) in shown
            if page in ("methods", "category"):
                assert f'lang="{language}">{escape(text.title)}</' in shown
            else:
                other = {"en": "es", "es": "en"}[language]
                assert reverse("documents:guide", args=[language]) in shown
                there = documents.current(code, other, on=NOW.date())
                assert escape((there.for_guardian() if page == "guardian" else there).title) in shown, (
                    "the way to the other language stays"
                )


def test_questions_are_asked_in_the_readers_language(people: People) -> None:
    for known, asked, language in SHOWN:
        with case(known, asked, language):
            User.objects.filter(pk=people.accounts[PATIENT].pk).update(language=known)
            headers = {"Accept-Language": asked} if asked else {}
            page = as_(people.accounts[PATIENT]).get(reverse("patient:questions"), headers=headers).content.decode()
            other = {"en": "es", "es": "en"}[language]
            assert any(escape(question.question) in page for question in documents.questions(language, version=2))
            assert not any(escape(question.question) in page for question in documents.questions(other, version=2))


def test_signature_names_the_language_that_was_on_the_screen(people: People) -> None:
    user = people.accounts[PATIENT]
    User.objects.filter(pk=user.pk).update(language="es")
    form: dict[str, Any] = {"methods": [*METHODS], "key": str(uuid4()), "signer_password": factories.PASSWORD}
    form |= factories.ticks("monthly-patient", "es")
    user.refresh_from_db()
    user.set_password(factories.PASSWORD)
    user.save(update_fields=["password"])
    assert send(as_(user), reverse("patient:methods"), form).status_code == 302
    assert log.read(people.patient.pk)[-1].data["language"] == "es"


# --- where it is asked and changed ----------------------------------------------------------------
def test_own_account_shows_it_and_changes_it(people: People) -> None:
    for user in people.accounts.values():
        client, url = as_(user), reverse("own_account:language")
        assert reverse("own_account:language") in client.get(reverse("mfa_index")).content.decode()
        answer = client.post(url, {"language": "es", "key": str(uuid4())}, follow=True).content.decode()
        assert "Su idioma se guardó." in answer
        assert "Español" in answer
        same = client.post(url, {"language": "es", "key": str(uuid4())})
        assert (same.status_code, "Nada es distinto de lo de antes." in same.content.decode()) == (422, True)
        wrong = client.post(url, {"language": "de", "key": str(uuid4())})
        assert (wrong.status_code, "id_language" in wrong.content.decode()) == (422, True)
        assert User.objects.get(pk=user.pk).language == "es"
    assert Patient.objects.get(pk=people.patient.pk).language == "es"


@pytest.mark.parametrize("who", [GUARDIAN, PRESCRIBER])
def test_own_name_that_is_the_same_is_said_to_be_so(people: People, who: str) -> None:
    user = people.accounts[who]
    answer = as_(user).post(reverse("own_account:name"), {"name": user.name, "key": str(uuid4())})
    assert answer.status_code == 422
    assert "Nothing is different from before." in answer.content.decode()


def _forms(people: People) -> dict[str, tuple[str, dict[str, str]]]:
    """The practice's pages that ask for a language, and the rest of what they ask for."""
    patient = {"patient": people.patient.pk}
    guardian = {"name": "Bo Roe", "email": "bo@example.org"}
    return {
        "contact": (
            reverse("prescriber:entry", kwargs=patient | {"slug": "contact"}),
            {"given_name": "A", "family_name": "B", "email": "a@example.org", "reason": "misheard"},
        ),
        "name": (reverse("prescriber:name_guardian", kwargs=patient), guardian),
        "correct": (
            reverse("prescriber:correct_guardian", kwargs=patient | {"guardian": people.guardian.pk}),
            guardian | {"reason": "misheard"},
        ),
        "replace": (
            reverse("prescriber:replace_guardian", kwargs=patient | {"guardian": people.guardian.pk}),
            guardian | {"reason": "moved"},
        ),
        "enrol": (
            reverse("prescriber:enrol"),
            {"given_name": "Nora", "family_name": "New", "born_on": "02/03/2012", "email": "nora@example.org",
             "category": CAN, "guardian_name": "Gale New", "guardian_email": "gale@example.org"},
        ),
    }  # fmt: skip


def test_language_that_there_is_not_is_refused_beside_its_field(people: People) -> None:
    client, forms = as_(people.accounts[PRESCRIBER]), _forms(people)
    assert {*forms} == {"contact", "name", "correct", "replace", "enrol"}
    for form, (url, sent) in forms.items():
        assert client.get(url).content.decode().count('name="language"') == 3, "two languages, and not known"
        answer: Any = client.post(url, sent | {"language": "de", "key": str(uuid4())})
        assert answer.status_code == 422, form
        assert "language" in answer.context["form"].errors, form
        assert not Patient.objects.exclude(language="").exists(), form


def test_enrolment_page_keeps_both_languages(people: People) -> None:
    url, sent = _forms(people)["enrol"]
    form = sent | {"language": "es", "guardian_language": "en", "key": str(uuid4())}
    assert as_(people.accounts[PRESCRIBER]).post(url, form).status_code == 302
    patient = Patient.objects.get(given_name="Nora")
    assert (patient.language, patient.guardians.get().language) == ("es", "en")


def test_practice_is_shown_what_counts_and_corrects_it(people: People) -> None:
    """The owner chose after the practice was told: the page says what they chose."""
    user = people.accounts[PATIENT]
    as_(user).post(reverse("own_account:language"), {"language": "es", "key": str(uuid4())})
    url, _sent = _forms(people)["contact"]
    client = as_(people.accounts[PRESCRIBER])
    page = client.get(url)
    assert page.context["form"].initial["language"] == "es"
    form = dict(page.context["form"].initial) | {"language": "en", "reason": "misheard", "key": str(uuid4())}
    assert client.post(url, form).status_code == 302
    assert User.objects.get(pk=user.pk).language == "en"
    assert "language" in client.get(reverse("prescriber:patient", args=[people.patient.pk])).content.decode()
