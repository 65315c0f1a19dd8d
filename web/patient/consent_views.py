"""Reading a document section by section, answering each, and signing: the patient's pages, and the guardian's.

One section a page, with and without JavaScript: an item can be answered only where its section is on the screen, and
with the version token of its page. Answers are kept as they are given, so a closed tab loses none. The
addresses say whose page each is.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.repeats import answers_again
from accounts.roles import GUARDIAN
from compliance import documents
from compliance.commands import consents, drafts
from compliance.commands.entries import EntryRefused
from compliance.documents import Document, Item
from compliance.records.programs import program_day
from compliance.rules.consents import SignatureState, asked_since, signature_state, valid_signatures
from compliance.words.consents import signature_state_words
from compliance.words.refusals import refusal_words
from ledger.clock import now
from ledger.idempotency import KeyReused
from patients.who_acts import who_acts
from ui.fields import OUT_OF_DATE
from web.shared.common import PatientContext, form_page, patient_context
from web.shared.page_language import document_language
from web.shared.signed_text_forms import TEXT_CHANGED

from .consent_forms import NO, YES, DisplayedSection, RefuseForm, SectionForm, SignatureForm, WithdrawForm
from .own_file import own_context


@dataclass(frozen=True, slots=True)
class Sitting:
    """One signer before one document, with the answers so far."""

    ctx: PatientContext
    document: Document
    #: Where the answers are kept.
    draft: str
    answers: dict[str, object]

    @property
    def is_guardian(self) -> bool:
        """Whether a guardian signs, beside the patient."""
        return self.ctx.reader.role == GUARDIAN

    def displayed(self, place: int) -> DisplayedSection:
        """A section, counted from 1, on this signer's screen."""
        return DisplayedSection(self.ctx.reader.id, self.ctx.patient.id, self.document, self.document.items[place - 1])

    @property
    def signature_state(self) -> SignatureState:
        """Where the signer stands with the document."""
        assessment = self.ctx.assessment
        assert assessment is not None
        return signature_state(assessment.history, assessment.edition, self.document.code, self.ctx.reader.role)

    @property
    def next_section(self) -> int:
        """The first section without an answer, from 1; one more than there are when all have one."""
        ids = [item.id for item in self.document.items]
        return next((place for place, item in enumerate(ids, 1) if item not in self.answers), len(ids) + 1)

    @property
    def declined(self) -> list[tuple[int, str]]:
        """The sections answered with no, by number and heading."""
        items = enumerate(self.document.items, 1)
        return [(place, item.heading) for place, item in items if self.answers.get(item.id) is False]

    def url(self, name: str, **more: object) -> str:
        """The address of one of these pages."""
        parts = {"document": self.document.code} | more
        if self.is_guardian:
            return reverse(f"guardian:{name}", kwargs=parts | {"patient": self.ctx.patient.pk})
        return reverse(f"patient:{name}", kwargs=parts)

    @property
    def go_on(self) -> str:
        """The address of what comes next."""
        return self.section_url(self.next_section)

    def section_url(self, place: int) -> str:
        """The address of a section; of the signature after the last."""
        language = self.document.language
        if place > len(self.document.items):
            return self.url("signature", language=language)
        return self.url("section", language=language, section=place)


def _context(request: HttpRequest, patient: UUID | None, at: datetime) -> PatientContext:
    return own_context(request, at) if patient is None else patient_context(request, patient, at)


def _sitting(request: HttpRequest, patient: UUID | None, code: str, language: str) -> Sitting:
    """The document in that language, if this patient's category signs it; else 404."""
    ctx = _context(request, patient, now())
    since = asked_since(ctx.assessment.history, code) if ctx.assessment else None
    if since is None:
        raise Http404
    document = documents.current(code, language, on=ctx.today)
    if document.language != language:
        raise Http404
    if ctx.reader.role == GUARDIAN:
        document = document.for_guardian()
    name = consents.draft_name(document, since)
    return Sitting(ctx, document, name, drafts.read(patient=ctx.patient.id, account=ctx.reader.id, what=name))


def _languages(code: str) -> tuple[str, ...]:
    result = documents.languages(code, on=program_day(now()))
    if not result:
        raise Http404
    return result


