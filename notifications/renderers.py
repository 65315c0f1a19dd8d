"""Renderers of messages: recipient, words, and whether a message is still wanted when it goes out.

Each answers a `ForReader`: in one place (`register`) it is then known to whom a message goes, and decided when.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

from django.urls import reverse

import outbox
from accounts import address_change, recovery_letter, registration_link, set_password_link
from accounts.failed_attempts import MAX_FAILED_ATTEMPTS
from accounts.models import User
from accounts.roles import DESIGNEE, OFFICER
from compliance.commands import address_change as address_changes
from compliance.commands import invitations, place_links, stops, transfers
from compliance.records.file import File
from compliance.rules.blockers import GUARDIAN, OFFICE, PATIENT, PRESCRIBER
from compliance.words.notices import words_of
from ledger import checkpoints
from ledger.actor import Actor
from ledger.models import Checkpoint
from outbox import digests
from outbox.box import Renderer
from outbox.models import Message
from patients.invitations import make_token
from patients.language import language_of
from patients.models import Invitation, Prescriber

from . import digest, places, recipients, silence
from .channels import as_chosen, in_place
from .digest import LineRenderer
from .kinds import ADDRESS, KINDS, OWNER
from .recipients import OF, About, Recipient, divide, open_account
from .reminders import practice, reminder
from .rendering import Content, ForReader, render
from .sources import HELD, Sources
from .timing import timing_of


def register() -> None:
    """Register what renders each kind: one function for all that follow from the file, one of `RENDERERS` otherwise."""
    for code, kind in KINDS.items():
        renderer = as_chosen(reminder if kind.from_file else RENDERERS[code])
        outbox.register(code, renderer, timing_of(kind), in_place)


def _to_account(kind: str, user: User, *, path: str = "/", to: str = "", side: str = OWNER) -> ForReader:
    """A message that is about no patient."""
    reader = replace(recipients.of_user(user), address=to or user.address)
    return render(words_of(kind), reader, side, Content(path=path))


def _to_address(kind: str, address: str, *, path: str = "/", language: str = "") -> ForReader:
    """A message to somebody of whom no more is known than that."""
    return render(words_of(kind), Recipient("", address, language), ADDRESS, Content(path=path))


def invitation(message: Message, at: datetime) -> ForReader | None:
    """To the patient or guardian, while the invitation can still be accepted."""
    rows = Invitation.objects.select_related("patient__prescriber", "patient__user", "guardian__user")
    row = rows.filter(pk=message.data["invitation"], accepted_at=None, revoked_at=None, expires_at__gt=at).first()
    if row is None or invitations.over(row, at) is not None:
        return None
    person = row.guardian or row.patient
    if not person.email:
        return None
    content = Content(
        path=reverse("public:invitation", kwargs={"token": make_token(row.pk)}), until=row.expires_at,
        patient=row.patient, over_at=row.expires_at,
    )  # fmt: skip
    side = GUARDIAN if row.guardian else PATIENT
    return render(words_of("invitation"), recipients.invited(person), side, content)


def account(message: Message, at: datetime) -> ForReader | None:
    """To the owner of a new account, until a password is chosen: the link, or, where the address has an account, a word
    about that. Which of the two, nobody learns but who reads the mail there.
    """
    user = User.objects.filter(pk=message.data["account"], is_active=True).first()
    if user is None or user.has_usable_password() or not user.address:
        return None
    token = set_password_link.make_token(user)
    if (owner := place_links.owner_of(user)) is not None:
        if place_links.what_it_opens(user, owner) == place_links.NOTHING:
            return _to_account(f"{user.opened_as}-known", user, path=reverse("account_login"))
        return _to_account(f"{user.opened_as}-joins", user, path=reverse("public:join", kwargs={"token": token}))
    path = reverse("public:set_password", kwargs={"token": token})
    return _to_account("account", user, path=path)


def registration(message: Message, at: datetime) -> ForReader:
    """To the address with which somebody wants to register: the link, or, where it has an account, a word about that.

    Which of the two, nobody learns but who reads the mail there.
    """
    address = outbox.facts_of(message)["address"]
    if User.objects.filter(email=address).exists():
        return _to_address("registration-known", address, path=reverse("account_login"))
    token = registration_link.make_token(address)
    path = reverse(f"public:{outbox.facts_of(message)['what']}_registration", kwargs={"token": token})
    return _to_address("registration", address, path=path)


def password_closed(message: Message, at: datetime) -> ForReader | None:
    """To the owner of an account whose password was tried too often, until another one is chosen."""
    user = open_account(message.data["account"])
    if user is None or max(user.failed_attempts, user.failed_attempts_trusted) < MAX_FAILED_ATTEMPTS:
        return None
    return _to_account("password-closed", user, path=reverse("account_reset_password"))


def address_confirm(message: Message, at: datetime) -> ForReader | None:
    """To the new address of an account: the link by which it proves itself."""
    user, email = _owner(message), address_changes.address_in(message)
    if user is None:
        return None
    path = reverse("own_account:confirm_address", kwargs={"token": address_change.make_token(user, email)})
    return _to_account("address-confirm", user, path=path, to=email)


def address_asked(message: Message, at: datetime) -> ForReader | None:
    """To the present address of an account for which another one was asked for."""
    user = _owner(message)
    if user is None or not user.email:
        return None
    return _to_account("address-asked", user, path=reverse("account_change_password"))


def _owner(message: Message) -> User | None:
    return User.objects.filter(pk=message.data["account"], is_active=True).first()


def number_confirm(message: Message, at: datetime) -> ForReader | None:
    """The code that proves a telephone number, to that number."""
    facts = outbox.facts_of(message)
    user = User.objects.filter(pk=facts["account"], is_active=True).first()
    if user is None:
        return None
    to = Recipient("", "", language_of(user), number=facts["number"])
    return render(words_of(message.kind), to, OWNER, Content(values={"{code}": facts["code"]}))


def address_replaced(message: Message, at: datetime) -> ForReader | None:
    """To an address that is used no more."""
    return _to_address("address-replaced", address_changes.address_in(message))


def to_practice(message: Message, at: datetime, sources: Sources | None = None) -> ForReader | None:
    """To the prescriber and who covers, about a patient."""
    who = (sources or Sources(at)).about(message.subject)
    if who is None or (to := divide(message, practice(who, message.kind, at))) is None:
        return None
    path = reverse("prescriber:patient", kwargs={"patient": message.subject})
    return render(words_of(message.kind), to, PRESCRIBER, Content(path=path, patient=who.patient))


def held_enrolment(message: Message, at: datetime, sources: Sources | None = None) -> ForReader | None:
    """To the prescriber whose enrolment the office decided on."""
    sources = sources or Sources(at)
    to = sources.open_prescriber(sources.held(message.data[HELD]).prescriber_id)
    if to is None:
        return None
    return _to_account("held-enrolment", to.user, path=reverse("prescriber:practice"), side=PRESCRIBER)


def to_officer(message: Message, at: datetime) -> ForReader | None:
    """To one officer."""
    officer = open_account(message.data["officer"])
    path = reverse(KINDS[message.kind].office_page)
    return _to_account(message.kind, officer, path=path, side=OFFICE) if officer else None


def application_waiting(message: Message, at: datetime) -> ForReader | None:
    """To one officer, while the application waits."""
    return to_officer(message, at) if places.still_waits(message, at) else None


def worker_silent(message: Message, at: datetime) -> ForReader | None:
    """To one officer, while the worker is silent."""
    return to_officer(message, at) if silence.lasts(at) else None


def to_patient(message: Message, at: datetime) -> ForReader | None:
    """To the patient."""
    who = recipients.about(message.subject)
    if who is None or not who.patients:
        return None
    content = Content(path=reverse("patient:home"), patient=who.patient)
    return render(words_of(message.kind), who.patients[0], PATIENT, content)


def stop_to_patient(message: Message, at: datetime) -> ForReader | None:
    """To the patient, while a stop is open: the page says what to do now."""
    assert message.subject is not None
    file = Sources(at).file(message.subject)
    if file.history(file.earliest(at)).stops.since is None:
        return None
    return to_patient(message, at)


def stop(message: Message, at: datetime) -> ForReader | None:
    """To one account that must know of a stop, for as long as that account is open."""
    reader, who = open_account(message.data["account"]), recipients.about(message.subject)
    if reader is None or who is None:
        return None
    to = recipients.of_user(reader)
    if message.data.get("as") == DESIGNEE:
        to = replace(to, by_choice=True)
        if to not in who.designees(message.kind):
            return None
    elif message.data.get("as") != OFFICER:
        _tell_designees(message, who)
    officer = reader.role == OFFICER
    path = reverse("office:home") if officer else reverse("prescriber:patient", kwargs={"patient": message.subject})
    content = Content(path=path, patient=who.patient)
    return render(words_of(message.kind), to, OFFICE if officer else PRESCRIBER, content)


def _tell_designees(message: Message, who: About) -> None:
    """One for each designee who chose it, of one key whoever of the practice is written to first."""
    about = message.data.get(OF, message.key).rpartition(":")[0]
    messages = [
        Message(
            key=f"{about}:{one.code}", kind=message.kind, subject=message.subject, due_at=message.due_at,
            data={"account": one.code, "as": DESIGNEE},
        )
        for one in who.designees(message.kind)
    ]  # fmt: skip
    outbox.enqueue(messages, at=message.due_at)


def to_owner(message: Message, at: datetime, sources: Sources | None = None) -> ForReader | None:
    """To the prescriber whose patient was offered or handed over."""
    sources = sources or Sources(at)
    owner, who = sources.open_prescriber(message.data["prescriber"]), sources.about(message.subject)
    if owner is None or who is None or message.subject is None:
        return None
    of_patient = {"patient": message.subject}
    if message.kind == "offered-in-your-name":
        path = reverse("prescriber:patient", kwargs=of_patient)
    elif _can_take_back(owner, sources.file(message.subject), at):
        path = reverse("prescriber:take_back", kwargs=of_patient)
    else:
        path = reverse("prescriber:home")
    content = Content(path=path, patient=who.patient)
    return render(words_of(message.kind), recipients.of_user(owner.user), PRESCRIBER, content)


def _can_take_back(owner: Prescriber, file: File, at: datetime) -> bool:
    by = Actor(owner.user_id, PRESCRIBER, owner.pk)
    return transfers.can_take_back(file.history(at), by, at)


def offered_to_you(message: Message, at: datetime, sources: Sources | None = None) -> ForReader | None:
    """To the prescriber to whom patients are offered, while one of them still is."""
    sources = sources or Sources(at)
    to = sources.open_prescriber(message.data["prescriber"])
    if to is None or not sources.has_offers(to):
        return None
    return _to_account(message.kind, to.user, path=reverse("prescriber:transfers"), side=PRESCRIBER)


def offered_by_office(message: Message, at: datetime, sources: Sources | None = None) -> ForReader | None:
    """To the prescriber whose patients the program office hands over."""
    owner = (sources or Sources(at)).open_prescriber(message.data["prescriber"])
    if owner is None:
        return None
    return _to_account(message.kind, owner.user, path=reverse("prescriber:home"), side=PRESCRIBER)


def checkpoint(message: Message, at: datetime) -> ForReader | None:
    """To one officer: a checkpoint in full, to be kept outside."""
    officer = open_account(message.data["officer"])
    if officer is None:
        return None
    signed_checkpoint = Checkpoint.objects.get(pk=message.data["number"])
    text = json.dumps(checkpoints.public_form(signed_checkpoint), indent=1, sort_keys=True)
    values = {"{number}": str(signed_checkpoint.number), "{text}": text}
    return render(words_of("checkpoint"), recipients.of_user(officer), OFFICE, Content(values=values))


#: What renders each kind of a digest's lines that a command enqueues; all others follow from the file.
LINES: Mapping[str, LineRenderer] = {
    **{code: reminder for code, kind in KINDS.items() if kind.from_file and kind.in_digest},
    **dict.fromkeys(("declined", "file-linked", "file-unlinked"), to_practice),
    **dict.fromkeys(("offered-in-your-name", "handed-over-from-you"), to_owner),
    "held-enrolment": held_enrolment,
    "offered-to-you": offered_to_you,
    "offered-by-office": offered_by_office,
    "application-approved": lambda line, at, _sources: places.approved(line, at),
    "application-turned-down": lambda line, at, _sources: places.turned_down(line, at),
    "case-letter": lambda line, at, _sources: places.case_letter(line, at),
    "certification-ending": lambda line, at, _sources: places.ending(line, at),
}

#: What renders each kind that a command enqueues.
RENDERERS: Mapping[str, Renderer] = {
    "invitation": invitation,
    "account": account,
    "registration": registration,
    recovery_letter.KIND: recovery_letter.letter,
    "password-closed": password_closed,
    "address-confirm": address_confirm,
    "address-asked": address_asked,
    "address-replaced": address_replaced,
    "number-confirm": number_confirm,
    "declined": to_practice,
    "file-linked": to_practice,
    "file-unlinked": to_practice,
    "held-enrolment": held_enrolment,
    "nobody-acts": to_officer,
    "application-approved": places.approved,
    "application-turned-down": places.turned_down,
    "case-letter": places.case_letter,
    "application-waiting": application_waiting,
    "certification-ending": places.ending,
    digests.DIGEST: partial(digest.digest, renderers=LINES),
    "log-alarm": to_officer,
    "columns-differ": to_officer,
    silence.KIND: worker_silent,
    "signing-locked": to_officer,
    "lookup-attack": to_officer,
    "checkpoint": checkpoint,
    "handed-over": to_patient,
    "request-declined": to_patient,
    **dict.fromkeys((*stops.KINDS, stops.MISTAKEN, stops.PROBLEM, stops.REPORT), stop),
    stops.TO_PATIENT: stop_to_patient,
    stops.ANSWERED: to_patient,
    "offered-in-your-name": to_owner,
    "handed-over-from-you": to_owner,
    "offered-to-you": offered_to_you,
    "offered-by-office": offered_by_office,
}
