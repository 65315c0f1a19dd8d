"""Each kind that follows from a file, from the file to the mail: at its instant, to everybody on its sides, once, in
either language. When it is due and when it is not, `tests/compliance/rules/test_due.py` asks of many more files."""

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

import outbox
from accounts.models import User
from accounts.roles import GUARDIAN, OFFICER, PATIENT
from compliance.models import Authorization
from compliance.records.programs import DEFAULT
from compliance.rules.due import DUE
from compliance.rules.records import Authorized, Dispensed, Enrolled, Entry, Record, Registered, Reversed
from compliance.words.notices import FORBIDDEN, words_of
from notifications.kinds import KINDS
from notifications.sweep import sweep
from outbox.models import CapturedEmail, Message
from patients.models import Delegate, Guardian, Patient, Prescriber
from patients.numbers import new_number
from tests import amount, factories
from tests.compliance.rules import test_due
from tests.histories import ClinicFactory, HistoryFactory
from tests.security.writes import undone
from ui.numbers import patient_number

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_any_hour")]

#: The first file of the table in which the kind is due.
FILES = {kind: next(make for one, make, _day, due in test_due.DUE.values() if one == kind and due) for kind in DUE}
#: The files in which others act than in these: a guardian.
FILES["window-closing"] = lambda: test_due.minor().month(31)

#: On which day after the begin to look first: before, nothing of it is due.
DAYS = {
    kind: min(first for one, *_, due in test_due.DUE.values() if one == kind for _key, first, *_ in due)
    for kind in DUE
}  # fmt: skip


@dataclass
class Scene:
    """A file in the database, and everybody around it."""

    clinic: ClinicFactory
    history: HistoryFactory
    patient: Patient
    addresses: dict[str, set[str]]

    def write(self) -> None:
        """Write the whole file, each instant's records together."""
        for at, entries in groupby(self.history.entries, key=lambda entry: entry.at):
            self.clinic._enter(self.patient, at, *(self._own(entry) for entry in entries))

    def _own(self, entry: Entry) -> Record:
        """The record with the ids of this scene."""
        record = entry.record
        prescriber, number = str(self.clinic.prescriber.pk), "AUTH000001"
        if isinstance(record, Registered):
            return Registered(record.born_on, self.patient.number, prescriber)
        if isinstance(record, Enrolled):
            return replace(record, prescriber=prescriber)
        if isinstance(record, Authorized):
            return replace(record, number=number, pharmacy=str(self.clinic.pharmacies[0].pk))
        return replace(record, authorization=number) if isinstance(record, (Dispensed, Reversed)) else record


@pytest.fixture
def scene(settings: Any, request: pytest.FixtureRequest) -> Scene:
    settings.EMAIL_BACKEND = "outbox.mail.PageBackend"
    history = FILES[request.getfixturevalue("kind")]()
    clinic = ClinicFactory(history.at(0))
    Prescriber.objects.update(phone="+1 212 555 0100")
    clinic.prescriber.refresh_from_db()
    first = history.entries[0].record
    assert isinstance(first, Registered)
    account, *others = [factories.unsaved_account(role) for role in (PATIENT, GUARDIAN, GUARDIAN, OFFICER, OFFICER)]
    patient = Patient(
        number=new_number(), given_name="Ana", family_name="Mora", born_on=first.born_on, user=account,
        email=account.email, prescriber=clinic.prescriber, created_at=history.at(0), program=DEFAULT.code,
    )  # fmt: skip
    guardians = [Guardian(patient=patient, user=one, name="G", email=one.email) for one in others[:2]]
    covers = Delegate(prescriber=clinic.prescriber, delegate=clinic.other, named_at=history.at(0))
    factories.lay(account, *others, patient, *guardians, covers)
    addresses = {
        "patient": {account.email},
        "guardian": {one.email for one in others[:2]},
        "prescriber": {clinic.prescriber.user.email, clinic.other.user.email},
        "pharmacy": {clinic.pharmacies[0].pharmacists.get().user.email},
        "office": {one.email for one in others[2:]},
    }
    return Scene(clinic, history, patient, addresses)


