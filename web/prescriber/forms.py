"""The prescriber's entries: one form a kind, each of which says which records it makes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as translated
from django.utils.translation import gettext_lazy as _

from compliance.commands import transfers
from compliance.commands.covering import covers_for, is_own_prescriber
from compliance.rules.care.notes import BookedTest
from compliance.rules.care.questions import QuestionAnswered
from compliance.rules.contraception import lacking
from compliance.rules.editions import Program
from compliance.rules.outlook import Outlook, menses_decides
from compliance.rules.records import (
    MENSES,
    RESULTS,
    BirthDateCorrected,
    Counselled,
    EntryStruck,
    HomeTestingSet,
    PregnancyReported,
    PregnancyTest,
    Record,
    StopCleared,
    TransferOffered,
    TransferWithdrawn,
)
from compliance.words.choices import MENSES_WORDS, RESULT, SETTING
from compliance.words.planner import long_day
from compliance.words.reasons import METHODS_LACKING
from patients.fields import NpiField
from ui.fields import BirthDateField, DateField, EmailField
from ui.forms import BaseForm
from ui.navigation import Words
from web.shared.common import EntryForm, PatientContext
from web.shared.confirm_entry import TellingForm
from web.shared.confirm_stop import StoppingForm
from web.shared.help import explain
from web.shared.prescribers import NOBODY_CERTIFIED, certified_by_npi
from web.shared.signature_forms import SignedEntryForm


def choices(table: Mapping[str, Words], codes: Iterable[str]) -> list[tuple[str, Words]]:
    """The codes with their labels."""
    return [(code, table[code]) for code in codes]


def offer_choices(form: forms.Form, name: str, options: Sequence[tuple[str, Words]]) -> None:
    """Give a field of choices its choices; nothing where the form has no such field."""
    field = form.fields.get(name)
    if isinstance(field, forms.ChoiceField):
        field.choices = options


def radio(label: Words, options: Sequence[tuple[str, Words]], **kwargs: Any) -> forms.ChoiceField:
    """One of a few, all to be seen at once."""
    return forms.ChoiceField(label=label, choices=options, widget=forms.RadioSelect, **kwargs)


#: Said of the menses at collection, where nobody knows; nothing said is no answer.
NOT_KNOWN = "not_known"


class TestForm(StoppingForm, TellingForm):
    """A pregnancy test."""

    submit: ClassVar[Words] = _("Save the test")

    collected_on = DateField(label=_("Day the specimen was collected"))
    result = radio(_("Result"), choices(RESULT, RESULTS))
    setting = radio(_("Where"), [])
    menses = radio(
        _("Menses at collection"),
        [*choices(MENSES_WORDS, MENSES), (NOT_KNOWN, _("Not known"))],
        required=False,
        help_text=_("Needed for the second test before the first fill."),
    )

    def __init__(self, *args: Any, ctx: PatientContext, **kwargs: Any) -> None:
        super().__init__(*args, ctx=ctx, **kwargs)
        explain(self, setting=("laboratory-test", "home-test"), menses=("first-five-days",))
        if ctx.assessment is not None and menses_decides(ctx.assessment):
            self.fields["menses"].help_text = _("It decides whether this test opens a window.")
            # Not optional; whether it is asked, what was sent says: an indeterminate test opens nothing either way.
            self.fields["menses"].decides = True  # type: ignore[attr-defined]

    def offer(self, program: Program) -> None:
        super().offer(program)
        offer_choices(self, "setting", choices(SETTING, program.settings))

    def records(self) -> list[Record]:
        data = self.cleaned_data
        menses = data["menses"] if data.get("menses") in MENSES else None
        return [PregnancyTest(data["collected_on"], data["result"], data["setting"], menses)]

    def check(self, outlook: Outlook) -> None:
        """What decides at this stage is answered, be it by saying that it is not known."""
        lacking = {shortfall.code for effect in outlook.effects for shortfall in effect.shortfalls}
        if not self.cleaned_data.get("menses") and "menses-not-known" in lacking:
            self.add_error("menses", _("Choose one: it decides whether this test opens a window."))


class VisitForm(TellingForm):
    """A visit with counselling."""

    submit: ClassVar[Words] = _("Save the visit")

    visit_on = DateField(label=_("Day of the visit with counselling"))

    def records(self) -> list[Record]:
        return [Counselled(self.cleaned_data["visit_on"])]


class BookingForm(EntryForm):
    """The day on which a test is booked."""

    submit: ClassVar[Words] = _("Save the day")

    booked_on = DateField(
        label=_("Day of the test"), required=False, help_text=_("Leave it empty where nothing is booked any more.")
    )

    @property
    def done(self) -> Words:
        """For which day it is booked, and what follows."""
        if (day := self.cleaned_data["booked_on"]) is None:
            return _("No test is booked any more.")
        words = translated(
            "A test is booked for %(day)s. The day stands in the patient’s calendar. If no result is entered a day "
            "later, the practice and the patient hear of it."
        )
        return words % {"day": long_day(day)}

    def records(self) -> list[Record]:
        return [BookedTest(self.cleaned_data["booked_on"])]


def clean_methods(methods: list[str], program: Program) -> list[str]:
    """The methods as they are, if the rules accept them."""
    if (code := lacking(methods, program.methods)) is not None:
        raise forms.ValidationError(METHODS_LACKING[code])
    return methods


class HomeTestingForm(SignedEntryForm, TellingForm):
    """Permission for tests at home."""

    document_code = "permitting-home-tests"
    tells_first: ClassVar[bool] = True
    submit: ClassVar[Words] = _("Save the permission")
    field_order = ["permitted", "safeguard"]

    permitted = radio(_("Tests at home"), [("yes", _("Permitted")), ("no", _("Not permitted"))])
    safeguard = forms.CharField(
        label=_("How misreading and falsification are guarded against"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=500,
        required=False,
        help_text=_("For example: the test is shown on a video visit, with the day's date beside it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        explain(self, permitted=("home-test",))

    def clean(self) -> dict[str, Any]:
        """A permission needs its safeguard."""
        data = super().clean() or {}
        if data.get("permitted") == "yes" and not data.get("safeguard"):
            self.add_error("safeguard", _("Say how misreading and falsification are guarded against."))
        return data

    def records(self) -> list[Record]:
        return [
            HomeTestingSet(self.cleaned_data["permitted"] == "yes", self.make_erasable(self.cleaned_data["safeguard"]))
        ]


class WithReason(EntryForm):
    """An entry with a reason in free words, kept as an erasable text."""

    danger: ClassVar[bool] = True

    reason = forms.CharField(label=_("Why"), widget=forms.Textarea(attrs={"rows": 3}), max_length=500)

    def why(self) -> str:
        """The digest of the reason."""
        return self.make_erasable(self.cleaned_data["reason"])


class StopForm(SignedEntryForm, WithReason):
    """Clear every open stop."""

    document_code = "clearing-stop"
    submit: ClassVar[Words] = _("Clear the stop")

    def records(self) -> list[Record]:
        return [StopCleared(self.why())]


class BirthDateForm(SignedEntryForm, TellingForm, WithReason):
    """Put a birth date right."""

    document_code = "correcting-birth-date"
    submit: ClassVar[Words] = _("Correct the birth date")
    field_order = ["born_on", "reason"]

    born_on = BirthDateField(asks_age=True)

    def clean_born_on(self) -> Any:
        """A day that has been."""
        born_on = self.cleaned_data["born_on"]
        if born_on > self.ctx.today:
            raise forms.ValidationError(_("This day is still to come."))
        return born_on

    def records(self) -> list[Record]:
        return [BirthDateCorrected(self.cleaned_data["born_on"], self.why())]


class PregnancyForm(StoppingForm):
    """Report a pregnancy."""

    submit: ClassVar[Words] = _("Report a pregnancy")
    danger: ClassVar[bool] = True

    sure = forms.BooleanField(label=_("Treatment stops at once, and an open authorization becomes void."))

    def records(self) -> list[Record]:
        return [PregnancyReported()]


class VoidEntryForm(SignedEntryForm, WithReason):
    """Void a wrong entry, whose number is in the address."""

    document_code = "striking"
    submit: ClassVar[Words] = _("Mark as entered in error")
    entry: int = 0

    def records(self) -> list[Record]:
        return [EntryStruck(self.entry, self.why())]


class OfferTransferForm(EntryForm):
    """Offer the patient to another prescriber."""

    submit: ClassVar[Words] = _("Offer the patient")

    npi = NpiField(label=_("NPI of the other prescriber"))

    def clean_npi(self) -> str:
        """That of one who is certified."""
        npi: str = self.cleaned_data["npi"]
        self.other = certified_by_npi(npi, self.ctx.program, self.ctx.at)
        if self.other is None:
            raise forms.ValidationError(NOBODY_CERTIFIED)
        by = self.ctx.by
        if not is_own_prescriber(by) and covers_for(by.acting_for, self.other.pk):
            raise forms.ValidationError(_("Who covers takes no patient over. The prescriber can offer this patient."))
        return npi

    def records(self) -> list[Record]:
        assert self.other is not None
        return [TransferOffered(str(self.other.pk))]

    def enter(self) -> None:
        (record,) = self.built_records
        assert isinstance(record, TransferOffered)
        ctx = self.ctx
        transfers.offer(
            patient=ctx.patient.id, record=record, by=ctx.by, at=ctx.at, key=self.idempotency_key, texts=self.texts
        )


class WithdrawTransferForm(EntryForm):
    """Take an offer back."""

    submit: ClassVar[Words] = _("Take the offer back")

    def records(self) -> list[Record]:
        return [TransferWithdrawn()]


class QuestionAnsweredForm(EntryForm):
    """A note that the questions so far were talked about."""

    submit: ClassVar[Words] = _("We talked about it")

    def records(self) -> list[Record]:
        return [QuestionAnswered()]


class DelegateForm(BaseForm):
    """Name a delegate."""

    submit: ClassVar[Words] = _("Add the delegate")

    npi = NpiField(label=_("NPI of the prescriber who covers"))


class DesigneeForm(BaseForm):
    """An account for one who works for this prescriber."""

    submit: ClassVar[Words] = _("Add the designee")

    name = forms.CharField(label=_("Name"), max_length=120)
    email = EmailField(label=_("E-mail"))