def _home(request: HttpRequest) -> str:
    return "guardian:home" if getattr(request.user, "role", "") == GUARDIAN else "patient:home"


@require_safe
def overview(request: HttpRequest, document: str, patient: UUID | None = None) -> HttpResponse:
    """What this document is, in which languages, how far the reader is."""
    reader_language = document_language()
    sittings = [_sitting(request, patient, document, language) for language in _languages(document)]
    first = max(sittings, key=lambda s: (len(s.answers), s.document.language == reader_language))
    where = first.signature_state
    # Whoever has signed and would rather not have, takes it back: a no would leave the signature standing.
    withdraws = where.signature is not None
    context = {
        "sitting": first,
        "words": signature_state_words(where.state, first.ctx.reader.role),
        "others": [s for s in sittings if s is not first],
        "refuse_url": first.url("refuse") if where.missing or not withdraws else "",
        "withdraw_url": first.url("withdraw") if withdraws else "",
        "back": (_("Today"), reverse(_home(request))),
    }
    return render(request, "patient/sign_overview.html", context)


def _go_back(request: HttpRequest, sitting: Sitting) -> HttpResponse:
    """To the first section without an answer; with a word on why, where something was sent that is not kept."""
    if request.POST.get("displayed_sha256", sitting.document.sha256) != sitting.document.sha256:
        messages.info(request, TEXT_CHANGED)
    elif "answer" in request.POST:
        messages.info(request, _("Please go on reading here. This part is still without an answer."))
    return redirect(sitting.go_on)


def section(
    request: HttpRequest, document: str, language: str, section: int, patient: UUID | None = None
) -> HttpResponse:
    """One section and its item. The next opens when this one is answered."""
    sitting = _sitting(request, patient, document, language)
    if not 1 <= section <= len(sitting.document.items):
        raise Http404
    if section > sitting.next_section:
        return _go_back(request, sitting)
    displayed = sitting.displayed(section)
    item = displayed.item
    form = SectionForm(request.POST or None, displayed=displayed, kept=sitting.answers.get(item.id))
    if request.method == "POST" and form.is_valid() and _kept(request, sitting, form, item):
        return redirect(sitting.section_url(section + 1))
    back = (_("Back"), sitting.section_url(section - 1) if section > 1 else sitting.url("sign"))
    return form_page(
        request, form, title=item.heading, template="patient/sign_section.html", back=back, sitting=sitting, item=item,
        place=section, count=len(sitting.document.items), ctx=sitting.ctx,
    )  # fmt: skip


def _kept(request: HttpRequest, sitting: Sitting, form: SectionForm, item: Item) -> bool:
    """Keep the answer to a section, and say so where it is a no."""
    ctx, answer = sitting.ctx, form.cleaned_data["answer"]
    question = form.erasable_question(ctx.at)
    try:
        if question is not None:
            consents.ask(
                patient=ctx.patient.id, document=sitting.document, item=item.id, draft=sitting.draft,
                question=question, by=ctx.by, at=ctx.at, key=form.idempotency_key,
            )  # fmt: skip
        else:
            drafts.save(
                patient=ctx.patient.id, what=sitting.draft, answers={item.id: answer == YES}, by=ctx.by, at=ctx.at,
                key=form.idempotency_key,
            )  # fmt: skip
    except KeyReused:
        form.refuse(OUT_OF_DATE)
        return False
    except EntryRefused as refused:
        form.refuse(refusal_words(refused.first.rule))
        return False
    if question is not None:
        _say_asked(request, ctx)
    elif answer == NO:
        told = _("Your no is kept, and your prescriber is told. You can change it at any time.")
        messages.info(request, told if _is_read(ctx) else _("Your no is kept. You can change it at any time."))
    return True


def _say_asked(request: HttpRequest, ctx: PatientContext) -> None:
    told = _("Your no is kept, and your question has reached your practice. You can change the answer at any time.")
    kept = _("Your no and your question are kept. You can change the answer at any time.")
    messages.info(request, told if _is_read(ctx) else kept)


def _is_read(ctx: PatientContext) -> bool:
    """Whether somebody reads of a no: the prescriber, or who covers. Else nothing is promised."""
    return who_acts(ctx.patient.prescriber).anybody


