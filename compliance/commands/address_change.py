"""The e-mail address, the name and the language of an account: changed by its owner; an address by a link sent to it.

Who has no address any more chooses a user name in its place; a new address takes the place of a user name.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial
from uuid import UUID, uuid4, uuid5

from django.db import IntegrityError, transaction

import outbox
from accounts import address_change, registration_link, sessions
from accounts.erased import MARK
from accounts.events import lock, note, still_open
from accounts.languages import LISTED
from accounts.models import User
from accounts.roles import GUARDIAN, PATIENT
from compliance.records.file import read_file
from compliance.rules.consents import is_minor
from compliance.rules.records import ContactCorrected, GuardianCorrected, Record
from ledger.actor import Actor
from ledger.encryption import cipher
from ledger.erasable_text import make_erasable
from ledger.idempotency import Refused, Request, Result, once
from ledger.models import ErasableText
from outbox import unreachable
from outbox.models import Message
from patients.models import Guardian, Patient

from . import identity, linking
from .decide import NotPermitted
from .entries import enter

_IN_MESSAGE = "compliance.address-in-message"


class AddressTaken(ValueError):
    """There is another account with that address."""


class NothingChanged(ValueError):
    """The name or the language is the one that the account has."""


class LinkOver(ValueError):
    """The account has another address or password by now, or is closed."""


def ask(*, user: User, email: str, by: Actor, at: datetime, key: UUID) -> None:
    """The owner wants to sign in by another address: a link goes to it, and a word to the present one.

    The same work whether that address has an account or not. Raises NotPermitted, KeyReused.
    """
    if by.account != user.pk:
        raise NotPermitted
    body = {"email": email.strip().lower()}
    request = Request(action="ask-address", by=by, at=at, key=key, body=body)
    once(request, partial(_lock_account, user.pk), partial(_ask, body["email"], request))


def _lock_account(account: UUID) -> User:
    """The account, locked. Raises NotPermitted where it is closed: nobody acts by it, nor gets an old answer."""
    user = User.objects.filter(pk=account, is_active=True).first() if lock(account) else None
    if user is None:
        raise NotPermitted
    return user


def _ask(email: str, request: Request, user: User) -> Result:
    send_link(user, email, at=request.at)
    return Result(subject=user.pk)


def send_link(user: User, email: str, *, at: datetime) -> None:
    """The link to the new address, and a word to the present one."""
    number, data = uuid4(), {"account": str(user.pk), "address": _encrypt(email)}
    messages = [
        Message(id=uuid4(), key=f"{kind}:{number}", kind=kind, subject=None, data=data, due_at=at)
        for kind in ("address-confirm", "address-asked")
    ]
    outbox.enqueue(messages, at=at)


def tell_old(email: str, *, at: datetime) -> None:
    """A word to an address that is used no more. That no e-mail reached it is over with it."""
    if not email:
        return
    unreachable.forget(email)
    message = Message(
        id=uuid4(), key=f"address-replaced:{uuid4()}", kind="address-replaced", subject=None, due_at=at,
        data={"address": _encrypt(email)},
    )  # fmt: skip
    outbox.enqueue([message], at=at)


def _encrypt(email: str) -> str:
    return cipher(_IN_MESSAGE).encrypt(email.encode()).decode()


def address_in(message: Message) -> str:
    """The address that a message of this module is about, which no row has."""
    return cipher(_IN_MESSAGE).decrypt(message.data["address"].encode()).decode()


def confirm(*, token: str, by: Actor, at: datetime, key: UUID, session: str = "") -> None:
    """The owner, signed in, has opened the link: the account signs in by the new address, and messages go to it.

    Every other session of the account ends; `session` is the key of the one that goes on. The address before is told.
    Raises LinkOver, AddressTaken, NotPermitted, KeyReused.
    """
    if not still_open(by)(None):
        raise NotPermitted
    try:
        change = address_change.change_of_token(token)
    except registration_link.LinkOver:
        raise LinkOver from None
    if change is None or change.account != by.account:
        raise LinkOver
    request = Request(action="confirm-address", by=by, at=at, key=key, body={"email": change.email})
    answer = once(request, partial(_lock, by.account), partial(_confirm, change.email, token, session, request))
    if "taken" in answer["codes"]:
        raise AddressTaken
    if answer["codes"]:
        raise LinkOver


def _lock(account: UUID) -> User:
    """Identities and files first, as whoever enters something; then the account."""
    identity.lock()
    own = Patient.objects.filter(user=account).values_list("pk", flat=True)
    linking.lock_groups([*own, *Guardian.objects.filter(user=account).values_list("patient", flat=True)])
    return _lock_account(account)


def _confirm(email: str, token: str, session: str, request: Request, user: User) -> Result:
    try:
        known = address_change.change_of_token(token)
    except registration_link.LinkOver:
        known = None
    if known is None or user.email == email:
        return Result(codes=("over",), subject=request.by.account)
    if User.objects.filter(email=email).exists():
        raise Refused("taken", subject=user.pk)
    old, user.email, user.user_name = user.email, email, ""
    try:
        with transaction.atomic():
            user.save(update_fields=["email", "user_name"])
    except IntegrityError:  # somebody else has just taken it
        raise Refused("taken", subject=user.pk) from None
    numbers = _note(user.pk, "address_changed", {"email": email}, request)
    _correct_files(user, {"email": email}, request)
    tell_old(old, at=request.at)
    sessions.end_others(user, session)
    return Result(subject=user.pk, records=numbers)


def give_up(*, user: User, user_name: str, by: Actor, at: datetime, key: UUID, session: str = "") -> None:
    """The owner has no e-mail address any more: the account signs in by a user name, and nothing is sent to them.

    Not for staff, who are written to. Every other session ends; the address before is told.
    Raises AddressTaken where somebody has that user name, LinkOver where there is no address, NotPermitted, KeyReused.
    """
    if by.account != user.pk or user.is_staff_account:
        raise NotPermitted
    request = Request(action="give-up-address", by=by, at=at, key=key, body={"user_name": user_name})
    answer = once(request, partial(_lock, user.pk), partial(_give_up, user_name, session, request))
    if "taken" in answer["codes"]:
        raise AddressTaken
    if answer["codes"]:
        raise LinkOver


def _give_up(user_name: str, session: str, request: Request, user: User) -> Result:
    if not user.email:
        return Result(codes=("over",), subject=user.pk)
    old, user.email, user.user_name = user.email, "", user_name
    try:
        with transaction.atomic():
            user.save(update_fields=["email", "user_name"])
    except IntegrityError:  # somebody has it
        raise Refused("taken", subject=user.pk) from None
    numbers = _note(user.pk, "address_changed", {"user_name": user_name}, request)
    _correct_files(user, {"email": ""}, request)
    tell_old(old, at=request.at)
    sessions.end_others(user, session)
    return Result(subject=user.pk, records=numbers)


def is_kept(account: UUID | None) -> bool:
    """Whether the practice cannot take the address of that account away: its owner signs in by it, or is of staff."""
    user = User.objects.filter(pk=account).first() if account is not None else None
    return user is not None and bool(user.email) and (user.has_usable_password() or user.is_staff_account)


def take_away(account: UUID, *, by: Actor, at: datetime, key: UUID) -> None:
    """In the caller's transaction: an account that nobody can open has no address any more, and opens by a letter."""
    lock(account)
    if User.objects.filter(pk=account).exclude(email="").update(email=""):
        _note(account, "address_changed", {}, Request(action="take-away", by=by, at=at, key=key, body={}))


