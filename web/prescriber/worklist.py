"""The worklist as a query: its order, its filters and their counts, and who comes next.

Filters stand in the address. What is searched for does not: `web.shared.searches`. A list without one is whole.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, Count, DateField, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Coalesce, Least
from django.http import HttpRequest, QueryDict

from accounts.roles import DESIGNEE
from compliance.records.status import ANSWER_OWED
from compliance.rules.stages import STAGES
from compliance.words.worklist import MISSING, OF_DOCUMENTS
from patients.models import Patient
from patients.search import searched
from web.shared import lists

#: In which order the rows stand: `place` is one of `PLACES`, `on` the day that matters there.
ORDER = ("place", "on", "family_name", "given_name", "id")

#: What stands above what: a report that cannot wait, a stop, a missed window, what closes, what the practice can do
#: today, the rest.
REPORTED, STOPPED, MISSED, CLOSES, TODAY, LATER, CLOSED = PLACES = range(7)

#: The stages in which the last day of a window is one by which somebody has to do something.
_CLOSING = ("invited", "consent", "month", "ready", "authorized")

#: In a patient's address: that the reader comes from the list, and goes on with its next row.
FROM_LIST = "list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What the address asks to be shown, and where in the list the reader is."""

    stage: str = ""
    missing: str = ""
    mine: bool = False
    asks: bool = False
    search: str = ""
    place: Mapping[str, str]

    @classmethod
    def of(cls, given: QueryDict) -> "Filters":
        """Read from an address, or from a form that keeps them; what is not listed is left out."""
        stage, missing, search = (given.get(name, "") for name in ("stage", "missing", "search"))
        return cls(
            stage=stage if stage in STAGES else "",
            missing=missing if missing in MISSING else "",
            mine=bool(given.get("mine")),
            asks=bool(given.get("asks")),
            search=search if search.isascii() and search.isalnum() and len(search) <= 16 else "",
            place={name: text for name in (lists.AFTER, lists.BEFORE) if _is_id(text := given.get(name, ""))},
        )

    def values(self) -> dict[str, str]:
        """The filters that are set, without the place in the list."""
        chosen = {
            "stage": self.stage, "missing": self.missing, "mine": "1" if self.mine else "",
            "asks": "1" if self.asks else "", "search": self.search,
        }  # fmt: skip
        return {name: value for name, value in chosen.items() if value}

    def address(self, **other: str) -> str:
        """The query of a list with other filters than these, from its first row on."""
        query = QueryDict(mutable=True)
        query.update({name: value for name, value in (self.values() | other).items() if value})
        return f"?{query.urlencode()}" if query else ""

    def here(self) -> str:
        """The query of this very page of the list."""
        return self.address(**self.place)

    def of_patient(self) -> str:
        """What an address of a patient says of the list from which the reader comes."""
        return self.address(**self.place, **{FROM_LIST: "1"})


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def from_list(request: HttpRequest) -> Filters | None:
    """The list from which the reader came to a patient; None where they came another way."""
    return Filters.of(request.GET) if request.GET.get(FROM_LIST) else None


# --- the rows -----------------------------------------------------------------------------------
type Ordered = QuerySet[Any]
"""Patients with the annotations of `in_order`."""


def in_order(rows: QuerySet[Patient], role: str, today: date) -> Ordered:
    """The patients, each with its place, the day that matters, what is missing first, whether the reader acts, and
    whether somebody asks. A question is answered by whoever of the practice talks with them.
    """
    acts = "status__designee_acts_from" if role == DESIGNEE else "status__prescriber_acts_from"
    asks = Q(status__asks_since__isnull=False)
    can_act = Q(**{f"{acts}__lte": today}) | asks
    closing = Q(status__stage__in=_CLOSING, status__window_last__gte=today)
    return rows.annotate(
        place=Case(
            When(status__owed__contains=[[ANSWER_OWED]], then=REPORTED),
            When(status__stage="stopped", then=STOPPED),
            When(status__stage="window-missed", then=MISSED),
            When(closing, then=CLOSES),
            When(can_act, then=TODAY),
            When(status__stage__in=("closed", ""), then=CLOSED),
            default=LATER,
            output_field=IntegerField(),
        ),
        on=Case(
            When(status__owed__contains=[[ANSWER_OWED]], then=F(acts)),
            When(closing, then=F("status__window_last")),
            default=Coalesce(Least(F(acts), F("status__asks_since")), Value(date.max)),
            output_field=DateField(),
        ),
        acts=Case(When(can_act, then=1), default=0, output_field=IntegerField()),
        asks=Case(When(asks, then=1), default=0, output_field=IntegerField()),
        reason=_reason(),
    )


