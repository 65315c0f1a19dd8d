"""Access control of every address: its object, and the answer to each reader, by GET and by POST.

`test_every_address_of_ours_stands_in_the_table` fails for a new address without a row. A row says whose the object is,
who may open it, and what a POST without useful fields answers.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.urls import reverse

from compliance.words.urgent import PROBLEMS
from web.prescriber.entry_types import ENTRY_TYPES

from .fixtures import SiteFixture

#: The role of each reader, and therefore what the role alone opens.
ROLE = {
    "prescriber": "prescriber", "delegate": "prescriber", "other prescriber": "prescriber",
    "designee": "designee", "other designee": "designee",
    "patient": "patient", "fellow patient": "patient", "other patient": "patient",
    "guardian": "guardian", "other guardian": "guardian",
    "pharmacist": "pharmacist", "colleague at the counter": "pharmacist", "other pharmacist": "pharmacist",
    "officer": "officer", "second officer": "officer",
    "applicant": "prescriber", "applicant at the counter": "pharmacist",
}  # fmt: skip
EVERYBODY = tuple(ROLE)
PRESCRIBERS = ("prescriber", "delegate", "other prescriber")
PRACTICES = (*PRESCRIBERS, "designee", "other designee")
OWN = ("prescriber", "delegate")
PRACTICE = (*OWN, "designee")
PATIENTS = ("patient", "fellow patient", "other patient")
GUARDIANS = ("guardian", "other guardian")
COUNTERS = ("pharmacist", "colleague at the counter", "other pharmacist")
COUNTER = ("pharmacist", "colleague at the counter")
OFFICE = ("officer", "second officer")

#: The answer to GET and to POST. 422: the form is shown again. 405: no such method there.
Answer = tuple[int, int]
READ: Answer = (200, 405)
FORM: Answer = (200, 422)
PRESS: Answer = (405, 302)
#: To whom the program office has not approved: a page that says so, and nothing is taken.
NOT_YET = {"applicant": (200, 403)}
NOT_YET_AT_THE_COUNTER = {"applicant at the counter": (200, 403)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One address with one object: for whom it opens, and what they get. Everybody else in the role finds nothing."""

    name: str
    about: Callable[[SiteFixture], dict[str, Any]] = field(default=lambda site: {})
    open_to: tuple[str, ...]
    answer: Answer
    #: The roles that have such a page at all; None: those of `open_to`. Any other is forbidden.
    roles: tuple[str, ...] | None = None
    #: Readers who get something else again.
    but: Mapping[str, Answer] = field(default_factory=dict)
    public: bool = False
    #: Whether the role is asked before the method.
    role_first: bool = False

    def path(self, site: SiteFixture) -> str:
        return reverse(self.name, kwargs=self.about(site))

    def expected(self, reader: str) -> Answer:
        if reader in self.but:
            return self.but[reader]
        if self.public or reader in self.open_to:
            return self.answer
        if reader == "nobody":
            return (302, 302)
        roles = self.roles or tuple({ROLE[other] for other in self.open_to})
        shut = 404 if ROLE[reader] in roles else 403
        get, post = (0, 0) if self.role_first and shut == 403 else self.answer
        return (405 if get == 405 else shut, 405 if post == 405 else shut)


def _row(name: str, open_to: tuple[str, ...], answer: Answer, **more: object) -> Row:
    return Row(name=name, open_to=open_to, answer=answer, **more)  # type: ignore[arg-type]


def _public(name: str, answer: Answer, **more: object) -> Row:
    return _row(name, (), answer, public=True, **more)


def _patient(site: SiteFixture) -> dict[str, Any]:
    return {"patient": site.patient.pk}


