"""Forms that are pressed twice: whose, where, with what, and what comes before."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.test import Client
from django.urls import reverse

import outbox
from accounts import recovery, set_password_link
from accounts.models import User
from accounts.roles import PATIENT
from compliance import documents
from compliance.commands import certifying, comprehension, letters, text_number
from compliance.commands.certifying import Kind
from compliance.commands.consents import refuse
from compliance.commands.linking import unlink
from compliance.records.file import read_file
from compliance.rules.records import (
    Discontinued,
    EntryStruck,
    PregnancyReported,
    PregnancyTest,
    Record,
    TransferOffered,
)
from compliance.words.records import describe
from devtools.demo.second_factors import activate_app
from ledger import log
from ledger.actor import Actor
from ledger.erasable_text import make_erasable
from patients.models import Guardian, Patient
from tests import factories, linked
from tests.factories import PASSWORD, as_
from tests.histories import METHODS
from tests.web.opened import read_through, send

from .fixtures import SiteFixture
from .test_mass_assignment import _ENROL, _METHODS, _NEW, _TEST, accepted, own, sign


def nothing(site: SiteFixture) -> Mapping[str, Any]:
    return {}


def no_step(site: SiteFixture, client: Client) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Twice:
    """A form that is pressed twice: whose, where, with what; and what comes before it."""

    reader: str
    path: Callable[[SiteFixture], str]
    form: Callable[[SiteFixture], Mapping[str, Any]] = field(default=nothing)
    before: Callable[[SiteFixture, Client], None] = field(default=no_step)
    #: The page that the form stands on, where it is another.
    page: Callable[[SiteFixture], str] | None = None
    #: Whether only the sending tells what is written: a session, a message that is laid elsewhere.
    moves_nothing: bool = False


def at(name: str, **parts: Callable[[SiteFixture], object]) -> Callable[[SiteFixture], str]:
    """The address of that name."""
    return lambda site: reverse(name, kwargs={key: value(site) for key, value in parts.items()})


# --- what comes before ----------------------------------------------------------------------------
def invited_by_their_address(site: SiteFixture, client: Client) -> None:
    """The practice was told the address of the guardian's account."""
    Guardian.objects.filter(pk=site.invited_guardian.pk).update(email=site.readers["guardian"].email)


def without_addresses(site: SiteFixture, client: Client) -> None:
    """Neither the patient who was invited nor the guardian has an e-mail address."""
    Patient.objects.filter(pk=site.invited.pk).update(email="")
    Guardian.objects.filter(pk=site.invited_guardian.pk).update(email="")


def code_sent(site: SiteFixture, client: Client) -> None:
    """A code went to the number that the designee gave."""
    by = site.actor("designee")
    user = site.readers["designee"]
    text_number.ask(user=user, number="+12125550177", by=by, at=site.at, key=uuid4())
    outbox.deliver(at=site.at)


def number_confirmed(site: SiteFixture, client: Client) -> None:
    """Text messages go to the designee."""
    factories.text_number(site.readers["designee"], "+12125550177")


def typed_a_code(site: SiteFixture, client: Client) -> None:
    """The code of a letter to the patient, typed with the birth date."""
    without_addresses(site, client)
    letter = letters.print_letter(patient=site.invited.pk, by=site.actor("prescriber"), at=site.at, key=uuid4())
    form = {"code": letter.code, "born_on": f"{site.invited.born_on:%m/%d/%Y}", "key": str(uuid4())}
    assert client.post(reverse("public:letter"), form).status_code == 302


def added_by_their_address(site: SiteFixture, client: Client) -> None:
    """The designee who has not opened the link yet was added by the address of an account."""
    address = site.readers["other guardian"].email
    User.objects.filter(pk=_fresh(site)).update(email="", invited_email=address)


def join_token(site: SiteFixture) -> str:
    """The link of the designee who has not opened it yet, as it goes to the present address."""
    return set_password_link.make_token(User.objects.get(pk=_fresh(site)))


def _fresh(site: SiteFixture) -> UUID:
    account = set_password_link.account_of(site.set_password_token)
    assert account is not None
    return account


def stopped(site: SiteFixture, client: Client) -> None:
    assert site.clinic.enter(site.patient, PregnancyTest(site.at.date(), "positive", "laboratory"))


def reported(site: SiteFixture, client: Client) -> None:
    form = {"key": str(uuid4())}
    assert client.post(reverse("patient:pregnant"), form).status_code == 302


def reports_side_effects(site: SiteFixture, client: Client) -> None:
    form = {"symptoms": ["yellow"], "key": str(uuid4())}
    assert as_(site.readers["patient"]).post(reverse("patient:side_effects"), form).status_code == 302