def _code(place: int) -> KeyTextTransform:
    """The code of the blocker in that place, in the order of the rules."""
    return KeyTextTransform("0", KeyTransform(str(place), F("status__blockers")))


def _reason() -> Case:
    """The first thing that is missing: one for each patient, so that the counts add up."""
    first = Case(
        When(status__blockers__0__0="prescriber-not-certified", then=_code(1)),
        default=_code(0),
        output_field=CharField(),
    )
    signatures = [
        When(**{f"status__blockers__{place}__0__startswith": f"{code}:"}, then=Value(code))
        for place in (0, 1)
        for code in OF_DOCUMENTS
    ]
    return Case(
        When(status__owed__contains=[[ANSWER_OWED]], then=Value("answer-owed")),
        When(status__stage="stopped", then=Value("stop-open")),
        When(status__stage="followed-up", then=Value("owed-test")),
        When(status__stage__in=("closed", ""), then=Value("nothing")),
        When(status__stage="ready", then=Value("pick-up")),
        *signatures,
        default=Coalesce(first, Value("nothing")),
        output_field=CharField(),
    )


def filtered(rows: Ordered, filters: Filters, text: str) -> Ordered:
    """The rows that the filters and the search leave."""
    found: Ordered = searched(rows, text)
    if filters.stage:
        found = found.filter(status__stage=filters.stage)
    if filters.missing:
        found = found.filter(reason=filters.missing)
    if filters.asks:
        found = found.filter(asks=1)
    return found.filter(acts=1) if filters.mine else found


@dataclass(frozen=True, slots=True)
class Counts:
    """How many each choice of a filter would show, the other filters as they are: the choices of one add up."""

    stages: Mapping[str, int]
    reasons: Mapping[str, int]
    mine: int
    asks: int
    every: int


def counts(rows: Ordered, filters: Filters, text: str) -> Counts:
    """One query, however many patients there are."""
    found: Ordered = searched(rows, text)
    grouped = found.order_by().values_list("status__stage", "reason", "acts", "asks")
    stages: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    mine = asking = every = 0
    for stage, reason, acts, asks, number in grouped.annotate(number=Count("pk")):
        of_stage, of_reason = filters.stage in ("", stage), filters.missing in ("", reason)
        of_mine, of_asks = acts or not filters.mine, asks or not filters.asks
        if of_reason and of_mine and of_asks:
            stages[stage or ""] += number
        if of_stage and of_mine and of_asks:
            reasons[reason] += number
        if of_stage and of_reason:
            every += number
            mine += number * acts if of_asks else 0
            asking += number * asks if of_mine else 0
    return Counts(stages, reasons, mine, asking, every)


def next_of(ordered: Ordered, rows: Ordered, patient: UUID) -> Patient | None:
    """The patient after that one in `ordered`; that one is looked up among all `rows`, and may be listed no more."""
    found: Patient | None = lists.row_after(ordered.select_related("status"), rows, patient, *ORDER)
    return found


def listed(codes: Iterable[str], numbers: Mapping[str, int], chosen: str) -> list[tuple[str, int]]:
    """The choices of a filter that show somebody, and the one that is chosen, each with its count."""
    return [(code, numbers.get(code, 0)) for code in codes if numbers.get(code) or code == chosen]
