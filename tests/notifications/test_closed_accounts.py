"""No message goes to an account that is closed: a table over every kind, and every side that it is written to."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.models import User
from accounts.roles import GUARDIAN, OFFICER, PRESCRIBER
from compliance.commands import address_change, stops, text_number
from compliance.commands.certifying import certification_record
from compliance.records.file import File
from compliance.records.programs import DEFAULT
from compliance.rules.notice import Notice
from compliance.rules.records import PregnancyReported
from ledger import log
from ledger.actor import Actor
from ledger.log import NewRecord
from ledger.models import Checkpoint
from notifications import reminders
from notifications.kinds import ADDRESS, KINDS
from notifications.reminders import StillDue
from outbox import box
from outbox.models import Message
from patients.models import Delegate, Guardian, HeldEnrolment, Invitation, Patient, Prescriber
from tests import factories
from tests.histories import NOW, ClinicFactory
from tests.security.writes import undone

pytestmark = pytest.mark.django_db


LAST = NOW.date() + timedelta(days=7)


@dataclass
class Scene:
    """A patient with everybody around, each with an address of their own."""

    clinic: ClinicFactory
    patient: Patient
    guardian: Guardian
    officer: User

    @property
    def prescriber(self) -> Prescriber:
        return self.clinic.prescriber

    @cached_property
    def certified(self) -> Prescriber:
        """Somebody whose certification ends in a week."""
        found = factories.prescriber()
        drafts, by = [certification_record(NOW.date(), LAST, DEFAULT.code)], Actor(found.user_id, PRESCRIBER, found.pk)
        log.append("prescriber", found.pk, drafts, head=log.EMPTY, by=by, at=NOW, request_id=uuid4())
        return found

    @property
    def pharmacist(self) -> User:
        return self.clinic.pharmacies[0].pharmacists.get().user


@pytest.fixture
def scene(clinic: ClinicFactory) -> Scene:
    patient = clinic.ready()
    assert patient.user is not None
    Patient.objects.filter(pk=patient.pk).update(email=patient.user.email)
    account = factories.account(GUARDIAN)
    guardian = Guardian.objects.create(patient=patient, user=account, name="G", email=account.email)
    patient.refresh_from_db()
    return Scene(clinic, patient, guardian, factories.officer())


def message(kind: str, scene: Scene, **data: Any) -> Message:
    return Message(key=f"{kind}:{uuid4()}", kind=kind, subject=scene.patient.pk, data=data, due_at=NOW)


def reminder(kind: str, to: str) -> Callable[[Scene], Message]:
    """A reminder that is still due."""

    def made(scene: Scene) -> Message:
        pharmacy = str(scene.clinic.pharmacies[0].pk) if to == "pharmacy" else ""
        return message(kind, scene, to=to, pharmacy=pharmacy, by=NOW.date().isoformat())

    return made


def invitation(scene: Scene) -> Message:
    patient = Patient.objects.get(pk=factories.patient(scene.prescriber).pk)
    Patient.objects.filter(pk=patient.pk).update(email="new@example.org")
    row = Invitation.objects.create(patient=patient, sent_at=NOW, expires_at=NOW + timedelta(days=7))
    return message("invitation", scene, invitation=str(row.pk))


def account(scene: Scene) -> Message:
    scene.officer.set_unusable_password()
    scene.officer.save()
    return message("account", scene, account=str(scene.officer.pk))


def locked(scene: Scene) -> Message:
    User.objects.filter(pk=scene.officer.pk).update(failed_attempts=100)
    return message("password-closed", scene, account=str(scene.officer.pk))


def asked(scene: Scene) -> Message:
    address_change.send_link(scene.officer, "new@example.org", at=NOW)
    return Message.objects.get(kind="address-asked")


def held(scene: Scene) -> Message:
    case = HeldEnrolment.objects.create(prescriber=scene.prescriber, data={}, created_at=NOW)
    return message("held-enrolment", scene, held=str(case.pk))


def digest(scene: Scene) -> Message:
    account = str(scene.prescriber.user_id)
    found, line = message("digest", scene, account=account), message("declined", scene, recipient=account)
    box.enqueue([found, line], at=NOW)
    Message.objects.filter(pk=line.pk).update(digest=found)
    return found


def offered(scene: Scene) -> Message:
    to = scene.prescriber
    patient = factories.patient(scene.clinic.other)
    Patient.objects.filter(pk=patient.pk).update(offered_to=to)
    return message("offered-to-you", scene, prescriber=str(to.pk))


def checkpoint(scene: Scene) -> Message:
    row = Checkpoint.objects.create(number=1, at=NOW, leaves=0, root="0", hash="0", key="0", signature="0")
    return message("checkpoint", scene, officer=str(scene.officer.pk), number=row.number)


def code(scene: Scene) -> Message:
    by = Actor(scene.officer.pk, OFFICER)
    text_number.ask(user=scene.officer, number="+12125550144", by=by, at=NOW, key=uuid4())
    return Message.objects.get(kind="number-confirm")


def of_prescriber(kind: str) -> Callable[[Scene], Message]:
    return lambda scene: message(kind, scene, prescriber=str(scene.prescriber.pk))


def plain(kind: str) -> Callable[[Scene], Message]:
    return lambda scene: message(kind, scene)


def of_officer(kind: str) -> Callable[[Scene], Message]:
    return lambda scene: message(kind, scene, officer=str(scene.officer.pk))


def of_place(kind: str) -> Callable[[Scene], Message]:
    return lambda scene: message(kind, scene, side="prescriber", place=str(scene.prescriber.pk))


def turned_down(scene: Scene) -> Message:
    Prescriber.objects.filter(pk=scene.certified.pk).update(state="declined")
    return message("application-turned-down", scene, side="prescriber", place=str(scene.certified.pk))


def waiting(scene: Scene) -> Message:
    applicant = factories.prescriber(state="applied")
    by, at = Actor(applicant.user_id, PRESCRIBER, applicant.pk), NOW - timedelta(days=2)
    log.append("prescriber", applicant.pk, [NewRecord("applied", {})], head=log.EMPTY, by=by, at=at, request_id=uuid4())
    data = {"side": "prescriber", "place": str(applicant.pk), "officer": str(scene.officer.pk)}
    return message("application-waiting", scene, **data)


def ending(scene: Scene) -> Message:
    """A certification that ends in a week."""
    data = {"side": "prescriber", "place": str(scene.certified.pk), "last": str(LAST), "ahead": 7}
    return message("certification-ending", scene, **data)


def _certified(scene: Scene) -> User:
    return scene.certified.user


def about_stop(kind: str) -> Callable[[Scene], Message]:
    return lambda scene: message(kind, scene, account=str(scene.prescriber.user_id), **{"as": "prescriber"})


def stopped(scene: Scene) -> Message:
    assert scene.clinic.enter(scene.patient, PregnancyReported())
    return message(stops.TO_PATIENT, scene)


def _prescriber(scene: Scene) -> User:
    return scene.prescriber.user


def _patient(scene: Scene) -> User:
    assert scene.patient.user is not None
    return scene.patient.user


def _guardian(scene: Scene) -> User:
    assert scene.guardian.user is not None
    return scene.guardian.user


def _pharmacist(scene: Scene) -> User:
    return scene.pharmacist


def _officer(scene: Scene) -> User:
    return scene.officer


@dataclass(frozen=True)
class Case:
    """A message, whose account it goes to, and whether who covers gets it while that account is closed."""

    made: Callable[[Scene], Message]
    to: Callable[[Scene], User]
    covered: bool = False


REMINDERS = [kind for kind in KINDS.values() if kind.from_file]
_SIDES: Mapping[str, tuple[Callable[[Scene], User], bool]] = {
    "patient": (_patient, False), "prescriber": (_prescriber, True), "guardian": (_guardian, False),
    "pharmacy": (_pharmacist, False), "office": (_officer, False),
}  # fmt: skip

CASES: dict[str, Case] = {
    **{f"{kind.code} to {side}": Case(reminder(kind.code, side), *_SIDES[side]) for kind in REMINDERS
       for side in kind.to},
    "account": Case(account, _officer),
    "address-asked": Case(asked, _officer),
    "password-closed": Case(locked, _officer),
    "declined": Case(plain("declined"), _prescriber, covered=True),
    "file-linked": Case(plain("file-linked"), _prescriber, covered=True),
    "file-unlinked": Case(plain("file-unlinked"), _prescriber, covered=True),
    "held-enrolment": Case(held, _prescriber),
    "handed-over": Case(plain("handed-over"), _patient),
    "request-declined": Case(plain("request-declined"), _patient),
    "offered-to-you": Case(offered, _prescriber),
    "offered-by-office": Case(of_prescriber("offered-by-office"), _prescriber),
    "offered-in-your-name": Case(of_prescriber("offered-in-your-name"), _prescriber),
    "handed-over-from-you": Case(of_prescriber("handed-over-from-you"), _prescriber),
    "application-approved": Case(of_place("application-approved"), _prescriber),
    "application-turned-down": Case(turned_down, _certified),
    "case-letter": Case(of_place("case-letter"), _prescriber),
    "application-waiting": Case(waiting, _officer),
    "certification-ending": Case(ending, _certified),
    "log-alarm": Case(of_officer("log-alarm"), _officer),
    "columns-differ": Case(of_officer("columns-differ"), _officer),
    "worker-silent": Case(of_officer("worker-silent"), _officer),
    "nobody-acts": Case(of_officer("nobody-acts"), _officer),
    "digest": Case(digest, _prescriber),
    "signing-locked": Case(of_officer("signing-locked"), _officer),
    "lookup-attack": Case(of_officer("lookup-attack"), _officer),
    "checkpoint": Case(checkpoint, _officer),
    "number-confirm": Case(code, _officer),
    stops.TO_PATIENT: Case(stopped, _patient),
    stops.ANSWERED: Case(lambda scene: message(stops.ANSWERED, scene, to="patient"), _patient),
    **{kind: Case(about_stop(kind), _prescriber)
       for kind in (*stops.KINDS, stops.MISTAKEN, stops.PROBLEM, stops.REPORT)},
}  # fmt: skip


def test_the_table_is_total() -> None:
    """But for what goes to an address: whoever typed it a moment ago reads there alone whether it has an account."""
    # An invitation goes to who has no account yet.
    without_account = {code for code, kind in KINDS.items() if ADDRESS in kind.to} | {"invitation"}
    expected = {f"{kind.code} to {side}" for kind in REMINDERS for side in kind.to}
    expected |= {code for code, kind in KINDS.items() if not kind.from_file}
    assert set(CASES) | without_account == expected


def rendered(row: Message) -> str | None:
    """To whom it would go now, had nobody got it yet."""
    made = Message(id=row.pk, key=row.key, kind=row.kind, channel=row.channel, subject=row.subject, data=row.data)
    found = box.renderer_of(row.kind)(made, NOW)
    return found.to if found is not None else None


@pytest.fixture(autouse=True)
def always_due(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every reminder is still due: whether it is, other tests ask."""

    def still_due(row: Message, _file: File, _at: datetime) -> StillDue:
        until = NOW + timedelta(days=1)
        return StillDue(Notice(row.kind, row.key, row.data["to"], NOW, until, NOW.date(), row.data["pharmacy"]))

    monkeypatch.setattr(reminders, "still_due", still_due)


