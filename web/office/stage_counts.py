"""How many patients are in each stage: as they were counted at the end of the last day, and not at each look."""

from collections.abc import Mapping

from django.db.models import Count

from compliance.commands.figures import counted_to
from compliance.models import MonthlyFigure, PatientStatus
from compliance.rules.stages import STAGES


def stage_counts() -> Mapping[str, int]:
    """By stage, those that somebody is in. Two queries; before any day was counted, the patients themselves are."""
    last_day = counted_to()
    if last_day is not None:
        figures = [f"stage-{stage}" for stage in STAGES]
        rows = MonthlyFigure.objects.filter(place=None, month=last_day.replace(day=1), figure__in=figures)
        numbers = {figure.removeprefix("stage-"): number for figure, number in rows.values_list("figure", "number")}
        if numbers:
            return numbers
    counted = PatientStatus.objects.exclude(stage="").values_list("stage").annotate(count=Count("pk"))
    return dict(counted.order_by("stage"))