_ANY = ("prescriber", "designee", "patient", "guardian", "pharmacist", "officer")
PUBLIC = [
    _public("live", (200, 200)),
    _public("healthz", (200, 200)),
    _public("readyz", (503, 503)),  # as "worker"
    # No provider sends here: there is no such page.
    _public("mail_events", (405, 404)),
    # The page for text messages tells nothing.
    _public("sms_events", (405, 403)),
    _public("ready", (200, 200)),
    _public("worker", (503, 503)),  # beside the tests there is none
    _public("metrics", (200, 200)),
    _row("signed_in", EVERYBODY, (200, 200)),
    _row("stay", EVERYBODY, (200, 200)),
    _row("places:choose", EVERYBODY, (200, 422)),
    # One's own is ended, after saying once more who one is.
    _row("end_session", ("patient",), PRESS, roles=_ANY, about=lambda w: {"session": w.session.pk}),
    # Nobody has an app to part with; a passkey is its owner's, who says once more who they are.
    _row("remove_app", (), (404, 404), roles=_ANY),
    _row("remove_passkey", ("fellow patient",), (302, 302), roles=_ANY, about=lambda w: {"pk": w.passkey.pk}),
    _row("home", EVERYBODY, (302, 302), but={"nobody": (200, 200)}),
    _row("own_account:name", tuple(one for one in EVERYBODY if one not in PATIENTS), FORM),
    _row("own_account:phone", (*PATIENTS, *GUARDIANS), FORM),
    _row("own_account:language", EVERYBODY, FORM),
    _row("own_account:messages", EVERYBODY, FORM),
    # These files have no number yet: it is entered first.
    _row("own_account:text_number", EVERYBODY, FORM, but=dict.fromkeys((*PATIENTS, *GUARDIANS), (302, 302))),
    _row("own_account:text_code", EVERYBODY, FORM),
    _row("own_account:remove_text_number", EVERYBODY, PRESS),
    _public("own_account:switch_off", (404, 404), about=lambda w: {"token": w.own_invitation}),
    _public("own_account:switch_off", (200, 200), about=lambda w: {"token": w.unsubscribe_token}),
    _public("own_account:switch_language", (302, 302)),
    _public("own_account:switch_theme", (302, 405)),
    # The style guide is there in the demo alone.
    _public("styleguide:index", (404, 405)),
    _public("styleguide:page", (404, 405), about=lambda w: {"name": "text"}),
    # Whoever asks says once more who they are.
    _row("own_account:address", EVERYBODY, (302, 302)),
    _row("own_account:user_name", EVERYBODY, (302, 302)),
    _row(
        "own_account:confirm_address",
        ("patient",),
        FORM,
        roles=(),
        but={"nobody": (302, 302)} | {other: FORM for other in EVERYBODY if other != "patient"},
        about=lambda w: {"token": w.new_address},
    ),
    # A secret address, whoever opens it; and one that is none.
    _public("calendar:feed", READ, about=lambda w: {"token": w.calendar_token}),
    _public("calendar:feed", (404, 405), about=lambda w: {"token": w.own_invitation.replace("/", "")}),
    _public("own_account:confirm_address", (404, 404), about=lambda w: {"token": w.own_invitation}),
    _public("public:invitation", FORM, about=lambda w: {"token": w.own_invitation}),
    _public("public:invitation", FORM, about=lambda w: {"token": w.guardian_invitation}),
    _public("public:invitation", (404, 404), about=lambda w: {"token": w.guardian_invitation[:-1] + "~"}),
    _public("public:set_password", FORM, about=lambda w: {"token": w.set_password_token}),
    _public("public:join", FORM, about=lambda w: {"token": w.set_password_token}),
    _public("public:set_password_old", FORM, about=lambda w: {"token": w.set_password_token}),
    _public("public:set_password", (404, 404), about=lambda w: {"token": w.own_invitation}),
    _public("public:letter", FORM),
    _public("public:glossary", READ),
    # Whoever has not typed a code is told to type it.
    _public("public:letter_account", FORM),
    _public("public:register_practice", FORM),
    _public("public:register_pharmacy", FORM),
    _public("public:registration_letter", READ),
    _public("public:practice_registration", FORM, about=lambda w: {"token": w.registration}),
    _public("public:pharmacy_registration", FORM, about=lambda w: {"token": w.registration}),
    _public("public:practice_registration", (404, 404), about=lambda w: {"token": w.own_invitation}),
]