@pytest.mark.parametrize("to", dict.fromkeys(case.to for case in CASES.values()), ids=lambda to: to.__name__)
def test_nobody_is_written_to_whose_account_is_closed(scene: Scene, to: Callable[[Scene], User]) -> None:
    for name, case in CASES.items():
        if case.to is to:
            with undone():
                closed(deepcopy(scene), name, case)


def closed(scene: Scene, name: str, case: Case) -> None:
    """What becomes of one message once the account is closed that it goes to."""
    row, to = case.made(scene), case.to(scene)
    assert rendered(row) == (to.email if name != "number-confirm" else "+12125550144"), name
    User.objects.filter(pk=to.pk).update(is_active=False)
    # Where nobody can sign beside a minor, the practice names another guardian.
    assert rendered(row) == (scene.prescriber.user.email if case.to is _guardian else None), name
    if case.to is _prescriber:
        cover(scene)
        assert rendered(row) == (scene.clinic.other.user.email if case.covered else None), name
        User.objects.filter(pk=scene.clinic.other.user_id).update(is_active=False)
        assert rendered(row) is None, name


def test_the_office_hears_once_a_day_of_a_practice_where_nobody_is_left(scene: Scene) -> None:
    for name in [name for name, case in CASES.items() if case.covered]:
        with undone():
            nobody_is_left(deepcopy(scene), name)


