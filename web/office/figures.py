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
    #: What the list is filtered by, as its address has it; and whether it is one of a month.
    arguments: str = ""
    by_month: bool = False
    #: Why the list does not add up to the figure; empty where it does.
    note: Words = ""


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
    return Figure(
        code=f"missed-{part}", label=_WHOSE[part], list_name="office:stage", query="window-missed", note=_MISSED_NOW
    )


#: The addresses of lists: what was recorded in a month, and of whom it is so now.
HAPPENED, BLOCKED = "office:happened", "office:blocked"


def _recorded(
    code: str, label: Words, *, of: str = "", is_share: bool = False, within: tuple[str, ...] = (), floor: int = FLOOR,
    note: Words = "",
) -> Figure:  # fmt: skip
    """A figure whose list is what was recorded in a month (`figure_records`)."""
    return Figure(
        code=code, label=label, of=of, is_share=is_share, within=within, floor=floor, note=note, list_name=HAPPENED,
        query=code, by_month=True,
    )  # fmt: skip


def _signal(code: str, label: Words) -> Figure:
    arguments = f"kind={code}"
    return Figure(
        code=f"signal-{code}", label=label, floor=1, list_name="office:signals", arguments=arguments, by_month=True
    )


#: Why a list does not add up to its figure.
_MISSED_NOW = _(
    "The list has those whose window is missed now, whoever’s part was lacking: a missed window is no record."
)
_TESTS_OWED = _(
    "The list has a line for each patient, with the days of all tests that are owed; those that are late say so."
)
_AT_ONCE = _("The list has all authorizations: those without a call are a share of them.")
_WITH_TEST = _("The list has all fills. The average is of those with a negative test before them.")


#: What became of messages, and how the list of messages calls it.
_ENDS: tuple[tuple[str, Words, str], ...] = (
    (SENT, _("sent"), DELIVERED),
    (NOT_TAKEN, _("refused, or came back"), NOT_ARRIVED),
    (ABANDONED, _("given up after several tries"), GIVEN_UP),
)


def _messages(channel: str, end: str, became: Words, state: str) -> Figure:
    label = format_lazy("{channel}: {became}", channel=CHANNEL_WORDS[channel], became=became)
    arguments = f"channel={channel}&state={state}"
    return Figure(
        code=f"messages-{end}-{channel}", label=label, list_name="office:delivery", arguments=arguments, by_month=True
    )


#: In the order of the page; each group by its heading.
GROUPS: tuple[tuple[Words, tuple[Figure, ...]], ...] = (
    (_("Patients by stage"), tuple(_stage(code) for code in STAGES)),
    (_("Treatment"), (
        _recorded("enrolled", _("Enrolled")),
        _recorded("ended", _("Courses ended")),
        _recorded("tests", _("Tests entered")),
        _recorded("fills", _("Fills")),
        _recorded("days-to-fill", _("Days from test to fill, on average"), of="fills-after-test", note=_WITH_TEST),
        *(_missed(part) for part in PARTS),
        Figure(code="mismatch", label=_("Patient and prescriber name different methods"), is_standing=True,
               list_name=BLOCKED, query="mismatch"),
        Figure(code="gap", label=_("In the weeks between two courses"), is_standing=True,
               list_name=BLOCKED, query="gap"),
        Figure(code="owed", label=_("Tests owed after treatment"), is_standing=True, list_name=BLOCKED, query="owed",
               note=_TESTS_OWED),
        Figure(code="owed-late", label=_("Tests owed and late"), is_standing=True, list_name=BLOCKED, query="owed",
               within=("owed",), note=_TESTS_OWED),
    )),
    (_("Pregnancy"), (
        _recorded("found-by-test", _("Positive tests"), within=("tests", "stops")),
        _recorded("stops", _("Stops: positive tests and reports")),
    )),
    (_("Counter"), (
        _recorded("asked", _("Questions at the counter")),
        _recorded("refused", _("Questions answered no")),
        _recorded("unknown", _("Look-ups that found nobody")),
        _recorded("authorized-at-once", _("Yes at the first question, without a call"), of="authorized", is_share=True,
                  note=_AT_ONCE),
        Figure(code="fills-late", label=_("Hand-overs entered late"), list_name="office:late", within=("fills",),
               by_month=True),
        _recorded("reversed", _("Authorizations reversed")),
        Figure(code="overdue", label=_("Overdue reversals"), is_standing=True, list_name="office:overdue"),
    )),
    # They are about a practice or a pharmacy: each one is shown.
    (_("Signals of non-compliance"), (
        _signal("after-last-day", _("Hand-overs tried on an expired or void authorization")),
        Figure(code="signal-never-reversed", label=_("Not reversed for more than 30 days"), is_standing=True, floor=1,
               list_name="office:overdue", arguments="for=30"),
        _signal("backdated", _("Entered long after its day: a hand-over by 7 days, a test by 14")),
        _signal("at-once", _("Two patients signed for within 3 seconds")),
        _signal("one-browser", _("Practice and patient signed in one browser on the same day")),
        _recorded("case-opened", _("Cases opened"), floor=1),
        _recorded("case-appeal", _("Appeals"), floor=1),
        _recorded("case-closed", _("Cases closed"), floor=1),
    )),
    (_("Practices, pharmacies and accounts"), (
        _recorded("applied", _("Applications")),
        _recorded("approved", _("Approved")),
        _recorded("turned-down", _("Turned down")),
        _recorded("suspended", _("Suspended")),
        _recorded("lookups-paused", _("Look-ups paused after many wrong ones")),
        _recorded("lockouts", _("Signing or password locked")),
    )),
    (_("Delivery"), tuple(_messages(channel, *end) for channel in CHANNELS for end in _ENDS)),
)  # fmt: skip

FIGURES: Mapping[str, Figure] = {figure.code: figure for _heading, group in GROUPS for figure in group}