#: The entries that a designee makes too.
FOR_BOTH = {
    "month", "health", "laboratory", "laboratory-plan", "test", "booking", "visit", "pregnancy", "contact", "answer",
    "question",
}  # fmt: skip
PRESCRIBER = [
    _row("prescriber:home", (*PRACTICES, "applicant"), (200, 302), but={"applicant": (200, 403)}),
    _row("prescriber:enrol", PRESCRIBERS, FORM, but=NOT_YET),
    _row("prescriber:practice", PRESCRIBERS, FORM, roles=("prescriber", "designee"),
         but=NOT_YET | {"designee": (200, 403), "other designee": (200, 403)}),
    _row("prescriber:cases", (*PRESCRIBERS, "applicant"), READ),
    _row("prescriber:case", ("prescriber",), READ, about=lambda w: {"number": w.compliance_case["prescriber"]}),
    _row("prescriber:case_letter", ("prescriber",), READ,
         about=lambda w: {"number": w.compliance_case["prescriber"], "letter": w.compliance_case["prescriber"] + 1}),
    _row("prescriber:answer_case", ("prescriber",), FORM,
         about=lambda w: {"number": w.compliance_case["prescriber"], "step": "reply"}),
    _row("prescriber:recertify", (*PRESCRIBERS, "applicant"), FORM),
    _row("prescriber:apply_again", (*PRESCRIBERS, "applicant"), FORM),
    # No stop is open.
    _row(
        "prescriber:stopped", (), (404, 404), roles=("prescriber", "designee"),
        about=lambda w: {"patient": w.patient.pk}),
    # Nobody was handed over in anybody's name.
    _row(
        "prescriber:take_back", (), (404, 404), roles=("prescriber",), but=NOT_YET,
        about=lambda w: {"patient": w.patient.pk}),
    _row("prescriber:add_delegate", PRESCRIBERS, FORM, but=NOT_YET),
    _row("prescriber:end_delegate", ("prescriber",), PRESS, about=lambda w: {"delegate": w.delegation.pk}),
    _row("prescriber:deactivate_designee", ("prescriber",), FORM,
         about=lambda w: {"designee": w.readers["designee"].designees.get().pk}),
    _row("prescriber:transfers", (*PRESCRIBERS, "applicant"), READ),
    # Whoever offers a patient does not accept for the other; and nobody accepts without saying so.
    _row("prescriber:answer_transfer", ("other prescriber",), (405, 400), about=lambda w: {"patient": w.offered.pk},
         but={"applicant": (405, 403)}),
    _row("prescriber:answer_transfer", (), (405, 404), roles=("prescriber",), about=_patient,
         but={"applicant": (405, 403)}),
    _row("prescriber:patient", PRACTICE, READ, about=_patient),
    _row("prescriber:invite", PRACTICE, PRESS, about=lambda w: {"patient": w.invited.pk}),
    # Both have an address: nothing is printed, which the patient's page says.
    _row("prescriber:letter", PRACTICE, PRESS, about=lambda w: {"patient": w.invited.pk}),
    _row("prescriber:guardian_letter", PRACTICE, PRESS,
         about=lambda w: {"patient": w.invited.pk, "guardian": w.invited_guardian.pk}),
    _row("prescriber:guardian_letter", (), (405, 404), roles=("prescriber", "designee"),
         about=lambda w: {"patient": w.patient.pk, "guardian": w.invited_guardian.pk}),
    # Whoever has an account already is invited no more.
    _row("prescriber:invite", (), (405, 404), roles=("prescriber", "designee"), about=_patient),
    *(_row(f"prescriber:{name}_guardian", PRACTICE, FORM,
           about=lambda w: {"patient": w.invited.pk, "guardian": w.invited_guardian.pk})
      for name in ("correct", "replace", "end")),
    *(_row(f"prescriber:{name}_guardian", (), (404, 404), roles=("prescriber", "designee"),
           about=lambda w: {"patient": w.patient.pk, "guardian": w.invited_guardian.pk})
      for name in ("correct", "replace", "end")),
    _row("prescriber:name_guardian", PRACTICE, FORM, about=lambda w: {"patient": w.invited.pk}),
    _row("prescriber:laboratory_schedule", PRESCRIBERS, FORM, but=NOT_YET),
    _row("prescriber:practice_contact", (*PRESCRIBERS, "applicant"), FORM),
    _row("prescriber:invite_guardian", PRACTICE, PRESS,
         about=lambda w: {"patient": w.invited.pk, "guardian": w.invited_guardian.pk}),
    # The guardian of one patient is not that of another.
    _row("prescriber:invite_guardian", (), (405, 404), roles=("prescriber", "designee"),
         about=lambda w: {"patient": w.patient.pk, "guardian": w.invited_guardian.pk}),
    _row("prescriber:void_entry", OWN, FORM, about=lambda w: _patient(w) | {"number": w.voidable}),
    # An entry that cannot be voided, and one that does not exist.
    *(_row("prescriber:void_entry", (), (404, 404), roles=("prescriber",),
           about=lambda w, n=n: _patient(w) | {"number": n}) for n in (0, 1, 999, 10**12)),
    *(_row("prescriber:entry", PRACTICE if slug in FOR_BOTH else OWN, FORM,
           about=lambda w, s=slug: _patient(w) | {"slug": s},
           but={} if slug in FOR_BOTH else {"designee": (403, 403), "other designee": (403,
               403)}) for slug in ENTRY_TYPES),
    _row("prescriber:entry", (), (404, 404), roles=("prescriber", "designee"),
         about=lambda w: _patient(w) | {"slug": "role"}),
]  # fmt: skip