def nobody_is_left(scene: Scene, name: str) -> None:
    row = CASES[name].made(scene)
    User.objects.filter(pk=scene.prescriber.user_id).update(is_active=False)
    for _ in range(2):
        assert rendered(row) is None, name
    told = Message.objects.get(kind="nobody-acts")
    assert told.data == {"officer": str(scene.officer.pk)}, name
    letter = box.renderer_of("nobody-acts")(told, NOW)
    assert letter is not None, name
    assert reverse("office:without_prescriber") in letter.body, name


def cover(scene: Scene) -> None:
    factories.lay(Delegate(prescriber=scene.prescriber, delegate=scene.clinic.other, named_at=NOW))


def test_of_a_stop_the_office_is_told_where_nobody_of_the_practice_is_left(scene: Scene) -> None:
    for with_office in (True, False):
        assert {to.role for to in stops.recipients(scene.patient.pk, with_office=with_office)} >= {"prescriber"}
    User.objects.filter(pk=scene.prescriber.user_id).update(is_active=False)
    for with_office in (True, False):
        found = stops.recipients(scene.patient.pk, with_office=with_office)
        assert [to.role for to in found] == ["officer"]
    cover(scene)
    assert [to.role for to in stops.recipients(scene.patient.pk, with_office=False)] == ["delegate"]
