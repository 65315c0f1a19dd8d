"""The page after a stop: what is to be done now, step by step, and who was told."""

from typing import Any

from django.utils.translation import gettext as _

from compliance.rules.assessment import Assessment
from compliance.rules.records import Counselled, PregnancyTest
from ui.components import Action, Step
from web.shared.common import PatientContext
from web.shared.told import told

from .entry_types import ENTRY_TYPES
from .presenters import entry_url


def stopped_page(ctx: PatientContext) -> dict[str, Any]:
    """The steps, who was told, and the way to the end of the stop, which is the last thing on the page."""
    assert ctx.assessment is not None
    clear = None
    if ctx.reader.role in ENTRY_TYPES["clear-stop"].roles:
        slug = "clear-stop"
        clear = Action(ENTRY_TYPES[slug].title, entry_url(ctx.patient, slug))
    return {"patient": ctx.patient, "steps": _steps(ctx, ctx.assessment), "told": told(ctx), "clear": clear}


def _steps(ctx: PatientContext, assessment: Assessment) -> list[Step]:
    history = assessment.history
    since = history.stops.since
    assert since is not None

    def after(kind: type[PregnancyTest] | type[Counselled]) -> bool:
        return any(entry.at > since for entry, _record in history.of(kind))

    def entry(slug: str) -> Action | None:
        page = ENTRY_TYPES[slug]
        return Action(page.title, entry_url(ctx.patient, slug)) if ctx.reader.role in page.roles else None

    phone = ctx.patient.phone
    call = _("Call %(phone)s: no more of the medicine from now on.") % {"phone": phone} if phone else ""
    return [
        Step(_("Tell the patient today"), "now", call or _("No more of the medicine from now on.")),
        Step(_("Test again, in a laboratory"), "done" if after(PregnancyTest) else "now",
             _("A second result says whether the first was right."), entry("test")),
        Step(_("Talk about what comes next"), "done" if after(Counselled) else "now",
             _("Counselling, and a referral if the patient wants one."), entry("visit")),
        Step(_("A pregnancy that is confirmed: report it the same day"), "later",
             _("The program office is told of it at once."), entry("pregnancy")),
    ]  # fmt: skip
