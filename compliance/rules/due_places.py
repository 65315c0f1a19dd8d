"""When a certification that ends is announced. A practice and a pharmacy have logs of their own, and no assessment."""

from datetime import date

#: So many days before a certification ends, its holder hears of it.
CERTIFICATION_AHEAD_DAYS = (30, 7, 1)

#: An application that waits for so many days is told to the office.
APPLICATION_WAITS_DAYS = 2


def certification_ending(last: date, on: date) -> int | None:
    """Which of the announcements of a certification's last day is due on the day `on`; None: none is, or none is yet.

    The latest one alone: who was not reachable on the first hears of the second.
    """
    left = (last - on).days
    return min((ahead for ahead in CERTIFICATION_AHEAD_DAYS if 0 <= left <= ahead), default=None)