_TEXT: dict[str, Any] = {"document": "birth-defects", "language": "en"}
PATIENT = [
    _row("patient:home", PATIENTS, READ),
    _row("calendar:dates", (*PATIENTS, *GUARDIANS), (200, 422)),
    _row("calendar:switch_off", (*PATIENTS, *GUARDIANS), PRESS),
    # A date of one's own; of the authorization that is open.
    _row("calendar:date", ("patient",), READ, roles=("patient", "guardian"), about=lambda w: {"occasion": w.occasion}),
    _row("patient:record", PATIENTS, READ),
    _row("patient:access_log", PATIENTS, READ),
    *(_row(f"patient:{name}", PATIENTS, READ) for name in ("record_pdf", "record_json", "wallet_card")),
    _row("patient:prescriber", PATIENTS, READ),
    _row("patient:find_prescriber", PATIENTS, FORM),
    # Nobody asks for their own.
    _row("patient:ask_prescriber", ("patient", "fellow patient"), FORM,
         about=lambda w: {"prescriber": w.clinic.other.pk}),
    # Nor for one who is not certified.
    _row("patient:ask_prescriber", (), (404, 404), roles=("patient",),
         about=lambda w: {"prescriber": w.readers["delegate"].prescriber.pk}),
    _row("patient:take_request_back", PATIENTS, PRESS),
    # The other patient is not enrolled: there is nothing to sign.
    *(_row(f"patient:{name}", ("patient", "fellow patient"), answer, about=lambda w, k=kwargs: k, role_first=True)
      for name, answer, kwargs in (
          ("sign", READ, {"document": "birth-defects"}),
          ("refuse", (200, 422), {"document": "birth-defects"}),
          ("section", FORM, _TEXT | {"section": 1}),
          # Not answered yet: back to the first section.
          ("signature", (302, 302), _TEXT),
          ("withdraw", FORM, {"document": "birth-defects"}),
          ("questions", FORM, {}),
          ("methods", FORM, {}),
      )),
    *(_row("patient:section", (), (404, 404), roles=("patient",), about=lambda w, k=kwargs: k)
      for kwargs in (_TEXT | {"section": 0}, _TEXT | {"section": 99}, _TEXT | {"section": 1, "language": "xx"})),
    _row("patient:sign", (), (404, 405), roles=("patient",), about=lambda w: {"document": "striking"}, role_first=True),
    _row("patient:withdraw", (), (404, 404), roles=("patient",), about=lambda w: {"document": "monthly-patient"}),
    # Nothing is asked each month of whoever has no course.
    _row("patient:methods", PATIENTS, FORM, but={"other patient": (404, 404)}),
    _row("patient:pregnant", PATIENTS, FORM),
    _row("patient:urgent", PATIENTS, READ),
    _row("patient:help_now", PATIENTS, READ),
    # Whoever was never enrolled has no medicine that could do anything.
    *(_row(f"patient:{name}", PATIENTS, FORM, but={"other patient": (404, 404)})
      for name in ("feeling", "side_effects")),
    # Nobody has reported anything: back to where that is done.
    _row("patient:what_to_do", PATIENTS, (302, 405), but={"other patient": (404, 405)}),
    *(_row("patient:problem", PATIENTS, FORM, about=lambda w, what=what: {"what": what}) for what in PROBLEMS),
    _row("patient:problem", (), (404, 404), roles=("patient",), about=lambda w: {"what": "period"}),
    _row("patient:booking", PATIENTS, FORM),
    _row("patient:how_to_take", PATIENTS, READ),
    _row("patient:health", PATIENTS, FORM),
    _row("patient:health_unchanged", PATIENTS, PRESS),
    _row("patient:open_guide", PATIENTS, PRESS),
    # Nobody has reported anything.
    _row("patient:mistake", (), (404, 404), roles=("patient",)),
]  # fmt: skip

