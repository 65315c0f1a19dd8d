"""The way on from a line of the patient's own record to where it is put right, where the patient may do so now."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from compliance.rules import consents
from compliance.rules.assessment import Assessment
from compliance.rules.history import reported_by_patient
from compliance.rules.records import ContraceptionDeclared
from compliance.rules.windows import patient_part_start
from ui.navigation import Words
from web.shared.common import PatientContext

#: A label and an address.
Way = tuple[Words, str]


def by_number(ctx: PatientContext) -> dict[int, Way]:
    """By the number of the entry; what is not here is put right by the practice, or needs nothing."""
    found = dict(_contact(ctx))
    if ctx.assessment is not None:
        found |= dict(_signatures(ctx.assessment)) | dict(_month(ctx.assessment)) | dict(_report(ctx, ctx.assessment))
    return found


def _contact(ctx: PatientContext) -> Iterator[tuple[int, Way]]:
    """The address, which the patient changes without the practice."""
    numbers = [entry.number for entry in ctx.file.entries if entry.record.kind == "contact_corrected"]
    if numbers:
        yield numbers[-1], (_("Change your address"), reverse("own_account:address"))


def _signatures(assessment: Assessment) -> Iterator[tuple[int, Way]]:
    """A signature that stands is withdrawn; after a no, or a withdrawal, the document is signed after all."""
    documents = assessment.course.category.documents if assessment.course else ()
    for code in documents:
        state = consents.signature_state(assessment.history, assessment.edition, code, "patient")
        if state.signature is not None:
            yield state.signature.number, (_("Withdraw"), reverse("patient:withdraw", kwargs={"document": code}))
        elif state.entry is not None:
            yield state.entry.number, (_("Read and sign"), reverse("patient:sign", kwargs={"document": code}))


def _month(assessment: Assessment) -> Iterator[tuple[int, Way]]:
    """The methods of this month, which are chosen and signed again."""
    since = patient_part_start(assessment.history, assessment.testing) if assessment.testing else None
    if since is None:
        return
    own = [entry for entry, record in assessment.history.of(ContraceptionDeclared, since) if record.by == "patient"]
    if own:
        yield own[-1].number, (_("Choose again"), reverse("patient:methods"))


def _report(ctx: PatientContext, assessment: Assessment) -> Iterator[tuple[int, Way]]:
    """The patient's own report, pressed by mistake."""
    if not reported_by_patient(assessment.history):
        return
    numbers = [e.number for e in ctx.file.entries if e.record.kind == "pregnancy_reported" and e.by is not None
               and e.by.role == "patient"]  # fmt: skip
    if numbers:
        yield numbers[-1], (_("I pressed it by mistake"), reverse("patient:mistake"))
