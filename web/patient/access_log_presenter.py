"""The access log in the patient's words: who has viewed the record."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from accounts.models import User
from accounts.roles import DESIGNEE, GUARDIAN, OFFICER, PHARMACIST, PRESCRIBER
from ledger.access_log import DailyAccess
from patients.models import Pharmacist, Prescriber


@dataclass(frozen=True, slots=True)
class AccessLine:
    """Who has viewed the record on one day, in words."""

    access: DailyAccess
    who: str
    what: str
    why: str


def lines(accesses: Sequence[DailyAccess]) -> list[AccessLine]:
    """Each access in words. One query a kind of person."""
    actors = {access.actor for access in accesses}
    names = dict(User.objects.filter(pk__in=actors).values_list("pk", "name"))
    places = _places(actors, accesses)
    return [
        AccessLine(access, _who(access, names, places), _what(access), _reason_words(access)) for access in accesses
    ]


def id_of(access: DailyAccess) -> str:
    """Which line it is, for an address: it says neither who nor when."""
    whose = f"{access.first.isoformat()}:{access.actor}:{access.role}:{access.acting_for}"
    return salted_hmac("web.access-log", whose, algorithm="sha256").hexdigest()[:16]


#: What the places of accounts are called: by account and role, of a designee by account and practice.
_Places = dict[tuple[UUID, str | UUID], str]


def _places(actors: set[UUID], accesses: Sequence[DailyAccess]) -> _Places:
    """The practice or pharmacy of each of them; of a pharmacist at several, all of them."""
    practices = Prescriber.objects.filter(user__in=actors).values_list("user", "practice_name")
    places: _Places = {(account, PRESCRIBER): name for account, name in practices}
    names = dict(Prescriber.objects.filter(pk__in={a.acting_for for a in accesses}).values_list("pk", "practice_name"))
    places |= {(a.actor, a.acting_for): names.get(a.acting_for, "") for a in accesses if a.acting_for is not None}
    rows = Pharmacist.objects.filter(user__in=actors).order_by("pharmacy__name", "id")
    for account, name in rows.values_list("user", "pharmacy__name"):
        before = places.get((account, PHARMACIST))
        places[account, PHARMACIST] = f"{before}, {name}" if before else name
    return places


def _who(access: DailyAccess, names: dict[UUID, str], places: _Places) -> str:
    name, place = names.get(access.actor, ""), places.get((access.actor, access.acting_for or access.role), "")
    if access.role in (PRESCRIBER, DESIGNEE):
        return f"{name}, {place}" if place else name
    if access.role == PHARMACIST:
        return place or _("A pharmacy")
    if access.role == GUARDIAN:
        return _("%(name)s, your guardian") % {"name": name}
    return _("The program office") if access.role == OFFICER else _("Clearfill itself")


def _what(access: DailyAccess) -> str:
    if "counter" in access.what:
        return _("asked whether you may get your medicine")
    if "export" in access.what:
        return _("made a copy for an inspection")
    # In old rows it is called `paper`.
    if not {"signed_pdf", "paper"}.isdisjoint(access.what):
        return _("opened a signed document")
    if access.role == PHARMACIST:
        return _("viewed an answer it got about you")
    if access.role == GUARDIAN:
        return _("viewed what there is to sign")
    return _("viewed your record")


#: Why somebody may view the record, in the patient's words. Every reason that is written down has its words.
REASON_WORDS = {
    "own-patient": _lazy("because you are their patient"),
    "delegate": _lazy("because they stand in for your prescriber"),
    "for-prescriber": _lazy("because they work for your prescriber"),
    "guardian": _lazy("because they sign for you"),
    "linked-file": _lazy("because the program office holds their patient to be you"),
    "handed-over": _lazy("because you were their patient until a short while ago"),
    "offered": _lazy("because you were to become their patient"),
    "program-office": _lazy("because the program office looks after all records"),
    "operator": _lazy("because somebody who runs the program asked for it"),
    "signer": _lazy("because they signed it"),
    "asked": _lazy("because you wanted your medicine there"),
    "obtained-here": _lazy("because the answer was given to them"),
    "self": "",
}


def _reason_words(access: DailyAccess) -> str:
    """The reasons, in words, each once."""
    return ", ".join(dict.fromkeys(str(REASON_WORDS[code]) for code in access.why if code in REASON_WORDS))