GUARDIAN = [
    _row("guardian:home", GUARDIANS, READ),
    *(_row(f"guardian:{name}", open_to, answer, roles=("guardian",),
           about=lambda w, k=kwargs, m=mine: {"patient": (w.minor if m else w.patient).pk, "document": "birth-defects"}
           | k, role_first=True)
      for mine, open_to in ((True, ("guardian",)), (False, ()))
      for name, answer, kwargs in (
          ("sign", READ, {}), ("refuse", FORM, {}), ("section", FORM, {"language": "en", "section": 1}),
          ("signature", (302, 302), {"language": "en"}),
      )),
    # Nothing is signed yet that could be taken back.
    _row("guardian:withdraw", (), (404, 404), roles=("guardian",),
         about=lambda w: {"patient": w.minor.pk, "document": "birth-defects"}, role_first=True),
]  # fmt: skip


def _authorization(site: SiteFixture) -> dict[str, Any]:
    return {"authorization": site.authorization.pk}


PHARMACY = [
    _row("pharmacy:home", COUNTERS, FORM, but=NOT_YET_AT_THE_COUNTER),
    # An answer is its pharmacy's, and of whoever works there.
    _row("pharmacy:answer", COUNTER, READ, about=lambda w: {"key": w.answer_key}),
    _row("pharmacy:answer", COUNTER, READ, about=lambda w: {"key": w.yes_key}),
    _row("pharmacy:answer", (), (404, 405), roles=("pharmacist",), about=lambda w: {"key": UUID(int=0)}),
    _row("pharmacy:list", (*COUNTERS, "applicant at the counter"), READ),
    _row("pharmacy:authorization", COUNTER, READ, about=_authorization),
    _row("pharmacy:dispense", COUNTER, (405, 422), about=_authorization),
    _row("pharmacy:reverse", COUNTER, PRESS, about=_authorization),
    _row("pharmacy:label", COUNTER, READ, about=_authorization),
    _row("pharmacy:reverse_several", (*COUNTERS, "applicant at the counter"), PRESS),
    _row("pharmacy:day_sheet", (*COUNTERS, "applicant at the counter"), READ),
    _row("pharmacy:profile", COUNTERS, FORM, but=NOT_YET_AT_THE_COUNTER),
    # Who registered the pharmacy is in charge; a colleague is not, and nobody closes their own.
    _row(
        "pharmacy:deactivate_colleague",
        ("pharmacist",),
        FORM,
        about=lambda w: {"colleague": w.readers["colleague at the counter"].pharmacists.get().pk},
    ),
    _row(
        "pharmacy:deactivate_colleague",
        (),
        (404, 404),
        roles=("pharmacist",),
        about=lambda w: {"colleague": w.readers["pharmacist"].pharmacists.get().pk},
    ),
    _row("pharmacy:contact", ("pharmacist", "other pharmacist", "applicant at the counter"), FORM),
    _row("pharmacy:apply_again", (*COUNTERS, "applicant at the counter"), FORM),
    _row("pharmacy:cases", (*COUNTERS, "applicant at the counter"), READ),
    _row("pharmacy:case", COUNTER, READ, about=lambda w: {"number": w.compliance_case["pharmacy"]}),
    _row(
        "pharmacy:case_letter",
        COUNTER,
        READ,
        about=lambda w: {"number": w.compliance_case["pharmacy"], "letter": w.compliance_case["pharmacy"] + 1},
    ),
    _row(
        "pharmacy:answer_case",
        COUNTER,
        FORM,
        about=lambda w: {"number": w.compliance_case["pharmacy"], "step": "reply"},
    ),
    _row("pharmacy:training", (*COUNTERS, "applicant at the counter"), FORM),
]