def answers_one(site: SiteFixture, client: Client) -> None:
    form = {"item": "1", "answer": "0", "key": str(uuid4())}
    assert client.post(reverse("patient:feeling"), form).status_code == 302


def offered(site: SiteFixture, client: Client) -> None:
    assert site.clinic.enter(site.patient, TransferOffered(str(site.clinic.other.pk)))


def asked(site: SiteFixture, client: Client) -> None:
    """The patient said no to a text, and asked."""
    patient = site.patient
    assert patient.user_id is not None
    refuse(
        patient=patient.pk, document="birth-defects", by=Actor(patient.user_id, PATIENT, patient.pk), at=site.at,
        key=uuid4(), question=make_erasable("Why two?", subject=patient.pk, at=site.at),
    )  # fmt: skip


def unlinked(w: SiteFixture, client: Client) -> None:
    """The twin's file stands by itself: its course is not in the way of another."""
    linked.unlink(w.twin.pk, at=w.at)


def turned_down(site: SiteFixture, client: Client) -> None:
    """The office turned the practice and the pharmacy down."""
    counter = site.readers["applicant at the counter"].pharmacists.get().pharmacy_id
    places: list[tuple[Kind, UUID]] = [("prescriber", site.applicant.pk), ("pharmacy", counter)]
    for kind, subject in places:
        reason = make_erasable("x", subject=subject, at=site.at)
        by = site.actor("officer")
        certifying.turn_down(kind=kind, subject=subject, reason=reason, by=by, at=site.at, key=uuid4())


def ended(site: SiteFixture, client: Client) -> None:
    assert site.clinic.enter(site.patient, Discontinued("moved"))


def uncounselled(site: SiteFixture, client: Client) -> None:
    """The visits of the month were entered in error: another one counts."""
    for row in log.read(site.patient.pk):
        if row.kind == "counselled":
            assert site.clinic.enter(site.patient, EntryStruck(row.number, "x"))


def read(site: SiteFixture, client: Client) -> None:
    """Everything is answered, and is signed next."""
    read_through(client, "/patient/sign/birth-defects/en/1/")


def read_by_guardian(site: SiteFixture, client: Client) -> None:
    read_through(client, f"/guardian/{site.minor.pk}/sign/birth-defects/en/1/")


def signed_by_guardian(site: SiteFixture, client: Client) -> None:
    read_by_guardian(site, client)
    path = f"/guardian/{site.minor.pk}/sign/birth-defects/en/signature/"
    assert send(client, path, signed(site, "guardian") | {"key": str(uuid4())}).status_code == 302


def asked_another(site: SiteFixture, client: Client) -> None:
    path = reverse("patient:ask_prescriber", kwargs={"prescriber": site.clinic.other.pk})
    assert client.post(path, {"key": str(uuid4())}).status_code == 302


def recovery_requested(site: SiteFixture, client: Client) -> None:
    recovery.request(account=site.readers["patient"], by=site.actor("second officer"), at=site.at, key=uuid4())


def asked_who(site: SiteFixture, client: Client) -> None:
    """Whoever changes what opens the account has just said who they are."""
    client.post("/account/reauthenticate/", {"password": PASSWORD})


def with_app(site: SiteFixture, client: Client) -> None:
    activate_app(site.readers["patient"], "JBSWY3DPEHPK3PXP")
    asked_who(site, client)


def elsewhere(site: SiteFixture, client: Client) -> None:
    """Signed in on another device too."""
    for _ in range(2):
        Client().post(reverse("account_login"), {"login": site.readers["patient"].email, "password": PASSWORD})
    asked_who(site, client)


# --- forms ----------------------------------------------------------------------------------------
def answers(site: SiteFixture, right: bool = True) -> dict[str, str]:
    """Answers to the month's questions, all of them right or none."""
    user = site.readers["patient"]
    found = read_file(site.patient.pk, site.at).assess(site.at)
    asked = comprehension.current(patient=site.patient.pk, account=user.pk, assessment=found)
    return {q.id: str(q.right if right else (q.right + 1) % len(q.choices)) for q in asked.questions}


def surveyed(site: SiteFixture) -> dict[str, str]:
    """The survey of a pharmacist, all right."""
    bank = documents.questions(version=1, bank="survey-pharmacist")
    return {"version": "1"} | {question.id: str(question.right) for question in bank}


def end_asked(site: SiteFixture, client: Client) -> None:
    by = site.actor("officer")
    assert not unlink(file=site.twin.pk, reason="not the same", by=by, at=site.at, key=uuid4())


