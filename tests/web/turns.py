"""Products of which a run takes each value by turns, and a run of everything all (`tests.amount`)."""

from collections.abc import Iterable, Sequence

from tests import amount


def by_turns[Name, Value](names: Iterable[Name], values: Sequence[Value]) -> list[tuple[Name, Value]]:
    """Each name with one of the values, by turns: each value comes as often as another. With `--all`, with each."""
    return [
        (name, value)
        for place, name in enumerate(names)
        for value in (values if amount.EVERYTHING else [values[place % len(values)]])
    ]
