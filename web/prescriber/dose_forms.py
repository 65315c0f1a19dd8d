"""Forms about the last dose: ending a course, and putting its last dose right."""

from datetime import date
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from compliance.rules.records import Discontinued, LastDoseCorrected, Record
from ui.fields import DateField
from ui.navigation import Words
from web.shared.common import PatientContext
from web.shared.confirm_entry import TellingForm

from .forms import WithReason, radio


class DoseFields(WithReason):
    """Whether a dose was taken, and the day of the last one."""

    field_order = ["dose", "last_dose_on", "reason"]

    dose = radio(_("Was any dose taken?"), [("yes", _("Yes")), ("no", _("No, none"))])
    last_dose_on = DateField(label=_("Day of the last dose"), required=False)

    def clean(self) -> dict[str, Any]:
        """The day of the last dose, if there was one."""
        data = super().clean() or {}
        if data.get("dose") == "yes" and not data.get("last_dose_on") and "last_dose_on" not in self.errors:
            self.add_error("last_dose_on", _("Enter the day of the last dose."))
        return data

    def last_dose(self) -> date | None:
        """The day of the last dose; None when none was taken."""
        day: date | None = self.cleaned_data["last_dose_on"] if self.cleaned_data["dose"] == "yes" else None
        return day


class DiscontinueForm(DoseFields):
    """End the course."""

    submit: ClassVar[Words] = _("End the course")

    def records(self) -> list[Record]:
        return [Discontinued(self.why(), self.last_dose())]


class LastDoseForm(TellingForm, DoseFields):
    """Put the last dose of the latest course right; what was entered stands in the fields."""

    submit: ClassVar[Words] = _("Correct the last dose")
    danger: ClassVar[bool] = False

    def __init__(self, *args: Any, ctx: PatientContext, **kwargs: Any) -> None:
        super().__init__(*args, ctx=ctx, **kwargs)
        ended = ctx.file.history(ctx.at).last_ended
        if ended is not None:
            self.fields["dose"].initial = "no" if ended.last_dose_on is None else "yes"
            self.fields["last_dose_on"].initial = ended.last_dose_on

    def records(self) -> list[Record]:
        return [LastDoseCorrected(self.why(), self.last_dose())]
