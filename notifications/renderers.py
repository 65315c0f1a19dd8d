"""Renderers of messages: recipient, words, and whether a message is still wanted when it goes out."""

import json
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.urls import reverse

import outbox
from accounts import address_change, recovery_letter, registration_link, set_password_link
from accounts.failed_attempts import MAX_FAILED_ATTEMPTS
from accounts.models import User
from accounts.roles import OFFICER, PRESCRIBER
from compliance.commands import address_change as address_changes
from compliance.commands import invitations, place_links, stops, transfers
from compliance.records.columns import ended_guardians
from compliance.records.file import read_file
from compliance.rules import due
from compliance.rules.editions import NoEdition
from compliance.words.notices import NOTICES
from ledger import checkpoints
from ledger.actor import Actor
from ledger.models import Checkpoint
from outbox import RenderedMessage
from outbox.models import Message
from patients.invitations import make_token
from patients.models import HeldEnrolment, Invitation, Prescriber
from patients.people import in_charge
from ui import times
from ui.navigation import Words

from . import recipients
from .recipients import open_account, open_prescriber


def register() -> None:
    """Register each renderer."""
    outbox.register("invitation", invitation)
    outbox.register("account", account)
    outbox.register("registration", registration)
    outbox.register(recovery_letter.KIND, recovery_letter.letter)
    outbox.register("password-closed", password_closed)
    outbox.register("address-confirm", address_confirm)
    outbox.register("address-asked", address_asked)
    outbox.register("address-replaced", address_replaced)
    outbox.register("declined", declined)
    outbox.register("held-enrolment", held_enrolment)
    for kind in ("file-linked", "file-unlinked"):
        outbox.register(kind, regrouped)
    for kind in ("signing-locked", "lookup-attack"):
        outbox.register(kind, to_officer)
    outbox.register("checkpoint", checkpoint)
    for kind in ("handed-over", "request-declined"):
        outbox.register(kind, to_patient)
    for kind in (*stops.KINDS, stops.MISTAKEN):
        outbox.register(kind, stop)
    outbox.register("offered-in-your-name", to_owner)
    outbox.register("handed-over-from-you", to_owner)
    outbox.register("offered-to-you", offered_to_you)
    outbox.register("offered-by-office", offered_by_office)
    for kind in ("test-due", "window-closing", "authorization-overdue"):
        outbox.register(kind, reminder)


def render(
    kind: str, to: str, *, path: str = "/", on: date | None = None, until: datetime | None = None
) -> RenderedMessage:
    """A message of that kind in words. Nobody knows where it is read: its days and times are the program's, by name."""
    words, values = NOTICES[kind], {"{link}": f"{settings.SITE_URL}{path}"}
    if until is not None:
        on, values["{time}"] = times.program_day_and_time(until)
    if on is not None:
        values["{date}"] = times.plain_day(on, "F j")

    def filled(text: Words) -> str:
        result = str(text)
        for name, value in values.items():
            result = result.replace(name, value)
        return result

    return RenderedMessage(to, filled(words.subject), filled(words.body))


def invitation(message: Message, at: datetime) -> RenderedMessage | None:
    """To the patient or guardian, while the invitation can still be accepted."""
    rows = Invitation.objects.select_related("patient", "guardian")
    row = rows.filter(pk=message.data["invitation"], accepted_at=None, revoked_at=None, expires_at__gt=at).first()
    if row is None or invitations.over(row, at) is not None:
        return None
    address = row.guardian.email if row.guardian else row.patient.email
    path = reverse("public:invitation", kwargs={"token": make_token(row.pk)})
    return render("invitation", address, path=path, until=row.expires_at) if address else None


