"""Erase what names a person beside the log: rows, held enrolments, accounts, messages, searches.

The texts of the log, and the signed PDFs, `erasure` removes. All of it runs in one transaction, under the locks of
identities and of the person's files.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from cryptography.fernet import InvalidToken
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

import outbox
from accounts import calendar_feeds, erased, sessions
from accounts.models import User
from accounts.places import Place
from accounts.roles import OFFICER, PATIENT
from compliance.models import Draft, Proposal
from compliance.rules.records import BirthDateCorrected, InvitationAccepted, Registered
from ledger.actor import Actor
from ledger.erasable_text import read_texts
from ledger.models import LogRecord
from outbox import mail, sealed
from outbox.models import Message
from outbox.outcomes import NOT_WANTED
from patients.models import Designee, Guardian, HeldEnrolment, Invitation, Patient, Pharmacist, Prescriber
from patients.names import plain

from . import address_change, order, text_number
from .held_decisions import tell_prescriber

#: How long the data of an enrolment that was turned down are kept, from the decision on.
TURNED_DOWN_KEPT = timedelta(days=30)

#: A file is opened under a whole name; given and family name are corrected one by one.
_NAMES = ("given_name", "family_name", "name")


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of a person, in all their files and accounts, before it is erased."""

    files: tuple[UUID, ...]
    accounts: tuple[UUID, ...]
    births: frozenset[date]
    #: By the names under which the log refers to them: `given_name`, `email` and so on.
    texts: Mapping[str, Collection[str]]

    def all(self, *named: str) -> set[str]:
        """The texts under these names."""
        return {text for name in named for text in self.texts.get(name, ()) if text}

    def is_enrolled_by(self, data: Mapping[str, str]) -> bool:
        """Whether an enrolment is under this person's names, as they were or are, and a birth date of theirs."""
        if date.fromisoformat(data["born_on"]) not in self.births:
            return False
        words = _words([data["given_name"], data["family_name"]])
        return bool(words) and words <= _words(self.all(*_NAMES))


def _words(names: Iterable[str]) -> set[str]:
    """The words of names, however they are written."""
    return {word for name in names for word in re.findall(r"\w+", plain(name))}


def person_of(files: Sequence[UUID], accounts: Sequence[UUID] = ()) -> Person:
    """The person whose files and accounts these are."""
    kinds = (Registered.kind, BirthDateCorrected.kind)
    rows = LogRecord.objects.filter(subject__in=files, kind__in=kinds)
    births = {date.fromisoformat(born_on) for born_on in rows.values_list("data__born_on", flat=True)}
    births |= set(Patient.objects.filter(pk__in=files).values_list("born_on", flat=True))
    return Person(tuple(files), tuple(accounts), frozenset(births), _texts(files, accounts))


def accounts_of(files: Sequence[UUID]) -> list[UUID]:
    """The accounts of the patient and the guardians of these files that no other file and no other place needs.

    Locked before anybody looks for other files of theirs: whoever erases such a file at this moment comes after.
    """
    rows = LogRecord.objects.filter(subject__in=files, kind=InvitationAccepted.kind)
    known = set(map(UUID, rows.values_list("data__account", flat=True)))
    for owners in (Patient.objects.filter(pk__in=files), Guardian.objects.filter(patient__in=files)):
        known |= set(owners.filter(user__isnull=False).values_list("user", flat=True))
    users = User.objects.select_for_update().filter(pk__in=known).order_by("pk")
    return [user.pk for user in users if not _is_needed(user, files)]


def _texts(files: Sequence[UUID], accounts: Sequence[UUID]) -> Mapping[str, Collection[str]]:
    """The texts that tell who somebody is: those of the logs, and those of the rows."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    rows = LogRecord.objects.filter(subject__in=[*files, *accounts], data__has_key="sealed")
    named = [each for data in rows.values_list("data__sealed", flat=True) for each in (data or {}).items()]
    texts = read_texts(digest for _name, digest in named)
    for name, digest in named:
        found[name.removeprefix("guardian_")].add(texts.get(digest, ""))
    for owners, columns in (
        (Patient.objects.filter(pk__in=files), ("given_name", "family_name", "email")),
        (Guardian.objects.filter(patient__in=files), ("name", "email")),
        (User.objects.filter(pk__in=accounts), ("name", "email")),
    ):
        for row in owners.values(*columns):
            for name, text in row.items():
                found[name].add(text)
    return found


def _is_needed(user: User, files: Sequence[UUID]) -> bool:
    """Whether the account has a place elsewhere: another person's file, a practice, a pharmacy, the office."""
    if user.opened_as == OFFICER:
        return True
    beside = Guardian.objects.filter(user=user).exclude(patient__in=files).exclude(name=erased.MARK)
    own = Patient.objects.filter(user=user).exclude(pk__in=files).exclude(given_name=erased.MARK)
    places = (beside, own, *(place.objects.filter(user=user) for place in (Prescriber, Designee, Pharmacist)))
    return any(rows.exists() for rows in places)


def forget(person: Person, *, asked_by: UUID, by: Actor, at: datetime, key: UUID) -> None:
    """Erase it all. That two officers want it, and that no course is open, is for the caller to see to."""
    _forget_rows(person.files, at)
    _forget_held(person, by, at)
    for user in User.objects.filter(pk__in=person.accounts).order_by("pk"):
        latest = order.latest("account", user.pk, at)
        closed_at = at if latest is None else latest + timedelta(microseconds=1)
        erased.erase(user, asked_by=asked_by, by=by, at=closed_at, key=key)
    addresses = _nobody_elses(person.all("email"))
    _forget_messages(person, addresses, at)
    names = person.all(*_NAMES)
    sessions.forget({*names, *(word for name in names for word in name.split())}, addresses)


