"""The monthly form: what this patient's stage asks of the practice, in one go and with one signature."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.roles import DESIGNEE
from compliance.rules import practice
from compliance.rules.booking import booked_on
from compliance.rules.editions import Program
from compliance.rules.outlook import Outlook, menses_decides
from compliance.rules.records import RESULTS, ContraceptionDeclared, Record
from compliance.words.choices import RESULT, SETTING
from ui.navigation import Words
from web.shared.common import PatientContext
from web.shared.health_changes import HealthChanges, health_changes
from web.shared.signature_forms import SignedEntryForm

from .forms import TestForm, VisitForm, choices
from .method_forms import MethodsFields

#: The fields of each part of the month, by the step of the rules that it takes.
PARTS = {
    "enter-test": ("collected_on", "result", "setting", "menses"),
    "counsel": ("visit_on",),
    "declare-methods": ("methods", "started_on"),
}
_CHOOSE = ("", _("Choose"))


class MonthlyForm(SignedEntryForm, TestForm, VisitForm, MethodsFields):
    """The month in one go: the test, the visit, the methods. A prescriber signs it; a designee never attests.

    What the stage does not ask is left out, and taken all the same from a page that was opened while it was asked.
    """

    document_code = "monthly-prescriber"
    #: Whether the page asks what has changed beside the month.
    asks_health: ClassVar[bool] = True
    tells_first: ClassVar[bool] = True
    one_box: ClassVar[bool] = True
    submit: ClassVar[Words] = _("Confirm the month")
    field_order = ["collected_on", "result", "setting", "menses", "visit_on", "methods", "started_on"]

    result = forms.ChoiceField(label=_("Result"), choices=[_CHOOSE, *choices(RESULT, RESULTS)])
    setting = forms.ChoiceField(label=_("Where"), choices=[])

    @cached_property
    def health_changes(self) -> HealthChanges:
        """What the patient said of their allergies, medicines and conditions since they were entered."""
        return health_changes(self.ctx)

    def __init__(self, *args: Any, ctx: PatientContext, **kwargs: Any) -> None:
        super().__init__(*args, ctx=ctx, **kwargs)
        self.left_out: dict[str, forms.Field] = {}
        self.last = self._last_declared()
        # Shorter than on pages of their own: they stand beside one another.
        self.fields["collected_on"].label = _("Collected on")
        self.fields["visit_on"].label = _("Visit on")
        if ctx.reader.role == DESIGNEE:
            self.unsigned()
            for name in PARTS["declare-methods"]:
                del self.fields[name]
        self._leave_out()
        self._guess()

    @property
    def done(self) -> Words:
        """What is said once it is saved: a designee confirms nothing."""
        return super().done if self.is_signed else _("Saved.")

    @property
    def button(self) -> Words:
        """The text of the button, which for a designee confirms nothing."""
        return super().button if self.is_signed or self.opens_nothing else _("Save")

    def offer(self, program: Program) -> None:
        """The places of a test, and both lists of methods."""
        super().offer(program)
        setting = self.fields["setting"]
        assert isinstance(setting, forms.ChoiceField)
        # No place stands there before one is chosen.
        setting.choices = [_CHOOSE, *choices(SETTING, program.settings)]

    def _last_declared(self) -> ContraceptionDeclared | None:
        """The methods as the prescriber declared them last in this course: most months nothing changes."""
        declared = self.ctx.file.history(self.ctx.at).in_course(ContraceptionDeclared)
        return next((record for _entry, record in reversed(declared) if record.by == "prescriber"), None)

    def _leave_out(self) -> None:
        """Take off the page what is not asked; where nothing is, the month can be entered once more as a whole."""
        assessment = self.ctx.assessment
        asked = practice.asked_now(assessment) & self._own_parts() if assessment is not None else set()
        self.asks_nothing = not asked
        if asked:
            # What is signed are the methods: a prescriber's month declares them, as they stand there from last time.
            for part in PARTS.keys() - asked - {"declare-methods"}:
                self._leave(PARTS[part])
        if assessment is None or not menses_decides(assessment):
            self._leave(["menses"])
        if self.last is not None:
            self._leave(["started_on"])

    def _own_parts(self) -> set[str]:
        """The parts that this reader enters."""
        return {part for part, names in PARTS.items() if names[0] in self.fields}

    def _leave(self, names: Iterable[str]) -> None:
        """Leave these fields out, unless something was typed in them on a page that had them."""
        present = [name for name in names if name in self.fields]
        if not any(self.data.get(self.add_prefix(name)) for name in present):
            self.left_out |= {name: self.fields.pop(name) for name in present}

    def _ask(self, name: str) -> None:
        """Put a field on the page that was left out, since what was typed makes it needed."""
        if name in self.left_out:
            self.fields[name] = self.left_out.pop(name)
            self.order_fields(self.field_order)

    def _guess(self) -> None:
        """Fill in what is most often so: the day of today, or for which the test was booked, and last month's methods.

        Result and place are never guessed.
        """
        today, booked = self.ctx.today, booked_on(self.ctx.file.history(self.ctx.at))
        taken = booked if booked is not None and booked <= today else today
        guesses: dict[str, Any] = {"collected_on": taken, "visit_on": today}
        if self.last is not None:
            guesses |= {"methods": list(self.last.methods)}
        for name, guess in guesses.items():
            if name in self.fields:
                self.fields[name].initial = guess
        if "collected_on" in self.fields:
            self.fields["collected_on"].help_text = (
                _("As booked, unless it was another day.")
                if taken == booked
                else _("Today, unless it was another day.")
            )

    def clean(self) -> dict[str, Any]:
        """Other methods than last month began on a day of their own."""
        data = super().clean() or {}
        methods = data.get("methods")
        if methods and "started_on" not in self.fields:
            assert self.last is not None
            if set(methods) == set(self.last.methods):
                data["started_on"] = self.last.started_on
            else:
                self._ask("started_on")
                self.add_error("started_on", _("These are other methods than last month. Since when are both in use?"))
        return data

    def check(self, outlook: Outlook) -> None:
        """The menses timing is asked where the day that was typed makes it decide."""
        lacking = {shortfall.code for effect in outlook.effects for shortfall in effect.shortfalls}
        if "menses-not-known" in lacking and "result" in self.fields:
            self._ask("menses")
        super().check(outlook)

    def records(self) -> list[Record]:
        """Those of each part that is on the page."""
        forms_of = {"result": TestForm, "visit_on": VisitForm, "methods": MethodsFields}
        return [record for name, form in forms_of.items() if name in self.fields for record in form.records(self)]