#: Who is offered the yearly survey. Nobody has taken it yet: its answers lead to it.
_SURVEYED = (*PRACTICES, *PATIENTS, *COUNTERS)
_SURVEYED_ROLES = ("prescriber", "designee", "patient", "pharmacist")
SURVEY = [
    _row("surveys:survey", _SURVEYED, FORM, but=NOT_YET | NOT_YET_AT_THE_COUNTER),
    _row("surveys:later", _SURVEYED, PRESS,
         but=dict.fromkeys(("applicant", "applicant at the counter"), (405, 403))),
    _row("surveys:answers", _SURVEYED, (302, 405),
         but=dict.fromkeys(("applicant", "applicant at the counter"), (200, 405))),
]  # fmt: skip

DOCUMENTS = [
    _row("documents:guide", EVERYBODY, READ, about=lambda w: {"language": "en"}),
    _row("documents:text", EVERYBODY, READ, about=lambda w: {"code": "birth-defects", "version": 1, "language": "en"}),
    _row("documents:file", EVERYBODY, READ, about=lambda w: {"code": "birth-defects", "version": 1, "language": "en"}),
    # The answers to the questions are not among the texts.
    *(_row(f"documents:{name}", (), (404, 405), roles=_ANY, about=lambda w, c=code, v=version: {
        "code": c, "version": v, "language": "en"}) for name in ("text", "file")
      for code, version in (("questions", 1), ("birth-defects", 10**300), ("x" * 300, 1))),
    _row("documents:signed_pdf", (*PRACTICE, "patient", *OFFICE), READ, roles=_ANY,
        about=lambda w: {"pdf": w.signed_pdf.pk}),
    _row("documents:signed_pdf", (*PRACTICE, "guardian", *OFFICE), READ, roles=_ANY,
         about=lambda w: {"pdf": w.guardians_signed_pdf.pk}),
    # Whoever signed for the pharmacy or the practice has it, and the office: no colleague, delegate or designee.
    _row("documents:signed_pdf", ("pharmacist", *OFFICE), READ, roles=_ANY,
        about=lambda w: {"pdf": w.pharmacys_signed_pdf.pk}),
    _row("documents:signed_pdf", ("prescriber", *OFFICE), READ, roles=_ANY,
        about=lambda w: {"pdf": w.practices_signed_pdf.pk}),
    _row("documents:signed", EVERYBODY, READ),
]  # fmt: skip


def _compliance_case(site: SiteFixture) -> dict[str, Any]:
    return {"kind": "prescriber", "subject": site.prescriber.pk, "number": site.compliance_case["prescriber"]}