def _forget_rows(files: Sequence[UUID], at: datetime) -> None:
    """The columns that show erasable texts show them no more."""
    blank = {"email": "", "phone": "", "language": ""}
    names = {"given_name": erased.MARK, "family_name": erased.MARK, "name_key": ""}
    Patient.objects.filter(pk__in=files).update(**blank, **names)
    Guardian.objects.filter(patient__in=files).update(**blank, name=erased.MARK)
    Invitation.objects.filter(patient__in=files, accepted_at=None, revoked_at=None).update(revoked_at=at)
    Draft.objects.filter(patient__in=files).delete()
    for file in files:
        calendar_feeds.end_of_place(Place(PATIENT, file).code)
        about = Proposal.objects.annotate(what=Cast("payload", TextField()))
        about.filter(Q(subject=file) | Q(what__contains=str(file))).update(reason="")


# --- enrolments that the office holds or held -------------------------------------------------------------


def undecided(files: Sequence[UUID]) -> bool:
    """Whether an enrolment of somebody who may be this person, or may not, waits for the office."""
    waiting = _with_data().filter(state=HeldEnrolment.State.WAITING)
    person = person_of(files)
    return any(_may_be(case, files) and not person.is_enrolled_by(case.data) for case in waiting)


def _with_data() -> QuerySet[HeldEnrolment]:
    return HeldEnrolment.objects.filter(is_correction=False).exclude(data={})


def _may_be(case: HeldEnrolment, files: Sequence[UUID]) -> bool:
    return bool(set(case.candidates) & set(map(str, files)))


def _forget_held(person: Person, by: Actor, at: datetime) -> None:
    """Every enrolment of this person; one that waits is turned down. The lock of identities keeps others away."""
    state = HeldEnrolment.State
    corrections = HeldEnrolment.objects.filter(patient__in=person.files, is_correction=True)
    cases = list(corrections)
    for case in _with_data().exclude(state=state.LET_THROUGH, patient__isnull=False, patient__in=_others(person.files)):
        turned_down_as_theirs = case.state == state.TURNED_DOWN and _may_be(case, person.files)
        if case.patient_id in person.files or turned_down_as_theirs or person.is_enrolled_by(case.data):
            cases.append(case)
    for case in cases:
        if case.state == state.WAITING and not case.is_correction:
            decided = {"state": state.TURNED_DOWN, "decided_by": by.account, "decided_at": at}
            HeldEnrolment.objects.filter(pk=case.pk).update(**decided)
            tell_prescriber(case, at)
    _empty([case.pk for case in cases])


def _others(files: Sequence[UUID]) -> QuerySet[Patient]:
    return Patient.objects.exclude(pk__in=files)


def _empty(cases: Iterable[UUID]) -> int:
    """Nothing that was typed is left of these enrolments, nor of what was said about them."""
    ids = list(cases)
    Proposal.objects.filter(subject__in=ids).update(reason="")
    return HeldEnrolment.objects.filter(pk__in=ids).update(data={}, reason="")


def forget_turned_down(*, at: datetime) -> int:
    """Empty the enrolments that were turned down 30 days ago or earlier; how many there were."""
    old = _with_data().filter(state=HeldEnrolment.State.TURNED_DOWN, decided_at__lte=at - TURNED_DOWN_KEPT)
    return _empty(old.values_list("pk", flat=True))


# --- messages ---------------------------------------------------------------------------------------------


def _nobody_elses(addresses: Iterable[str]) -> set[str]:
    """Those of the addresses that nobody else has: a parent's may be that of another child too."""
    found = {address.lower() for address in addresses}
    for rows in (Patient.objects, Guardian.objects, User.objects):
        found -= set(rows.filter(email__in=found).values_list("email", flat=True))
    found -= set(User.objects.filter(invited_email__in=found).values_list("invited_email", flat=True))
    return found


def _forget_messages(person: Person, addresses: set[str], at: datetime) -> None:
    """What waits for them is not sent; nothing encrypted is left; the captured e-mails go last of all.

    A message that is on its way at this moment finds that it was dropped, and its captured e-mail goes as well.
    """
    accounts = {str(account) for account in person.accounts}
    for message in outbox.encrypted().select_for_update().order_by("pk"):
        if message.data.get("account") in accounts or _encrypted_in(message) & (accounts | addresses):
            outbox.drop(message, at=at)
    to_them = Q(kind__in=("invitation", "handed-over")) | Q(data__to__in=("patient", "guardian"))
    theirs = Q(data__account__in=accounts) | (Q(subject__in=person.files) & to_them)
    Message.objects.filter(theirs, delivered_at=None, dropped_at=None).update(dropped_at=at, outcome=NOT_WANTED)
    mail.forget_to(addresses)
    text_number.forget(person.accounts)


def _encrypted_in(message: Message) -> set[str]:
    """What stands encrypted in a message, in small letters; nothing where it cannot be read any more."""
    if sealed.is_sealed(message):
        return sealed.content_of(message)
    try:
        return {address_change.address_in(message)}
    except InvalidToken:
        return set()