def linking(site: SiteFixture) -> dict[str, str]:
    return {"first": site.patient.number, "second": site.minor.number, "reason": "x",
            "version_token": f"{site.patient.pk}:{site.minor.pk}"}  # fmt: skip


def month(site: SiteFixture) -> dict[str, Any]:
    return _TEST | {"visit_on": "2026-12-14"} | _METHODS | sign(site.readers["prescriber"], "monthly-prescriber")


def signed(site: SiteFixture, reader: str) -> dict[str, str]:
    return {"signer_password": PASSWORD}


def repetition(site: SiteFixture, record: Record) -> str:
    """What the page sends along that repeats an entry by which treatment stops."""
    rows = [str(site.patient.pk), " ".join(map(str, describe(record)))]
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def by_doctor(site: SiteFixture, code: str) -> dict[str, str]:
    """The prescriber's signature on that text."""
    return sign(site.readers["prescriber"], code)


def looked_at(site: SiteFixture) -> Mapping[str, Any]:
    """A prescription whose capsules the prescriber has seen."""
    form = {"product": "claravis", "weight": "60", "unit": "kg", "target": "0.5", "daily_mg": "", "days_supply": "30"}
    path = reverse("prescriber:entry", kwargs={"patient": site.patient.pk, "slug": "prescription"})
    answer = factories.as_(site.readers["prescriber"]).post(path, form | {"key": str(uuid4())})
    return form | {"told": answer.context["form"].fields["told"].initial}


REASON = {"reason": "x"}
ENTRIES: dict[str, tuple[Callable[[SiteFixture], Mapping[str, Any]], Callable[[SiteFixture, Client], None]]] = {
    "month": (month, no_step),
    "test": (lambda w: _TEST, no_step),
    "booking": (lambda w: {"booked_on": "2026-12-20"}, no_step),
    "prescription": (looked_at, no_step),
    "health": (lambda w: {"allergies": ["peanut"], "conditions": ["lipids"], "other": "hay fever"}, no_step),
    "laboratory": (
        lambda w: {"drawn_on": "2026-12-14", "fasting": "yes", "alt_0": "34", "alt_1": "U/L", "alt_2": ""}, no_step),
    "laboratory-plan": (lambda w: {"plan": "own", "months": ["0", "2"]}, no_step),
    "visit": (lambda w: {"visit_on": "2026-12-14"}, uncounselled),
    "methods": (lambda w: _METHODS | sign(w.readers["prescriber"], "monthly-prescriber"), no_step),
    "home-testing": (
        lambda w: {"permitted": "yes", "safeguard": "on video"} | by_doctor(w, "permitting-home-tests"), no_step),
    "category": (
        lambda w: {"category": "cannot_become_pregnant", "reason": "hysterectomy"} | by_doctor(w, "changing-category"),
        no_step),
    "birth-date": (
        lambda w: {"born_on": "04/03/2001"} | REASON | by_doctor(w, "correcting-birth-date"), no_step),
    "contact": (
        lambda w: {"given_name": "Anna", "family_name": w.patient.family_name, "email": "anna@example.org",
                   "phone": "", "reason": "x", "given_name_before": w.patient.given_name,
                   "family_name_before": w.patient.family_name, "email_before": w.patient.email, "phone_before": ""},
        no_step),
    "answer": (
        lambda w: {"report": str(log.read(w.patient.pk)[-1].number), "talked": "on", "words": "It will pass."},
        reports_side_effects),
    "clear-stop": (lambda w: REASON | sign(w.readers["prescriber"], "clearing-stop"), stopped),
    "pregnancy": (lambda w: {"sure": "on", "repeated": repetition(w, PregnancyReported())}, no_step),
    "discontinue": (lambda w: {"dose": "no"} | REASON, no_step),
    "hand-over": (lambda w: {"npi": w.clinic.other.npi}, no_step),
    "take-back": (nothing, offered),
    "question": (nothing, asked),
    "last-dose": (lambda w: {"dose": "yes", "last_dose_on": "2026-12-14"} | REASON, ended),
    "course": (lambda w: {"category": "can_become_pregnant"}, ended),
}  # fmt: skip


def _just(form: Mapping[str, Any], site: SiteFixture) -> Mapping[str, Any]:
    return form


_PLACE = {"name": "Elsewhere", "phone": "212 555 0177", "address": "1 New Road", "reason": "moved"}


def _of(w: SiteFixture) -> object:
    return w.patient.pk


