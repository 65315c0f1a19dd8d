"""The figures of the office in words: what each is made of, and where its list is."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from compliance.rules.missed import PARTS, PICK_UP, SEVERAL
from compliance.rules.stages import STAGES
from compliance.words.stages import stage_label
from outbox.channels import CHANNELS
from outbox.counts import ABANDONED, NOT_TAKEN, SENT
from outbox.outcomes import DELIVERED, GIVEN_UP
from outbox.states import NOT_ARRIVED
from ui.navigation import Words
from web.shared.message_words import CHANNEL_WORDS

#: A number of one practice or pharmacy below this could tell of somebody: it is not shown.
FLOOR = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure: `code` as it is counted; of a share or an average, also what it is divided by."""

    code: str
    label: Words
    #: What the number is divided by; empty for a number that stands alone.
    of: str = ""
    #: Whether the quotient is shown in per cent, or as it is.
    is_share: bool = False
    #: Whether it stands at a month's end, or was added up over the month.
    is_standing: bool = False
    #: The name of the address of its list, with what follows on it; empty where there is none.
    list_name: str = ""
    #: The least number of one place that is shown: below five it could tell of a patient.
    floor: int = FLOOR
    query: str = ""
    #: The figures that count these and others of the same place: the rest must not be a small number either.
    within: tuple[str, ...] = ()
    #: What the list is filtered by, as its address has it.
    arguments: str = ""


def _stage(code: str) -> Figure:
    return Figure(code=f"stage-{code}", label=stage_label(code), is_standing=True, list_name="office:stage", query=code)


_WHOSE: Mapping[str, Words] = {
    "prescriber": _("Windows missed: the practice's part was lacking"),
    "patient": _("Windows missed: the patient's part was lacking"),
    "guardian": _("Windows missed: a guardian's part was lacking"),
    SEVERAL: _("Windows missed: several parts were lacking"),
    PICK_UP: _("Windows missed: all was there, nobody picked up"),
}


def _missed(part: str) -> Figure:
    return Figure(code=f"missed-{part}", label=_WHOSE[part], list_name="office:stage", query="window-missed")


#: The addresses of lists: what was recorded in a month, and of whom a blocker stands now.
HAPPENED, BLOCKED = "office:happened", "office:blocked"

#: The kind of record by which the list of such a figure is read.
RECORDS: Mapping[str, str] = {
    "enrolled": "enrolled", "ended": "discontinued", "tests": "pregnancy_test", "fills": "dispensed",
    "days-to-fill": "dispensed", "authorized-at-once": "authorized", "reversed": "reversed",
}  # fmt: skip


def _recorded(code: str, label: Words, *, of: str = "", is_share: bool = False) -> Figure:
    """A figure whose list is what was recorded in a month."""
    return Figure(code=code, label=label, of=of, is_share=is_share, list_name=HAPPENED, query=code)


#: What became of messages, and how the list of messages calls it.
_ENDS: tuple[tuple[str, Words, str], ...] = (
    (SENT, _("sent"), DELIVERED),
    (NOT_TAKEN, _("refused, or came back"), NOT_ARRIVED),
    (ABANDONED, _("given up after several tries"), GIVEN_UP),
)


def _messages(channel: str, end: str, became: Words, state: str) -> Figure:
    label = format_lazy("{channel}: {became}", channel=CHANNEL_WORDS[channel], became=became)
    arguments = f"channel={channel}&state={state}"
    return Figure(code=f"messages-{end}-{channel}", label=label, list_name="office:delivery", arguments=arguments)


#: In the order of the page; each group by its heading.
GROUPS: tuple[tuple[Words, tuple[Figure, ...]], ...] = (
    (_("Patients by stage"), tuple(_stage(code) for code in STAGES)),
    (_("Treatment"), (
        _recorded("enrolled", _("Enrolled")),
        _recorded("ended", _("Courses ended")),
        _recorded("tests", _("Tests entered")),
        _recorded("fills", _("Fills")),
        _recorded("days-to-fill", _("Days from test to fill, on average"), of="fills-after-test"),
        *(_missed(part) for part in PARTS),
        Figure(code="mismatch", label=_("Patient and prescriber name different methods"), is_standing=True,
               list_name=BLOCKED, query="mismatch"),
        Figure(code="gap", label=_("In the weeks between two courses"), is_standing=True,
               list_name=BLOCKED, query="gap"),
        Figure(code="owed", label=_("Tests owed after treatment"), is_standing=True, list_name="office:stage",
               query="followed-up"),
        Figure(code="owed-late", label=_("Tests owed and late"), is_standing=True, list_name="office:stage",
               query="followed-up", within=("owed",)),
    )),
    (_("Pregnancy"), (
        Figure(code="found-by-test", label=_("Positive tests"), list_name="office:cases", within=("tests", "stops")),
        Figure(code="stops", label=_("Stops: positive tests and reports"), list_name="office:cases"),
    )),
    (_("Counter"), (
        Figure(code="asked", label=_("Questions at the counter")),
        Figure(code="refused", label=_("Questions answered no"), list_name="office:request_log"),
        Figure(code="unknown", label=_("Look-ups that found nobody"), list_name="office:request_log"),
        _recorded("authorized-at-once", _("Yes at the first question, without a call"), of="authorized", is_share=True),
        Figure(code="fills-late", label=_("Hand-overs entered late"), list_name="office:late", within=("fills",)),
        _recorded("reversed", _("Authorizations reversed")),
        Figure(code="overdue", label=_("Overdue reversals"), is_standing=True, list_name="office:overdue"),
    )),
    # They are about a practice or a pharmacy: each one is shown.
    (_("Signals of non-compliance"), (
        Figure(code="signal-after-last-day", label=_("Hand-overs tried on an expired or void authorization"), floor=1,
               list_name="office:signals"),
        Figure(code="signal-never-reversed", label=_("Not reversed for more than 30 days"), is_standing=True, floor=1,
               list_name="office:overdue"),
        Figure(code="signal-backdated", label=_("Entered long after its day: a hand-over by 7 days, a test by 14"),
               floor=1, list_name="office:signals"),
        Figure(code="signal-at-once", label=_("Two patients signed for within 3 seconds"), floor=1,
               list_name="office:signals"),
        Figure(code="signal-one-browser", label=_("Practice and patient signed in one browser on the same day"),
               floor=1, list_name="office:signals"),
        Figure(code="case-opened", label=_("Cases opened"), floor=1, list_name="office:noncompliance"),
        Figure(code="case-appeal", label=_("Appeals"), floor=1, list_name="office:noncompliance"),
        Figure(code="case-closed", label=_("Cases closed"), floor=1, list_name="office:noncompliance"),
    )),
    (_("Practices, pharmacies and accounts"), (
        Figure(code="applied", label=_("Applications"), list_name="office:applications"),
        Figure(code="approved", label=_("Approved"), list_name="office:certifications"),
        Figure(code="turned-down", label=_("Turned down"), list_name="office:certifications"),
        Figure(code="suspended", label=_("Suspended"), list_name="office:certifications"),
        Figure(code="lookups-paused", label=_("Look-ups paused after many wrong ones"), list_name="office:accounts"),
        Figure(code="lockouts", label=_("Signing or password locked"), list_name="office:accounts"),
    )),
    (_("Delivery"), tuple(_messages(channel, *end) for channel in CHANNELS for end in _ENDS)),
)  # fmt: skip

FIGURES: Mapping[str, Figure] = {figure.code: figure for _heading, group in GROUPS for figure in group}
