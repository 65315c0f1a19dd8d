"""Entry types: the table of the entries that a prescriber or designee makes on one patient. One view serves them."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from accounts.roles import DESIGNEE, PRESCRIBER
from ui.navigation import Words
from web.shared.common import EntryForm

from . import (
    category_forms,
    contact_forms,
    dose_forms,
    forms,
    health_form,
    laboratory_forms,
    method_forms,
    month_form,
    prescription_form,
    report_forms,
)

BOTH = frozenset({PRESCRIBER, DESIGNEE})
PRESCRIBERS = frozenset({PRESCRIBER})


@dataclass(frozen=True, slots=True)
class EntryType:
    """One kind of entry: its form, its words, and who may make it."""

    form: type[EntryForm]
    title: Words
    done: Words
    lead: Words = ""
    roles: frozenset[str] = PRESCRIBERS
    icon: str = "square-pen"
    template: str = "shared/form.html"
    #: What is said instead about a patient of whom no tests are asked.
    lead_without_tests: Words | None = None

    def lead_for(self, *, tested: bool) -> Words:
        """What is said above the form, of a patient of whom tests are asked or not."""
        return self.lead if tested or self.lead_without_tests is None else self.lead_without_tests


ENTRY_TYPES: Mapping[str, EntryType] = {
    "month": EntryType(
        month_form.MonthlyForm, _("This month"), _("The month is confirmed."),
        _("What is still asked for, in one go."), BOTH, "calendar-check", "prescriber/month.html",
    ),
    "test": EntryType(
        forms.TestForm, _("Enter a test"), _("The test is saved."), roles=BOTH, icon="flask-conical",
    ),
    "booking": EntryType(
        forms.BookingForm, _("Book a test"), _("The day is saved."),
        _("Where no result is entered a day later, the practice and the patient hear of it. It decides nothing."), BOTH,
        "calendar-clock",
    ),
    "prescription": EntryType(
        prescription_form.PrescriptionForm, _("Prescription"), _("The prescription is saved."),
        _("From product and weight to capsules a day. It advises: no authorization waits for it."), icon="pill",
        template="prescriber/prescription.html",
    ),
    "health": EntryType(
        health_form.HealthForm, _("Allergies, medicines, conditions"), _("The answers are saved."),
        _("Ask at enrolment, and each month whether anything has changed. What is not ticked was answered with no."),
        BOTH, "clipboard-list", template="prescriber/health.html",
    ),
    "laboratory": EntryType(
        laboratory_forms.LaboratoryForm, _("Laboratory values"), _("The values are saved."), roles=BOTH,
        icon="test-tube-diagonal", template="prescriber/laboratory.html",
    ),
    "laboratory-plan": EntryType(
        laboratory_forms.LaboratoryPlanForm, _("Plan the laboratory"), _("The plan is saved."),
        _("You are reminded on the day. Months count from the first fill. “Practice” has the schedule of all courses."),
        BOTH, "calendar-days",
    ),
    "visit": EntryType(
        forms.VisitForm, _("Enter a visit"), _("The visit is saved."), roles=BOTH, icon="message-circle",
        template="prescriber/visit.html",
    ),
    "methods": EntryType(
        method_forms.MethodsForm, _("Methods of contraception"), _("The methods are saved."), icon="shield-check",
        template="prescriber/month.html",
    ),
    "home-testing": EntryType(
        forms.HomeTestingForm, _("Tests at home"), _("The permission is saved."), icon="house",
    ),
    "category": EntryType(
        category_forms.CategoryForm, _("Change the category"), _("The category is changed."),
        _("An open authorization becomes void. A change to “can become pregnant” begins the whole sequence again."),
        icon="repeat",
    ),
    "birth-date": EntryType(
        forms.BirthDateForm, _("Correct the birth date"), _("The birth date is corrected."), icon="cake",
    ),
    "contact": EntryType(
        contact_forms.ContactForm, _("Correct name, contact or language"), _("The correction is saved."),
        _("What was entered before stays in the record. Signed documents keep what they said."), BOTH, "contact-round",
    ),
    "answer": EntryType(
        report_forms.AnswerForm, _("Answer the patient"), _("The answer is saved. The patient gets a message."),
        roles=BOTH, icon="message-circle", template="prescriber/answer.html",
    ),
    "clear-stop": EntryType(
        forms.StopForm, _("Clear the stop"), _("The stop is cleared."),
        _("Clear it once you know that the patient is not pregnant. Only tests collected after it count from here on."),
        icon="octagon-x",
    ),
    "pregnancy": EntryType(
        forms.PregnancyForm, _("Report a pregnancy"), _("The pregnancy is reported. Treatment is stopped."),
        roles=BOTH, icon="triangle-alert",
    ),
    "discontinue": EntryType(
        dose_forms.DiscontinueForm, _("End the course"), _("The course has ended."),
        _("After the last dose two more tests are asked for; this page keeps track of them."), icon="flag",
        lead_without_tests=_("The record stays, and another course can begin later."),
    ),
    "last-dose": EntryType(
        dose_forms.LastDoseForm, _("Correct the last dose"), _("The last dose is corrected."),
        _("The tests after treatment, and the wait before another course, follow the new day. What was entered before "
          "stays in the record."),
        icon="calendar-clock",
        lead_without_tests=_("The wait before another course follows the new day. What was entered before stays in the "
                             "record."),
    ),
    "hand-over": EntryType(
        forms.OfferTransferForm, _("Hand over"), _("The patient is offered. The other prescriber accepts or declines."),
        _("The other prescriber sees name, date of birth and number, and nothing clinical, until they accept. Then an "
          "open authorization becomes void, and you see the patient no more."),
        icon="send",
    ),
    "take-back": EntryType(
        forms.WithdrawTransferForm, _("Take the offer back"), _("The offer is taken back."), icon="undo-2",
    ),
    "question": EntryType(
        forms.QuestionAnsweredForm, _("Note a question as answered"), _("The question is noted as answered."),
        _("Talk with whoever asked first. Their page then says no longer that the question waits."), BOTH,
        "message-circle",
    ),
    "course": EntryType(
        category_forms.CourseForm, _("Begin another course"),
        _("The course has begun. What is to be signed waits for the patient."), icon="play",
        template="prescriber/course.html",
    ),
}  # fmt: skip