TWICE: dict[str, Twice] = {
    # before signing in
    "ask to register a practice": Twice(
        reader="nobody", path=at("public:register_practice"), form=lambda w: {"email": "new@example.org"}),
    "ask to register a pharmacy": Twice(
        reader="nobody", path=at("public:register_pharmacy"), form=lambda w: {"email": "new@example.org"}),
    "register practice": Twice(
        reader="nobody", path=lambda w: factories.registration("practice"),
        form=lambda w: _NEW | {"practice_name": "New", "npi": factories.npi()}),
    "register pharmacy": Twice(
        reader="nobody", path=lambda w: factories.registration("pharmacy"),
        form=lambda w: _NEW | {"pharmacy_name": "New", "npi": factories.npi()}),
    "accept an invitation": Twice(
        reader="nobody", path=at("public:invitation", token=lambda w: w.own_invitation), form=accepted),
    "accept a guardian's": Twice(
        reader="nobody", path=at("public:invitation", token=lambda w: w.guardian_invitation), form=accepted),
    "accept another's as a guardian": Twice(
        reader="guardian", path=at("public:invitation", token=lambda w: w.guardian_invitation), form=accepted,
        before=invited_by_their_address),
    "take the place that was opened for one's address": Twice(
        reader="other guardian", path=at("public:join", token=join_token), before=added_by_their_address),
    "accept with a wrong birth date": Twice(
        reader="nobody", path=at("public:invitation", token=lambda w: w.own_invitation),
        form=lambda w: accepted(w) | {"born_on": "01/02/1990"}),
    "choose a password": Twice(
        reader="nobody", path=at("public:set_password", token=lambda w: w.set_password_token),
        form=lambda w: {"password1": PASSWORD}),
    # the prescriber
    "enrol": Twice(reader="prescriber", path=at("prescriber:enrol"), form=lambda w: _ENROL),
    "enrol one who is known": Twice(
        reader="other prescriber", path=at("prescriber:enrol"),
        form=lambda w: _ENROL | {"given_name": w.minor.given_name, "family_name": w.minor.family_name,
                                 "born_on": f"{w.minor.born_on:%m/%d/%Y}", "guardian_name": "G",
                                 "guardian_email": "g@example.org"}),
    "add a designee": Twice(
        reader="prescriber", path=at("prescriber:practice"), form=lambda w: {"name": "N", "email": "n@example.org"}),
    "add a designee whose address is taken": Twice(
        reader="prescriber", path=at("prescriber:practice"),
        form=lambda w: {"name": "N", "email": w.readers["patient"].email}),
    "certify oneself anew": Twice(
        reader="prescriber", path=at("prescriber:recertify"),
        form=lambda w: sign(w.readers["prescriber"], "prescriber-attestation")),
    "set the laboratory schedule": Twice(
        reader="prescriber", path=at("prescriber:laboratory_schedule"), form=lambda w: {"months": ["0", "1"]}),
    "name a delegate": Twice(
        reader="prescriber", path=at("prescriber:add_delegate"), form=lambda w: {"npi": w.clinic.other.npi}),
    "end a delegation": Twice(
        reader="prescriber", path=at("prescriber:end_delegate", delegate=lambda w: w.delegation.pk),
        page=at("prescriber:practice")),
    "close a designee's account": Twice(
        reader="prescriber",
        path=at("prescriber:deactivate_designee", designee=lambda w: w.readers["designee"].designees.get().pk)),
    "accept an offer": Twice(
        reader="other prescriber", path=at("prescriber:answer_transfer", patient=lambda w: w.offered.pk),
        form=lambda w: {"decision": "accept"}, page=at("prescriber:transfers")),
    "decline an offer": Twice(
        reader="other prescriber", path=at("prescriber:answer_transfer", patient=lambda w: w.offered.pk),
        form=lambda w: {"decision": "decline"}, page=at("prescriber:transfers")),
    "invite again": Twice(
        reader="designee", path=at("prescriber:invite", patient=lambda w: w.invited.pk),
        page=at("prescriber:patient", patient=lambda w: w.invited.pk)),
    "invite a guardian again": Twice(
        reader="prescriber", page=at("prescriber:patient", patient=lambda w: w.invited.pk),
        path=at("prescriber:invite_guardian", patient=lambda w: w.invited.pk,
                guardian=lambda w: w.invited_guardian.pk)),
    "print a letter": Twice(
        reader="designee", path=at("prescriber:letter", patient=lambda w: w.invited.pk), before=without_addresses,
        page=at("prescriber:patient", patient=lambda w: w.invited.pk)),
    "print a guardian's letter": Twice(
        reader="prescriber", page=at("prescriber:patient", patient=lambda w: w.invited.pk), before=without_addresses,
        path=at("prescriber:guardian_letter", patient=lambda w: w.invited.pk,
                guardian=lambda w: w.invited_guardian.pk)),
    "open an account by the code of a letter": Twice(
        reader="nobody", path=at("public:letter_account"), before=typed_a_code,
        form=lambda w: {"user_name": "maple-river-42", "password1": PASSWORD}),
    "name a guardian": Twice(
        reader="designee", path=at("prescriber:name_guardian", patient=lambda w: w.invited.pk),
        form=lambda w: {"name": "G", "email": "g2@example.org"}),
    **{f"{what} a guardian": Twice(
        reader="prescriber", form=partial(_just, form),
        path=at(f"prescriber:{what}_guardian", patient=lambda w: w.invited.pk,
                guardian=lambda w: w.invited_guardian.pk))
       for what, form in (
           ("correct", {"name": "Gina", "email": "g3@example.org", "reason": "x", "name_before": "Paula",
                         "email_before": "p"}),
           ("replace", {"name": "Gina", "email": "g3@example.org", "reason": "x"}), ("end", REASON))},
    "correct a practice": Twice(reader="prescriber", path=at("prescriber:practice_contact"), form=lambda w: _PLACE),
    "correct a pharmacy": Twice(reader="pharmacist", path=at("pharmacy:contact"), form=lambda w: _PLACE),
    "correct a place": Twice(
        reader="officer", form=lambda w: {**_PLACE, "npi": w.prescriber.npi},
        path=at("office:place_contact", kind=lambda w: "prescriber", subject=lambda w: w.prescriber.pk)),
    "void an entry": Twice(
        reader="prescriber", path=lambda w: own(f"void/{w.voidable}")(w),
        form=lambda w: REASON | sign(w.readers["prescriber"], "striking")),
    **{f"enter {slug}": Twice(reader="prescriber", path=own(slug), form=form, before=before)
       for slug, (form, before) in ENTRIES.items()},
    "enter a designee's month": Twice(
        reader="designee", path=own("month"), form=lambda w: _TEST | {"visit_on": "2026-12-14"}),
    "enter what the rules refuse": Twice(reader="prescriber", path=own("take-back"), moves_nothing=True),
    "a delegate's test": Twice(reader="delegate", path=own("test"), form=lambda w: _TEST),
    # the patient and the guardian
    "look for a prescriber": Twice(
        reader="patient", path=at("patient:find_prescriber"), form=lambda w: {"sought": "Practice"},
        moves_nothing=True),
    "ask for a prescriber": Twice(
        reader="patient", path=at("patient:ask_prescriber", prescriber=lambda w: w.clinic.other.pk)),
    "take the request back": Twice(
        reader="patient", path=at("patient:take_request_back"), before=asked_another, page=at("patient:prescriber")),
    "answer a section": Twice(
        reader="patient", path=at("patient:section", document=lambda w: "birth-defects", language=lambda w: "en",
                                  section=lambda w: 1), form=lambda w: {"answer": "yes"}),
    "say no to a section": Twice(
        reader="patient", path=at("patient:section", document=lambda w: "birth-defects", language=lambda w: "en",
                                  section=lambda w: 1), form=lambda w: {"answer": "no"}),
    "ask with a no to a section": Twice(
        reader="patient", path=at("patient:section", document=lambda w: "birth-defects", language=lambda w: "en",
                                  section=lambda w: 1), form=lambda w: {"answer": "no", "question": "Why two?"}),
    "sign": Twice(
        reader="patient", path=at("patient:signature", document=lambda w: "birth-defects", language=lambda w: "en"),
        form=lambda w: signed(w, "patient"), before=read),
    "refuse to sign": Twice(reader="patient", path=at("patient:refuse", document=lambda w: "birth-defects")),
    "refuse to sign, and ask": Twice(
        reader="patient", path=at("patient:refuse", document=lambda w: "birth-defects"),
        form=lambda w: {"question": "Why two?"}),
    "withdraw": Twice(
        reader="patient", path=at("patient:withdraw", document=lambda w: "birth-defects"),
        form=lambda w: {"sure": "on"}),
    "the patient's methods": Twice(
        reader="patient", path=at("patient:methods"),
        form=lambda w: {"methods": list(METHODS)} | sign(w.readers["patient"], "monthly-patient")),
    "all questions right": Twice(reader="patient", path=at("patient:questions"), form=answers),
    "no question right": Twice(
        reader="patient", path=at("patient:questions"), form=lambda w: answers(w, right=False)),
    "maybe pregnant": Twice(reader="patient", path=at("patient:pregnant")),
    "how one feels": Twice(reader="patient", path=at("patient:feeling"), form=lambda w: {"item": "1", "answer": "3"}),
    "how one feels, to the end": Twice(
        reader="patient", path=at("patient:feeling"), form=lambda w: {"item": "2", "answer": "0"}, before=answers_one),
    "thoughts of harm": Twice(
        reader="patient", path=at("patient:feeling"), form=lambda w: {"item": "9", "answer": "1"}),
    "side effects": Twice(
        reader="patient", path=at("patient:side_effects"),
        form=lambda w: {"symptoms": ["yellow", "dry-lips"], "words": "since Monday"}),
    "a missed period": Twice(reader="patient", path=at("patient:problem", what=lambda w: "missed")),
    "add an officer": Twice(
        reader="officer", path=at("office:add_officer"),
        form=lambda w: {"name": "New One", "email": "officer-new@example.org"}),
    "book one's own test": Twice(
        reader="patient", path=at("patient:booking"), form=lambda w: {"booked_on": "2026-12-20"}),
    "say what has changed": Twice(
        reader="patient", path=at("patient:health"), form=lambda w: {"words": "a new vitamin"}),
    "say that nothing has changed": Twice(
        reader="patient", path=at("patient:health_unchanged"), page=at("patient:health")),
    "open the guide": Twice(reader="patient", path=at("patient:open_guide"), page=at("patient:home")),
    "pressed by mistake": Twice(reader="patient", path=at("patient:mistake"), before=reported),
    "a guardian's section": Twice(
        reader="guardian", path=at("guardian:section", patient=lambda w: w.minor.pk,
                                   document=lambda w: "birth-defects", language=lambda w: "en", section=lambda w: 1),
        form=lambda w: {"answer": "yes"}),
    "a guardian signs": Twice(
        reader="guardian", path=at("guardian:signature", patient=lambda w: w.minor.pk,
                                   document=lambda w: "birth-defects", language=lambda w: "en"),
        form=lambda w: signed(w, "guardian"), before=read_by_guardian),
    "a guardian withdraws": Twice(
        reader="guardian", path=at("guardian:withdraw", patient=lambda w: w.minor.pk,
                                   document=lambda w: "birth-defects"), before=signed_by_guardian,
        form=lambda w: {"sure": "on"}),
    "a guardian refuses": Twice(
        reader="guardian", path=at("guardian:refuse", patient=lambda w: w.minor.pk,
                                   document=lambda w: "birth-defects")),
    # the counter
    "authorize": Twice(
        reader="pharmacist", path=at("pharmacy:home"), before=unlinked,
        form=lambda w: {"number": w.twin.number, "born_on": f"{w.twin.born_on:%m/%d/%Y}", "days_supply": "30"}),
    "a no": Twice(
        reader="pharmacist", path=at("pharmacy:home"), moves_nothing=True,
        form=lambda w: {"number": w.patient.number, "born_on": "04/02/2001", "days_supply": "30"}),
    "look nobody up": Twice(
        reader="pharmacist", path=at("pharmacy:home"), moves_nothing=True,
        form=lambda w: {"number": w.patient.number, "born_on": "04/02/1999", "days_supply": "30"}),
    "dispense": Twice(
        reader="pharmacist", path=at("pharmacy:dispense", authorization=lambda w: w.authorization.pk),
        form=lambda w: {"handed_over_on": "2026-12-15"},
        page=at("pharmacy:authorization", authorization=lambda w: w.authorization.pk)),
    "reverse": Twice(
        reader="pharmacist", path=at("pharmacy:reverse", authorization=lambda w: w.authorization.pk),
        page=at("pharmacy:authorization", authorization=lambda w: w.authorization.pk)),
    "reverse several": Twice(
        reader="pharmacist", path=at("pharmacy:reverse_several"), page=at("pharmacy:list"), before=stopped,
        form=lambda w: {"back_in_stock": [str(w.authorization.pk)]}),
    "add a colleague": Twice(
        reader="pharmacist", path=at("pharmacy:profile"), form=lambda w: {"name": "N", "email": "n@example.org"}),
    "close a colleague's account": Twice(
        reader="pharmacist", path=at(
            "pharmacy:deactivate_colleague",
            colleague=lambda w: w.readers["colleague at the counter"].pharmacists.get().pk)),
    "train": Twice(
        reader="pharmacist", path=at("pharmacy:training"),
        form=lambda w: sign(w.readers["pharmacist"], "pharmacy-attestation")),
    # the survey
    "answer the survey": Twice(reader="pharmacist", path=at("surveys:survey"), form=surveyed),
    "put the survey off": Twice(reader="patient", path=at("surveys:later"), page=at("surveys:survey")),
    # the office
    "ask what another edition would have answered": Twice(
        reader="officer", path=at("office:what_if"), form=lambda w: {"edition": "2023", "sample": "100"},
        moves_nothing=True),
    "follow a pregnancy up": Twice(
        reader="officer", path=at("office:case", patient=lambda w: w.expecting.pk, number=lambda w: w.case),
        form=lambda w: {"outcome": "pending", "exposure": "exposed", "cause": "unknown", "gestation_weeks": "7"}),
    "open a case from a signal": Twice(
        reader="officer", path=at("office:signal", signal=lambda w: w.signal.pk),
        form=lambda w: {"signals": [str(w.signal.pk)], "note": "Look."}),
    "open a case by hand": Twice(
        reader="officer", form=lambda w: {"note": "A call."},
        path=at("office:open_case", kind=lambda w: "prescriber", subject=lambda w: w.prescriber.pk)),
    "ask for a plan": Twice(
        reader="officer", form=lambda w: {"text": "Send one.", "due": "2026-12-30"},
        path=at("office:compliance_step", kind=lambda w: "prescriber", subject=lambda w: w.prescriber.pk,
                number=lambda w: w.compliance_case["prescriber"], step=lambda w: "plan-asked")),
    "answer the office as a practice": Twice(
        reader="prescriber", form=lambda w: {"text": "We were late."},
        path=at("prescriber:answer_case", number=lambda w: w.compliance_case["prescriber"], step=lambda w: "reply")),
    "appeal as a pharmacy": Twice(
        reader="pharmacist", form=lambda w: {"text": "It was not us."},
        path=at("pharmacy:answer_case", number=lambda w: w.compliance_case["pharmacy"], step=lambda w: "appeal")),
    "record a look-up in a register": Twice(
        reader="officer",
        path=at("office:check_register", kind=lambda w: "prescriber", subject=lambda w: w.applicant.pk),
        form=lambda w: {"register": "nppes", "looked_up": w.applicant.npi, "result": "agrees", "found": ""}),
    "approve": Twice(
        reader="officer", page=at("office:certifications"),
        path=at("office:decide", kind=lambda w: "prescriber", subject=lambda w: w.applicant.pk,
                action=lambda w: "approve")),
    "reinstate": Twice(
        reader="officer", page=at("office:certifications"),
        path=at("office:decide", kind=lambda w: "prescriber", subject=lambda w: w.suspended.pk,
                action=lambda w: "reinstate")),
    "turn an application down": Twice(
        reader="officer", form=lambda w: REASON,
        path=at("office:turn_down", kind=lambda w: "prescriber", subject=lambda w: w.applicant.pk)),
    "apply again with a practice": Twice(
        reader="applicant", path=at("prescriber:apply_again"), before=turned_down,
        form=lambda w: sign(w.readers["applicant"], "prescriber-attestation")),
    "apply again with a pharmacy": Twice(
        reader="applicant at the counter", path=at("pharmacy:apply_again"), before=turned_down,
        form=lambda w: sign(w.readers["applicant at the counter"], "pharmacy-attestation")),
    "suspend": Twice(
        reader="officer", form=lambda w: REASON,
        path=at("office:suspend", kind=lambda w: "prescriber", subject=lambda w: w.prescriber.pk)),
    "turn a held enrolment down": Twice(
        reader="officer", path=at("office:decide_held", held=lambda w: w.held.pk),
        form=lambda w: {"decision": "down"}),
    "let a held enrolment through": Twice(
        reader="officer", path=at("office:decide_held", held=lambda w: w.held.pk),
        form=lambda w: {"decision": "through", "reason": "both were called"}),
    "hand over patients": Twice(
        reader="officer", path=at("office:hand_over", prescriber=lambda w: w.prescriber.pk),
        form=lambda w: {"npi": w.clinic.other.npi, "whom": "chosen", "patients": [str(w.patient.pk)]}),
    "hand over all patients": Twice(
        reader="officer", path=at("office:hand_over", prescriber=lambda w: w.prescriber.pk),
        form=lambda w: {"npi": w.clinic.other.npi, "whom": "all"}),
    "link two files": Twice(reader="officer", path=at("office:links"), form=linking),
    "end a link": Twice(
        reader="officer", path=at("office:end_link", patient=lambda w: w.twin.pk), form=lambda w: REASON),
    "confirm the end of a link": Twice(
        reader="second officer", path=at("office:end_link", patient=lambda w: w.twin.pk), before=end_asked),
    "confirm a link": Twice(
        reader="second officer", path=at("office:confirm_link", proposal=lambda w: w.proposal.pk)),
    "confirm a link that one asked for oneself": Twice(
        reader="officer", path=at("office:confirm_link", proposal=lambda w: w.proposal.pk), page=at("office:links"),
        moves_nothing=True),
    "ask for an erasure": Twice(
        reader="officer", path=at("office:erasures"), form=lambda w: {"number": w.patient.number}),
    "confirm an erasure": Twice(
        reader="second officer", path=at("office:confirm_erasure", patient=lambda w: w.gone.pk),
        page=at("office:erasures")),
    "confirm an erasure that one asked for oneself": Twice(
        reader="officer", path=at("office:confirm_erasure", patient=lambda w: w.gone.pk), moves_nothing=True,
        page=at("office:erasures")),
    "request account recovery": Twice(
        reader="officer", path=at("office:accounts"),
        form=lambda w: {"email": w.readers["patient"].email, "sure": "on"}),
    "confirm account recovery": Twice(
        reader="officer", path=at("office:confirm_recovery", account=lambda w: w.readers["patient"].pk),
        before=recovery_requested, page=at("office:accounts")),
    "close an account": Twice(
        reader="officer", path=at("office:deactivate_account", account=lambda w: w.readers["prescriber"].pk)),
    "open an account again": Twice(
        reader="officer", path=at("office:reactivate_account", account=lambda w: w.closed.pk)),
    # one's own account
    "correct one's own name": Twice(
        reader="designee", path=at("own_account:name"), form=lambda w: {"name": "Another Name"}),
    "change one's own phone number": Twice(
        reader="patient", path=at("own_account:phone"), form=lambda w: {"phone": "212 555 0166"}),
    "choose one's own language": Twice(
        reader="patient", path=at("own_account:language"), form=lambda w: {"language": "es"}),
    "make a calendar address": Twice(reader="patient", path=at("calendar:dates")),
    "make a new calendar address as a guardian": Twice(reader="guardian", path=at("calendar:dates")),
    "switch a calendar address off": Twice(
        reader="patient", path=at("calendar:switch_off"), page=at("calendar:dates")),
    "choose one's own messages": Twice(
        reader="patient", path=at("own_account:messages"), form=lambda w: {"on": ["patient.supply-ending.email"]},
        moves_nothing=True),
    "ask for a code to a number": Twice(
        reader="designee", path=at("own_account:text_number"), form=lambda w: {"phone": "212 555 0177"}),
    "confirm a number": Twice(
        reader="designee", path=at("own_account:text_code"), before=code_sent,
        form=lambda w: {"code": factories.code_in_newest_text()}, moves_nothing=True),
    "remove a number": Twice(
        reader="designee", path=at("own_account:remove_text_number"), page=at("own_account:text_number"),
        before=number_confirmed, moves_nothing=True),
    "switch the language in the header": Twice(
        reader="patient", path=at("own_account:switch_language"), form=lambda w: {"to": "es"},
        page=at("home")),
    "ask for another address": Twice(
        reader="patient", path=at("own_account:address"), form=lambda w: {"email": "another@example.org"},
        before=asked_who),
    "go on without an address": Twice(
        reader="patient", path=at("own_account:user_name"), form=lambda w: {"user_name": "maple-river-42"},
        before=asked_who),
    "confirm another address": Twice(
        reader="patient", path=at("own_account:confirm_address", token=lambda w: w.new_address)),
    "end another session": Twice(
        reader="patient", path=at("end_session", session=lambda w: w.session.pk), before=asked_who,
        moves_nothing=True),
    "end all other sessions": Twice(
        reader="patient", path=at("usersessions_list"), before=elsewhere, moves_nothing=True),
    "ask for a link": Twice(
        reader="nobody", path=at("account_reset_password"), form=lambda w: {"email": w.readers["patient"].email}),
    "make recovery codes": Twice(
        reader="patient", path=at("mfa_generate_recovery_codes"),
        before=with_app),
    "remove the app": Twice(
        reader="patient", path=at("remove_app"), before=with_app),
    "rename a passkey": Twice(
        reader="fellow patient", path=at("mfa_edit_webauthn", pk=lambda w: w.passkey.pk),
        form=lambda w: {"name": "Yours"}, before=asked_who),
    "remove a passkey": Twice(
        reader="fellow patient", path=at("remove_passkey", pk=lambda w: w.passkey.pk), before=asked_who),
}  # fmt: skip