def rename_account(account: UUID, name: str, *, by: Actor, at: datetime, key: UUID) -> None:
    """In the caller's transaction: the account has another name from now on."""
    request = Request(action="rename", by=by, at=at, key=key, body={})
    User.objects.filter(pk=account).update(name=name)
    _note(account, "name_corrected", {"name": name}, request)


def set_language(account: UUID, language: str, *, by: Actor, at: datetime, key: UUID) -> None:
    """In the caller's transaction: the practice has learned in which language the owner wants to be addressed."""
    request = Request(action="set-language", by=by, at=at, key=key, body={})
    User.objects.filter(pk=account).update(language=language)
    _note(account, "language_changed", {"language": language}, request)


def correct_name(*, user: User, name: str, by: Actor, at: datetime, key: UUID) -> None:
    """The owner's own name was wrong or has changed; for a guardian, beside each of their patients too.

    A patient's is for the practice to correct, which knows who they are.
    Raises NothingChanged, NotPermitted, KeyReused.
    """
    if by.role == PATIENT:
        raise NotPermitted
    request = Request(action="correct-name", by=by, at=at, key=key, body={"name": name})
    _correct_own(request, user, "name", name.strip(), "name_corrected")


def choose_language(*, user: User, language: str, by: Actor, at: datetime, key: UUID) -> None:
    """The owner says in which language they want to be addressed: in each of their files too. Empty: in none.

    What was signed stays as it is, in the language that was on the screen.
    Raises ValueError for a language that there is not, NothingChanged, NotPermitted, KeyReused.
    """
    if language not in LISTED:
        raise ValueError("no such language")
    request = Request(action="choose-language", by=by, at=at, key=key, body={"language": language})
    _correct_own(request, user, "language", language, "language_changed")