def account(message: Message, at: datetime) -> RenderedMessage | None:
    """To the owner of a new account, until a password is chosen: the link, or, where the address has an account, a word
    about that. Which of the two, nobody learns but who reads the mail there.
    """
    user = User.objects.filter(pk=message.data["account"], is_active=True).first()
    if user is None or user.has_usable_password() or not user.address:
        return None
    token = set_password_link.make_token(user)
    if (owner := place_links.owner_of(user)) is not None:
        if place_links.what_it_opens(user, owner) == place_links.NOTHING:
            return render(f"{user.opened_as}-known", user.address, path=reverse("account_login"))
        return render(f"{user.opened_as}-joins", user.address, path=reverse("public:join", kwargs={"token": token}))
    path = reverse("public:set_password", kwargs={"token": token})
    return render("account", user.address, path=path)


def registration(message: Message, at: datetime) -> RenderedMessage:
    """To the address with which somebody wants to register: the link, or, where it has an account, a word about that.

    Which of the two, nobody learns but who reads the mail there.
    """
    address = outbox.facts_of(message)["address"]
    if User.objects.filter(email=address).exists():
        return render("registration-known", address, path=reverse("account_login"))
    token = registration_link.make_token(address)
    path = reverse(f"public:{outbox.facts_of(message)['what']}_registration", kwargs={"token": token})
    return render("registration", address, path=path)


def password_closed(message: Message, at: datetime) -> RenderedMessage | None:
    """To the owner of an account whose password was tried too often, until another one is chosen."""
    user = open_account(message.data["account"])
    if user is None or max(user.failed_attempts, user.failed_attempts_trusted) < MAX_FAILED_ATTEMPTS:
        return None
    return render("password-closed", user.email, path=reverse("account_reset_password"))


def address_confirm(message: Message, at: datetime) -> RenderedMessage | None:
    """To the new address of an account: the link by which it proves itself."""
    user, email = _owner(message), address_changes.address_in(message)
    if user is None:
        return None
    path = reverse("own_account:confirm_address", kwargs={"token": address_change.make_token(user, email)})
    return render("address-confirm", email, path=path)


def address_asked(message: Message, at: datetime) -> RenderedMessage | None:
    """To the present address of an account for which another one was asked for."""
    user = _owner(message)
    if user is None or not user.email:
        return None
    return render("address-asked", user.email, path=reverse("account_change_password"))


def _owner(message: Message) -> User | None:
    return User.objects.filter(pk=message.data["account"], is_active=True).first()


def address_replaced(message: Message, at: datetime) -> RenderedMessage | None:
    """To an address that is used no more."""
    return render("address-replaced", address_changes.address_in(message))


def declined(message: Message, at: datetime) -> RenderedMessage | None:
    """To the prescriber: somebody said no to an item."""
    return _to_prescriber("declined", message.subject)


def held_enrolment(message: Message, at: datetime) -> RenderedMessage | None:
    """To the prescriber whose enrolment the office decided on."""
    case = HeldEnrolment.objects.get(pk=message.data["held"])
    to = open_prescriber(case.prescriber_id)
    return render("held-enrolment", to.user.email, path=reverse("prescriber:practice")) if to else None


def regrouped(message: Message, at: datetime) -> RenderedMessage | None:
    """To the prescriber of a file that was linked with another, or is so no more: what was authorized is void."""
    return _to_prescriber(message.kind, message.subject)


def to_officer(message: Message, at: datetime) -> RenderedMessage | None:
    """To one officer."""
    officer = open_account(message.data["officer"])
    return render(message.kind, officer.email, path=reverse("office:accounts")) if officer else None


def to_patient(message: Message, at: datetime) -> RenderedMessage | None:
    """To the patient."""
    address = recipients.patient_email(message.subject)
    return render(message.kind, address) if address else None


def stop(message: Message, at: datetime) -> RenderedMessage | None:
    """To one account that must know of a stop, for as long as that account is open."""
    reader = open_account(message.data["account"])
    if reader is None or message.subject is None:
        return None
    path = reverse("prescriber:patient", kwargs={"patient": message.subject})
    return render(message.kind, reader.email, path=reverse("office:home") if reader.role == OFFICER else path)