def subject_start(kind: str, side: str) -> str:
    return str(words_of(kind, side).subject).partition("{")[0]


#: Where each side reads more.
PAGES = {"patient": "/patient/", "guardian": "/guardian/"}


def gives_nothing_away(scene: Scene, settings: Any, kind: str, language: str) -> None:
    """Each side has a mail of the kind in that language, which names nobody to whoever may read along."""
    prescriber = scene.clinic.prescriber
    for side in KINDS[kind].to:
        with translation.override(language):
            mails = CapturedEmail.objects.filter(subject__startswith=subject_start(kind, side))
        mails = mails.filter(to__in=scene.addresses[side])
        assert mails
        for mail in mails:
            text = mail.subject + mail.body
            assert "{" not in text
            # A link may hold any letters: it is random, but for the page that it leads to.
            said = re.sub(r"https?://\S+", "", text).lower()
            assert [word for word in FORBIDDEN if word in said] == []
            assert "Mora" not in text
            if side in PAGES:
                assert f"{settings.SITE_URL}{PAGES[side]}\n" in mail.body
                assert prescriber.practice_name in mail.body
                assert prescriber.phone in mail.body
                assert patient_number(scene.patient.number) not in text
            else:
                assert f"{patient_number(scene.patient.number)} (A. M.)" in mail.body
                assert prescriber.practice_name not in mail.body
            if side == "prescriber":
                assert reverse("prescriber:patient", kwargs={"patient": scene.patient.pk}) in mail.body
            if side == "pharmacy":
                row = Authorization.objects.get().pk
                assert reverse("pharmacy:authorization", kwargs={"authorization": row}) in mail.body
            if side == "office":
                assert reverse(KINDS[kind].office_page) in mail.body


#: Each kind in both languages; without `--all` in one, by turns: the words of each are read in both in `test_kinds.py`.
LANGUAGES = {
    kind: ("en", "es") if amount.EVERYTHING else (("en", "es")[place % 2],) for place, kind in enumerate(DUE)
}  # fmt: skip


@pytest.mark.parametrize("kind", DUE)
def test_it_goes_at_its_instant_to_everybody_on_its_sides_once_and_gives_nothing_away(
    scene: Scene, settings: Any, kind: str
) -> None:
    scene.write()
    for language in LANGUAGES[kind]:
        with undone():
            User.objects.update(language=language)
            goes_once(scene, kind, language)
            gives_nothing_away(scene, settings, kind, language)


def goes_once(scene: Scene, kind: str, language: str) -> None:
    """At its instant, to everybody on its sides, to each of them once."""
    sides, told = set(), set[str]()
    at = test_due.instant(scene.history, DAYS[kind])
    before = Message.objects.filter(subject=scene.patient.pk, kind=kind)
    assert not before.filter(due_at__lt=at).exists()
    for later in (0, 12, 24, 36, 48, 72, 120, 168, 192):
        now = at + timedelta(hours=later)
        sweep(at=now)
        # What else is due of the file is asked for by its own kind.
        Message.objects.filter(subject=scene.patient.pk, dropped_at=None).exclude(kind=kind).update(dropped_at=now)
        outbox.deliver(at=now)
    for row in Message.objects.filter(subject=scene.patient.pk, kind=kind):
        assert row.dropped_at is None, row.key
        assert row.delivered_at is not None
        sides.add(row.data["to"])
    assert sides == set(KINDS[kind].to)
    for side in sides:
        with translation.override(language):
            subject = subject_start(kind, side)
        found = list(CapturedEmail.objects.filter(subject__startswith=subject).values_list("to", flat=True))
        told |= set(found)
        assert scene.addresses[side] <= set(found), side
    assert told == set().union(*(scene.addresses[side] for side in sides))
    rows = Message.objects.filter(subject=scene.patient.pk, kind=kind)
    assert len({(row.data.get("of", row.key), row.data["recipient"]) for row in rows}) == len(rows)
