"""Small numbers of one practice or pharmacy: not shown, and not to be worked out by a difference either."""

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Sum

from compliance.models import MonthlyFigure

from .figures import Figure


def shown_of(figure: Figure, rows: QuerySet[MonthlyFigure]) -> QuerySet[MonthlyFigure]:
    """Those of the rows of a figure and a month that tell of nobody. One query besides.

    Not shown is a number below the floor, and one of which the rest of a larger figure of the place is below it. What
    is missing to the number of the program is to be of two places, and no small number: else the smallest go too.
    """
    if figure.floor <= 1:
        return rows
    floor = figure.floor
    larger = MonthlyFigure.objects.filter(
        figure__in=figure.within, place=OuterRef("place"), month=OuterRef("month"),
        number__gt=OuterRef("number"), number__lt=OuterRef("number") + floor,
    )  # fmt: skip
    rows = rows.annotate(tells_the_rest=Exists(larger))
    small = Q(number__lt=floor) | Q(tells_the_rest=True)
    hidden = small & Q(number__gt=0)
    found = rows.aggregate(
        places=Count("pk", filter=hidden), sum=Sum("number", filter=hidden), least=Min("number", filter=~small)
    )
    shown = rows.exclude(small)
    is_enough = found["places"] == 0 or (found["places"] > 1 and found["sum"] >= floor)
    return shown if is_enough or found["least"] is None else shown.filter(number__gt=found["least"])