def to_owner(message: Message, at: datetime) -> RenderedMessage | None:
    """To the prescriber whose patient was offered or handed over."""
    owner = open_prescriber(message.data["prescriber"])
    if owner is None or message.subject is None:
        return None
    of_patient = {"patient": message.subject}
    if message.kind == "offered-in-your-name":
        path = reverse("prescriber:patient", kwargs=of_patient)
    elif _can_take_back(owner, message.subject, at):
        path = reverse("prescriber:take_back", kwargs=of_patient)
    else:
        path = reverse("prescriber:home")
    return render(message.kind, owner.user.email, path=path)


def _can_take_back(owner: Prescriber, patient: UUID, at: datetime) -> bool:
    by = Actor(owner.user_id, PRESCRIBER, owner.pk)
    return transfers.can_take_back(read_file(patient, at).history(at), by, at)


def offered_to_you(message: Message, at: datetime) -> RenderedMessage | None:
    """To the prescriber to whom patients are offered, while one of them still is."""
    to = open_prescriber(message.data["prescriber"])
    if to is None or not to.offered.exists():
        return None
    return render(message.kind, to.user.email, path=reverse("prescriber:transfers"))


def offered_by_office(message: Message, at: datetime) -> RenderedMessage | None:
    """To the prescriber whose patients the program office hands over."""
    owner = open_prescriber(message.data["prescriber"])
    return render(message.kind, owner.user.email, path=reverse("prescriber:home")) if owner else None


def checkpoint(message: Message, at: datetime) -> RenderedMessage | None:
    """To one officer: a checkpoint in full, to be kept outside."""
    officer = open_account(message.data["officer"])
    if officer is None:
        return None
    signed_checkpoint = Checkpoint.objects.get(pk=message.data["number"])
    rendered = render("checkpoint", officer.email)
    text = json.dumps(checkpoints.public_form(signed_checkpoint), indent=1, sort_keys=True)
    subject = rendered.subject.replace("{number}", str(signed_checkpoint.number))
    return replace(rendered, subject=subject, body=rendered.body.replace("{text}", text))


def reminder(message: Message, at: datetime) -> RenderedMessage | None:
    """A reminder, if what it reminds of is still so: worked out once more from the log."""
    if message.subject is None or not _still_due(message, at):
        return None
    to, on = message.data["to"], message.data.get("by")
    day = date.fromisoformat(on) if on else None
    if to == "prescriber":
        return _to_prescriber(message.kind, message.subject, day)
    if to == "pharmacy":
        return _to_pharmacy(message)
    if to == "guardian":
        return _to_guardian(message, day, at)
    address = recipients.patient_email(message.subject)
    return render(message.kind, address, on=day) if address else None


def _still_due(message: Message, at: datetime) -> bool:
    assert message.subject is not None
    file = read_file(message.subject, at)
    moment = file.earliest(at)
    try:
        assessment = file.assess(moment)
    except NoEdition:
        return False
    wanted = {f"{message.subject}:{notice.key}": notice for notice in due.notices(assessment)}
    notice = wanted.get(message.key)
    return notice is not None and notice.due_at <= moment < notice.until


def _to_prescriber(kind: str, patient: UUID | None, on: date | None = None) -> RenderedMessage | None:
    address = recipients.practice_email(patient)
    return render(kind, address, on=on) if address else None


def _to_guardian(message: Message, on: date | None, at: datetime) -> RenderedMessage | None:
    assert message.subject is not None
    ended = ended_guardians(read_file(message.subject, at).entries)
    address = recipients.guardian_email(message.subject, besides=ended)
    if address:
        return render(message.kind, address, on=on)
    # Nobody can sign: the practice names a guardian. It gets one message, whichever of its own is due as well.
    own = message.key.removesuffix(":guardian") + ":prescriber"
    return None if Message.objects.filter(key=own).exists() else _to_prescriber(message.kind, message.subject, on)


def _to_pharmacy(message: Message) -> RenderedMessage | None:
    """To whoever is in charge there."""
    first = in_charge(UUID(message.data["pharmacy"]))
    return render(message.kind, first.user.email, path=reverse("pharmacy:list")) if first else None
