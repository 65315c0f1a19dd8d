"""What a REMS assessment asks for, of a period of whole months: worked out from records, the same whenever it is asked.

Each number rests on what was recorded up to the end of the period; what became of a pregnancy, on what was recorded up
to the first checkpoint over all logs after it. No later record changes any of them.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import QuerySet, Sum

from compliance.models import FigureProgress, MonthlyFigure, PregnancyCase
from compliance.rules.pregnancies import pregnancy_cases
from ledger.minutes import REACH
from ledger.models import Checkpoint

from .figures import RECORDED, bounds
from .file import read_files_of


@dataclass(frozen=True, slots=True)
class Assessed:
    """The numbers of a period, by code, and the checkpoint on which they stand."""

    first: date
    last: date
    checkpoint: Checkpoint
    numbers: Mapping[str, int]


def assessed(first: date, last: date) -> Assessed | None:
    """The assessment of the months from the day `first` to the day `last`, the last of its month.

    None while the period is not counted to its end, or no checkpoint was made since.
    """
    _begin, end = bounds(last)
    progress = FigureProgress.objects.filter(last_day__gte=last).first()
    checkpoint = Checkpoint.objects.filter(at__gte=end + REACH).order_by("number").first()
    if progress is None or checkpoint is None:
        return None
    numbers = _flows(first, last) | _courses(first, last) | _certified(last, end)
    since, _end = bounds(first)
    return Assessed(first, last, checkpoint, numbers | _pregnancies(since, end, checkpoint.at))


def _flows(first: date, last: date) -> dict[str, int]:
    rows = MonthlyFigure.objects.filter(place=None, figure__in=RECORDED, month__gte=first, month__lte=last)
    found = dict(rows.values_list("figure").annotate(sum=Sum("number")).order_by("figure"))
    return {figure: found.get(figure, 0) for figure in RECORDED}


def _courses(first: date, last: date) -> dict[str, int]:
    """How many courses were open when the period began, and at its end: those begun less those ended until then."""
    months = MonthlyFigure.objects.filter(place=None)
    before, until = months.filter(month__lt=first), months.filter(month__lte=last)
    return {"open-before": _open(before), "open": _open(until)}


def _open(months: QuerySet[MonthlyFigure]) -> int:
    sums = dict(months.filter(figure__in=_COURSES).values_list("figure").annotate(sum=Sum("number")).order_by("figure"))
    return sum(sign * sums.get(figure, 0) for figure, sign in _COURSES.items())


#: What adds to the courses that are open, and what takes from them.
_COURSES = {"enrolled": 1, "ended": -1, "reopened": 1}

#: Those whose latest suspension or reinstatement is no suspension, and of whom a certification covers the day.
_SELECT_CERTIFIED = """
SELECT subject_kind, count(DISTINCT subject) FROM ledger_record certified
WHERE subject_kind IN ('prescriber', 'pharmacy') AND kind = 'certified' AND at < %(end)s
    AND (data->>'first')::date <= %(day)s AND (data->>'last')::date >= %(day)s
    AND 'suspended' IS DISTINCT FROM (
        SELECT kind FROM ledger_record step WHERE step.subject = certified.subject AND step.at < %(end)s
            AND step.kind IN ('suspended', 'reinstated') ORDER BY number DESC LIMIT 1)
GROUP BY subject_kind
"""


def _certified(last: date, end: datetime) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(_SELECT_CERTIFIED, {"day": last, "end": end})
        found = dict(cursor.fetchall())
    return {f"certified-{kind}": found.get(kind, 0) for kind in ("prescriber", "pharmacy")}


def _pregnancies(since: datetime, end: datetime, known_at: datetime) -> dict[str, int]:
    """The cases found in the period, by what was known of each at `known_at`. They are few."""
    rows = PregnancyCase.objects.filter(found_at__gte=since, found_at__lt=end)
    patients = sorted(set(rows.values_list("patient", flat=True)))
    numbers: Counter[str] = Counter(pregnancies=0)
    for file in read_files_of(patients, known_at).values():
        for case in pregnancy_cases(file.history(known_at)):
            if since <= case.opened.at < end:
                exposure = case.latest.exposure if case.latest is not None else "unknown"
                numbers.update([
                    "pregnancies", f"phase-{case.phase}", f"exposure-{exposure}", f"outcome-{case.outcome}",
                ])  # fmt: skip
    return dict(numbers)