OFFICES = [
    *(_row(f"office:{name}", OFFICE, READ)
      for name in (
          "home", "certifications", "duplicates", "overdue", "late", "request_log", "outbox", "delivery",
          "without_prescriber", "applications", "oversight",
      )),
    *(_row("office:figure", OFFICE, READ, about=lambda w, c=code: {"code": c}) for code in ("fills", "stage-closed")),
    _row("office:figure", (), (404, 405), roles=("officer",), about=lambda w: {"code": "nothing"}),
    _row("office:stage", OFFICE, READ, about=lambda w: {"stage": "authorized"}),
    _row("office:stage", (), (404, 405), roles=("officer",), about=lambda w: {"stage": "nowhere"}),
    *(_row(f"office:{name}", OFFICE, READ, about=lambda w, c=code: {"code": c})
      for name, code in (("happened", "enrolled"), ("blocked", "mismatch"))),
    *(_row(f"office:{name}", (), (404, 405), roles=("officer",), about=lambda w: {"code": "nothing"})
      for name in ("happened", "blocked")),
    _row("office:assessment", OFFICE, READ),
    # Nothing is counted here.
    *(_row(f"office:assessment_{kind}", (), (404, 405), roles=("officer",)) for kind in ("csv", "pdf")),
    _row("office:what_if", OFFICE, FORM),
    _row("office:what_if_run", OFFICE, READ, about=lambda w: {"run": w.what_if}),
    _row("office:what_if_run", (), (404, 405), roles=("officer",), about=lambda w: {"run": w.patient.pk}),
    _row("office:cases", OFFICE, READ),
    _row("office:case", OFFICE, FORM, about=lambda w: {"patient": w.expecting.pk, "number": w.case}),
    _row("office:case", (), (404, 404), roles=("officer",), about=lambda w: {"patient": w.patient.pk, "number": 1}),
    _row("office:noncompliance", OFFICE, READ),
    _row("office:signals", OFFICE, READ),
    _row("office:signal", OFFICE, FORM, about=lambda w: {"signal": w.signal.pk}),
    _row("office:signal", (), (404, 404), roles=("officer",), about=lambda w: {"signal": w.patient.pk}),
    _row("office:open_case", OFFICE, FORM, about=lambda w: {"kind": "prescriber", "subject": w.prescriber.pk}),
    _row("office:open_case", (), (404, 404), roles=("officer",),
         about=lambda w: {"kind": "pharmacy", "subject": w.prescriber.pk}),
    _row("office:compliance_case", OFFICE, READ, about=_compliance_case),
    _row("office:compliance_case", (), (404, 405), roles=("officer",),
         about=lambda w: _compliance_case(w) | {"number": 1}),
    _row("office:compliance_letter", OFFICE, READ,
         about=lambda w: _compliance_case(w) | {"letter": w.compliance_case["prescriber"] + 1}),
    # What opened the case is no letter.
    _row("office:compliance_letter", (), (404, 405), roles=("officer",),
         about=lambda w: _compliance_case(w) | {"letter": w.compliance_case["prescriber"]}),
    _row("office:compliance_step", OFFICE, FORM, about=lambda w: _compliance_case(w) | {"step": "plan-asked"}),
    _row("office:compliance_step", (), (404, 404), roles=("officer",),
         about=lambda w: _compliance_case(w) | {"step": "plan"}),
    _row("office:find", OFFICE, (200, 302)),
    _row("office:patient", OFFICE, READ, about=_patient),
    _row("office:patient", (), (404, 405), roles=("officer",), about=lambda w: {"patient": w.prescriber.pk}),
    *(_row("office:place", OFFICE, READ, about=lambda w, k=kind, s=subject: {"kind": k, "subject": getattr(w, s).pk})
      for kind, subject in (("prescriber", "applicant"), ("prescriber", "prescriber"), ("pharmacy", "pharmacy"))),
    _row("office:place", (), (404, 405), roles=("officer",),
         about=lambda w: {"kind": "pharmacy", "subject": w.prescriber.pk}),
    _row("office:check_register", OFFICE, FORM, about=lambda w: {"kind": "prescriber", "subject": w.applicant.pk}),
    _row("office:check_register", (), (404, 404), roles=("officer",),
         about=lambda w: {"kind": "elsewhere", "subject": w.applicant.pk}),
    _row("office:hand_over", OFFICE, FORM, about=lambda w: {"prescriber": w.prescriber.pk}),
    _row("office:accounts", OFFICE, FORM),
    _row("office:find_account", OFFICE, FORM),
    _row("office:add_officer", OFFICE, FORM),
    _row("office:account", OFFICE, READ, about=lambda w: {"account": w.readers["patient"].pk}),
    _row("office:deactivate_account", OFFICE, FORM, about=lambda w: {"account": w.readers["prescriber"].pk}),
    # One's own another officer closes.
    _row("office:deactivate_account", ("second officer",), FORM, about=lambda w: {"account": w.readers["officer"].pk}),
    _row("office:reactivate_account", OFFICE, FORM, about=lambda w: {"account": w.closed.pk}),
    # What is open is not opened again, and what is closed not closed.
    _row("office:reactivate_account", (), (404, 404), roles=("officer",),
         about=lambda w: {"account": w.readers["patient"].pk}),
    _row("office:deactivate_account", (), (404, 404), roles=("officer",), about=lambda w: {"account": w.closed.pk}),
    # Nobody asked for it: the page says so.
    _row("office:confirm_recovery", OFFICE, PRESS, about=lambda w: {"account": w.readers["patient"].pk}),
    _row("office:erasures", OFFICE, FORM),
    _row("office:turn_down", OFFICE, FORM, about=lambda w: {"kind": "prescriber", "subject": w.applicant.pk}),
    _row("office:turn_down", (), (404, 404), roles=("officer",),
         about=lambda w: {"kind": "elsewhere", "subject": w.applicant.pk}),
    _row("office:suspend", OFFICE, FORM, about=lambda w: {"kind": "prescriber", "subject": w.prescriber.pk}),
    _row("office:place_contact", OFFICE, FORM, about=lambda w: {"kind": "prescriber", "subject": w.prescriber.pk}),
    _row("office:place_contact", (), (404, 404), roles=("officer",),
         about=lambda w: {"kind": "pharmacy", "subject": w.prescriber.pk}),
    _row("office:suspend", (), (404, 404), roles=("officer",),
         about=lambda w: {"kind": "pharmacy", "subject": w.prescriber.pk}),
    *(_row("office:decide", OFFICE, PRESS,
           about=lambda w, s=subject, a=action: {"kind": "prescriber", "subject": getattr(w, s).pk, "action": a})
      for subject, action in (("applicant", "approve"), ("suspended", "reinstate"))),
    # Nobody is certified anew by the office: that is signed.
    *(_row("office:decide", (), (405, 404), roles=("officer",),
           about=lambda w, s=subject, a=action: {"kind": "prescriber", "subject": getattr(w, s).pk, "action": a})
      for subject, action in (("applicant", "certify"), ("prescriber", "renew"))),
    _row("office:links", OFFICE, FORM),
    _row("office:end_link", OFFICE, FORM, about=lambda w: {"patient": w.twin.pk}),
    _row("office:confirm_link", OFFICE, FORM, about=lambda w: {"proposal": w.proposal.pk}),
    _row("office:confirm_link", (), (404, 404), roles=("officer",), about=lambda w: {"proposal": w.twin.pk}),
    _row("office:end_link", (), (404, 404), roles=("officer",), about=_patient),
    _row("office:decide_held", OFFICE, FORM, about=lambda w: {"held": w.held.pk}),
    _row("office:confirm_erasure", OFFICE, PRESS, about=lambda w: {"patient": w.gone.pk}),
]  # fmt: skip

ROWS: list[Row] = [*PUBLIC, *PRESCRIBER, *PATIENT, *GUARDIAN, *PHARMACY, *SURVEY, *DOCUMENTS, *OFFICES]
