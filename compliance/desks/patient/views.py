"""The patient's pages, and the guardian's."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.roles import GUARDIAN, PATIENT, for_roles
from compliance import documents
from compliance.actions import comprehension, drafts
from compliance.actions.consents import draft_name
from compliance.actions.decide import KeyReused
from compliance.actions.entries import EntryRefused
from compliance.desks.common import OUT_OF_DATE, Case, case_of, form_page, page_of, reader_of
from compliance.desks.records import describe
from compliance.rules import consents as signatures
from compliance.words.refusals import refusal_words
from ledger.clock import now
from patients.models import Patient
from patients.visibility import visible_patients

from . import presenters
from .forms import MaybePregnantForm, OwnMethodsForm, QuestionsForm, SignForm, WithdrawForm


def _own(request: HttpRequest) -> Case:
    """The case of the patient who is signed in."""
    patient = Patient.objects.filter(user=reader_of(request)).values_list("id", flat=True).first()
    if patient is None:
        raise Http404
    return case_of(request, patient, now())


@for_roles(PATIENT)
def home(request: HttpRequest) -> HttpResponse:
    """What I can do now, and until when."""
    return render(request, "patient/home.html", presenters.home(_own(request)))


@for_roles(PATIENT)
def record(request: HttpRequest) -> HttpResponse:
    """My record."""
    case = _own(request)
    lines = [(entry, *describe(entry.record, clinical=False)) for entry in reversed(case.file.entries)]
    signed = presenters.signed(case)
    return render(request, "patient/record.html", {"page": page_of(request, lines), "signed": signed, "case": case})


@for_roles(PATIENT)
def sign(request: HttpRequest, document: str) -> HttpResponse:
    """Read a document and sign it."""
    return _sign(request, _own(request), document, "patient:home")


@for_roles(GUARDIAN)
def guardian_sign(request: HttpRequest, patient: UUID, document: str) -> HttpResponse:
    """Read a document and sign it beside a minor."""
    return _sign(request, case_of(request, patient, now()), document, "guardian:home")


def _sign(request: HttpRequest, case: Case, code: str, after: str) -> HttpResponse:
    course = case.assessment.course if case.assessment else None
    if course is None or code not in case.file.history(case.at).program.documents[course.category]:
        raise Http404
    document = documents.current(code, (get_language() or "en")[:2])
    name = draft_name(document)
    kept = drafts.read(patient=case.patient.id, account=case.reader.id, what=name)
    form = SignForm(request.POST or None, case=case, document=document, signer=case.reader, answers=kept)
    if request.method == "POST":
        if "later" not in request.POST and form.is_valid() and form.save_to_log():
            messages.success(request, _("Thank you. Your signature is recorded."))
            return redirect(after)
        if form.given():
            drafts.save(patient=case.patient.id, account=case.reader.id, what=name, answers=form.given(), at=case.at)
        if "later" in request.POST:
            messages.info(request, _("Your answers are kept. Come back whenever you like."))
            return redirect(after)
    return form_page(
        request, form, title=document.title, template="patient/sign.html", document=document,
        back=(_("Today"), reverse(after)), guardian=case.reader.role == GUARDIAN,
    )  # fmt: skip


@for_roles(PATIENT)
def withdraw(request: HttpRequest, document: str) -> HttpResponse:
    """Take a signature back."""
    case = _own(request)
    if not signatures.standing(case.file.history(case.at), document).any:
        raise Http404
    form = WithdrawForm(request.POST or None, case=case)
    form.document = document
    if request.method == "POST" and form.is_valid() and form.save_to_log():
        messages.success(request, _("Your consent is withdrawn. You can sign again at any time."))
        return redirect("patient:home")
    back = (_("My record"), reverse("patient:record"))
    return form_page(request, form, title=_("Withdraw my consent"), back=back)


@for_roles(PATIENT)
def methods(request: HttpRequest) -> HttpResponse:
    """Choose the methods."""
    case = _own(request)
    form = OwnMethodsForm(request.POST or None, case=case)
    if request.method == "POST" and form.is_valid() and form.save_to_log():
        messages.success(request, _("Saved. Thank you."))
        return redirect("patient:home")
    return form_page(
        request, form, title=_("Birth control this month"), template="patient/methods.html",
        back=(_("Today"), reverse("patient:home")), not_accepted=presenters.not_accepted(),
    )  # fmt: skip


@for_roles(PATIENT)
def questions(request: HttpRequest) -> HttpResponse:
    """The month's questions."""
    case = _own(request)
    if case.assessment is None or case.assessment.testing is None:
        raise Http404
    asked = comprehension.current(
        patient=case.patient.id, account=case.reader.id, assessment=case.assessment, language="en"
    )
    form = QuestionsForm(request.POST or None, asked=asked)
    wrong: list[documents.Question] = []
    if request.method == "POST" and form.is_valid():
        try:
            wrong = comprehension.answer(
                patient=case.patient.id, asked=asked, choices=form.choices(), by=case.by, at=case.at,
                key=form.idempotency_key,
            )  # fmt: skip
        except EntryRefused as refused:
            form.refuse(refusal_words(refused.first.rule))
        except KeyReused:
            form.refuse(OUT_OF_DATE)
        else:
            if not wrong:
                messages.success(request, _("All five are right. Thank you."))
                return redirect("patient:home")
            for question in wrong:
                form.refuse(question.explanation, question.id)
    return form_page(
        request, form, title=_("Five questions"), back=(_("Today"), reverse("patient:home")),
        lead=_("There is no hurry. A wrong answer is explained, and you try again."),
    )  # fmt: skip


@for_roles(PATIENT)
def pregnant(request: HttpRequest) -> HttpResponse:
    """I may be pregnant: one press, and what to do next."""
    case = _own(request)
    form = MaybePregnantForm(request.POST or None, case=case)
    if request.method == "POST" and form.is_valid() and form.save_to_log():
        return redirect("patient:home")
    return form_page(
        request, form, title=_("You may be pregnant"), back=(_("Today"), reverse("patient:home")),
        lead=_(
            "Stop taking the medicine now and call your prescriber. Press the button and your prescriber sees it at "
            "once. You are not in trouble, and you are not alone with this."
        ),
    )  # fmt: skip


@for_roles(GUARDIAN)
def guardian_home(request: HttpRequest) -> HttpResponse:
    """The minors whom this guardian stands beside, with what is to sign. Nothing else of theirs is shown."""
    reader, at = reader_of(request), now()
    rows = visible_patients(reader).order_by("given_name", "id")
    cases = [case_of(request, row.pk, at) for row in rows]
    return render(request, "patient/guardian.html", {"wards": [presenters.ward(case) for case in cases]})