def correct_own_phone(*, user: User, phone: str, by: Actor, at: datetime, key: UUID) -> None:
    """A guardian's own telephone number, beside each of their minors. A patient's: `contacts.correct_patient`.

    Raises NothingChanged, NotPermitted, KeyReused.
    """
    if by.role != GUARDIAN or by.account != user.pk:
        raise NotPermitted
    request = Request(action="correct-own-phone", by=by, at=at, key=key, body={"phone": phone})
    if once(request, partial(_lock, user.pk), partial(_change_phone, phone.strip(), request))["codes"]:
        raise NothingChanged


def _change_phone(phone: str, request: Request, user: User) -> Result:
    rows = [guardian for guardian in _beside_minors(user, request.at) if guardian.phone != phone]
    for guardian in rows:
        about = (str(guardian.pk),)
        _enter(guardian.patient_id, request.by, GuardianCorrected, about, {"phone": phone}, request)
    return Result(subject=user.pk, codes=() if rows else ("nothing-changed",))


def _correct_own(request: Request, user: User, column: str, text: str, kind: str) -> None:
    """Change a column of the owner's own account, with an event of that kind, and the same in their files."""
    if request.by.account != user.pk:
        raise NotPermitted
    answer = once(request, partial(_lock, user.pk), partial(_change, column, text, kind, request))
    if answer["codes"]:
        raise NothingChanged


def _change(column: str, text: str, kind: str, request: Request, user: User) -> Result:
    if getattr(user, column) == text:
        return Result(codes=("nothing-changed",), subject=user.pk)
    setattr(user, column, text)
    user.save(update_fields=[column])
    numbers = _note(user.pk, kind, {column: text}, request)
    _correct_files(user, {column: text}, request)
    return Result(subject=user.pk, records=numbers)


def _note(account: UUID, kind: str, texts: dict[str, str], request: Request) -> list[int]:
    """An event in the account's log, with texts that can be erased."""
    erasable = {name: make_erasable(text, subject=account, at=request.at) for name, text in texts.items()}
    ErasableText.objects.bulk_create(erasable.values())
    data = {"sealed": {name: text.digest for name, text in erasable.items()}}
    return note(account, kind, by=request.by, at=request.at, data=data, key=uuid5(request.key, kind))


def _correct_files(user: User, texts: dict[str, str], request: Request) -> None:
    """The same in each file of the account: the patient's own, and those of the minors beside whom a guardian stands.

    In the file of somebody who is of age by now a guardian enters nothing any more.
    """
    # Nothing comes back to a file whose texts were erased. A patient's name is for the practice to correct.
    own = Patient.objects.filter(user=user).exclude(given_name=MARK)
    for patient in own if "name" not in texts else ():
        _enter(patient.pk, Actor(user.pk, PATIENT, patient.pk), ContactCorrected, (), texts, request)
    for guardian in _beside_minors(user, request.at):
        _enter(guardian.patient_id, Actor(user.pk, GUARDIAN), GuardianCorrected, (str(guardian.pk),), texts, request)


def _beside_minors(user: User, at: datetime) -> Iterator[Guardian]:
    """Where the account stands as a guardian, but for those who are of age by now."""
    for guardian in Guardian.objects.filter(user=user).exclude(name=MARK).order_by("id"):
        if is_minor(read_file(guardian.patient_id, at).history(at)):
            yield guardian


def _enter(
    patient: UUID, by: Actor, kind: type[Record], about: Iterable[str], texts: dict[str, str], request: Request
) -> None:
    named = {name: make_erasable(text, subject=patient, at=request.at) for name, text in texts.items()}
    reason = make_erasable("", subject=patient, at=request.at)
    record = kind(*about, {name: text.digest for name, text in named.items()}, reason.digest)  # type: ignore[call-arg]
    enter(
        patient=patient, records=[record], by=by, at=request.at, key=uuid5(request.key, f"{kind.kind}:{patient}"),
        texts=[*named.values(), reason], action="correct-own",
    )  # fmt: skip