def _signed(request: HttpRequest) -> HttpResponse:
    messages.success(request, _("Thank you. Your signature is recorded."))
    return redirect(_home(request))


def _signed_again(
    request: HttpRequest, _answer: object, document: str, language: str, patient: UUID | None = None
) -> HttpResponse:
    """Raises Http404 for a guardian whom the patient's file is no longer open to."""
    _context(request, patient, now())
    return _signed(request)


@answers_again(_signed_again)
def signature(request: HttpRequest, document: str, language: str, patient: UUID | None = None) -> HttpResponse:
    """All answers once more, and the signature."""
    sitting = _sitting(request, patient, document, language)
    if sitting.next_section <= len(sitting.document.items):
        return _go_back(request, sitting)
    form = SignatureForm(request.POST or None, ctx=sitting.ctx, document=sitting.document, answers=sitting.answers)
    ready = not sitting.declined
    if request.method == "POST" and ready and form.is_valid() and form.save_to_log():
        return _signed(request)
    items = [
        (item, sitting.section_url(place), sitting.answers[item.id])
        for place, item in enumerate(sitting.document.items, 1)
    ]
    return form_page(
        request, form, title=sitting.document.title, template="patient/sign_signature.html", sitting=sitting,
        items=items, ready=ready, is_read=_is_read(sitting.ctx), back=(_("Back"), sitting.section_url(len(items))),
        refuse_url=sitting.url("refuse"),
    )  # fmt: skip


def refuse(request: HttpRequest, document: str, patient: UUID | None = None) -> HttpResponse:
    """Say no to the whole document."""
    sitting = _sitting(request, patient, document, _languages(document)[0])
    form = RefuseForm(request.POST or None, ctx=sitting.ctx)
    form.document = document
    is_read, has_signed = _is_read(sitting.ctx), sitting.signature_state.signature is not None
    if request.method == "POST" and form.is_valid() and form.save_to_log():
        told = _("Your no is recorded, and your prescriber is told. You can still sign later.")
        messages.info(request, told if is_read else _("Your no is recorded. You can still sign later."))
        return redirect(_home(request))
    lead = _refusal_lead(is_read=is_read, has_signed=has_signed)
    back = (_("Back"), sitting.url("sign"))
    return form_page(request, form, title=_("I do not want to sign"), back=back, lead=lead)


def _refusal_lead(*, is_read: bool, has_signed: bool) -> str:
    """What a no means, and who talks with the one who says it."""
    if has_signed and is_read:
        return _("That is your right, and your prescriber will talk with you. Your signature still counts after a no.")
    if has_signed:
        return _("That is your right. Your signature still counts after a no.")
    if is_read:
        return _("That is your right. Without a signature there is no treatment. Your prescriber will talk with you.")
    return _("That is your right. Without a signature there is no treatment.")


def _withdrawn(request: HttpRequest, *_args: object, **_parts: object) -> HttpResponse:
    messages.success(request, _("Your withdrawal is recorded. You can sign again at any time."))
    return redirect(_home(request))


def _withdrawn_again(
    request: HttpRequest, _answer: object, document: str, patient: UUID | None = None
) -> HttpResponse:  # fmt: skip
    """Raises Http404 for a guardian whom the patient's file is no longer open to."""
    _context(request, patient, now())
    return _withdrawn(request)


@answers_again(_withdrawn_again)
def withdraw(request: HttpRequest, document: str, patient: UUID | None = None) -> HttpResponse:
    """Take the consent back: a patient while anybody's signature stands, a guardian while their own does."""
    ctx = _context(request, patient, now())
    history = ctx.file.history(ctx.at)
    valid = valid_signatures(history, document)
    if not (valid.guardian if ctx.reader.role == GUARDIAN else valid.any):
        raise Http404
    form = WithdrawForm(request.POST or None, ctx=ctx)
    form.document = document
    if request.method == "POST" and form.is_valid() and form.save_to_log():
        return _withdrawn(request)
    back = (_("Today"), reverse("guardian:home")) if patient else (_("My record"), reverse("patient:record"))
    return form_page(request, form, title=_("Withdraw my consent"), back=back)
