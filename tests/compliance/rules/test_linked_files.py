"""Stops and authorizations of linked files, whatever is linked, taken apart and linked again in whichever order.

Beside the rules stands what they must come to, kept by hand while things happen.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.rules import authorizations, entries
from compliance.rules.followup import gap_over_on
from compliance.rules.gate import judge
from compliance.rules.history import History, read
from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
from compliance.rules.records import (
    Authorized,
    Discontinued,
    Enrolled,
    Entry,
    FileLinked,
    FileUnlinked,
    PregnancyReported,
    PregnancyTest,
    Record,
    Registered,
    StopCleared,
)
from tests.amount import share

START = datetime(2026, 10, 1, 15, tzinfo=UTC)
FILES = ("a", "b", "c")


class Files:
    """Three files, and by hand: who is linked, which stops nobody cleared, what became of each authorization."""

    def __init__(self) -> None:
        self.at = START
        self.logs: dict[str, list[Entry]] = {file: [] for file in FILES}
        self.groups = {file: {file} for file in FILES}
        #: Whether the file's latest stop was cleared: by itself, or by which others.
        self.stopped = dict.fromkeys(FILES, False)
        self.cleared_by: dict[str, set[str]] = {file: set() for file in FILES}
        self.open: dict[str, str] = {}
        self.void: set[str] = set()
        for file in FILES:
            self.put(file, Registered(date(2001, 4, 2), prescriber="p"))
            self.put(file, Enrolled("can_become_pregnant", prescriber="p"))

    def put(self, file: str, record: Record) -> None:
        self.at += timedelta(minutes=1)
        self.logs[file].append(Entry(len(self.logs[file]) + 1, self.at, record))

    def history(self, file: str) -> History:
        rest = {other: self.logs[other] for other in self.groups[file] if other != file}
        return read(ISOTRETINOIN_US, self.logs[file], self.at, rest, file)

    def close(self, file: str) -> None:
        """What is open in that file becomes void."""
        self.void |= {number for number, where in self.open.items() if where == file}
        self.open = {number: where for number, where in self.open.items() if where != file}

    # --- what happens ---------------------------------------------------------------------------
    def stop(self, file: str, record: Record) -> None:
        self.put(file, record)
        self.stopped[file], self.cleared_by[file] = True, set()
        for other in self.groups[file]:
            self.close(other)

    def clear(self, file: str) -> None:
        self.put(file, StopCleared("r"))
        for other in self.groups[file]:
            self.cleared_by[other].add(file)

    def authorize(self, file: str) -> None:
        if not any(where in self.groups[file] for where in self.open.values()):
            number = f"n{len(self.open) + len(self.void)}"
            self.put(file, Authorized(number, "p", 30, date(2027, 3, 1)))
            self.open[number] = file

    def link(self, one: str, other: str) -> None:
        if other in self.groups[one]:
            return
        mine, theirs = self.groups[one], self.groups[other]
        for file, others in [*((f, theirs) for f in sorted(mine)), *((f, mine) for f in sorted(theirs))]:
            for another in sorted(others):
                self.put(file, FileLinked(another, "r"))
            self.close(file)
        for file in mine | theirs:
            self.groups[file] = mine | theirs

    def unlink(self, file: str) -> None:
        rest = self.groups[file] - {file}
        for one, others in [(file, sorted(rest)), *((other, [file]) for other in sorted(rest))]:
            for another in others:
                self.put(one, FileUnlinked(another, "r"))
                self.cleared_by[one].discard(another)
                self.close(one)
            self.groups[one] = {file} if one == file else rest

    # --- what must come of it -------------------------------------------------------------------
    def check(self) -> None:
        for file in FILES:
            found, group = self.history(file), self.groups[file]
            assert found.stops.open == any(self.stopped[one] and not self.cleared_by[one] for one in group)
            assert all(other.stops == found.stops for other in found.linked)
            states = {number: one.state for number, one in authorizations.all_of(found).items()}
            own = {e.record.number for e in self.logs[file] if isinstance(e.record, Authorized)}
            assert states == {number: "open" if number in self.open else "void" for number in own}


EVENTS = st.tuples(
    st.sampled_from(["stop", "report", "clear", "clear", "authorize", "link", "link", "unlink"]),
    st.sampled_from(FILES),
    st.sampled_from(FILES),
)


@settings(max_examples=share(5_000, 300), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(EVENTS, max_size=14))
def test_only_a_clearing_closes_a_stop_and_nothing_opens_what_was_void(events: list[tuple[str, str, str]]) -> None:
    files = Files()
    for event, file, other in events:
        if event == "stop":
            files.stop(file, PregnancyTest(date(2026, 10, 1), "positive", "laboratory"))
        elif event == "report":
            files.stop(file, PregnancyReported())
        elif event == "link":
            files.link(file, other)
        else:
            getattr(files, event)(file)
        files.check()


def test_a_clearing_counts_from_the_link_on_and_while_it_lasts() -> None:
    files = Files()
    files.stop("a", PregnancyReported())
    steps: list[tuple[Callable[..., None], str, bool]] = [
        (files.clear, "b", True),
        (files.link, "ab", True),
        (files.clear, "b", False),
        (files.link, "cb", False),
        (files.unlink, "c", False),
        (files.unlink, "b", True),
        (files.link, "ba", True),
        (files.clear, "a", False),
        (files.unlink, "b", False),
    ]
    for event, named, stopped in steps:
        event(*named)
        assert files.history("a").stops.open is stopped
        files.check()


def test_a_file_that_knows_of_no_link_clears_nothing() -> None:
    """Asked for the instant between the two records of a link."""
    files = Files()
    files.stop("a", PregnancyReported())
    files.clear("b")
    files.put("a", FileLinked("b", "r"))
    found = read(ISOTRETINOIN_US, files.logs["a"], files.at, {"b": files.logs["b"]}, "a")
    assert found.linked and found.stops.open


def test_at_the_same_instant_in_two_files_a_stop_stays_open() -> None:
    """No two of them get the same instant; if they did, nobody could say which came first."""
    files = Files()
    files.link("a", "b")
    files.put("b", StopCleared("r"))
    files.at -= timedelta(minutes=1)
    files.put("a", PregnancyReported())
    assert files.history("a").stops.open and files.history("b").stops.open


def test_the_last_day_of_a_stop_and_the_gap_are_those_of_both_while_they_are_linked() -> None:
    """Cleared or not: a test that is older than a stop of either opens nothing."""
    files = Files()
    for file, on in [("a", date(2026, 9, 20)), ("b", date(2026, 9, 30))]:
        files.stop(file, PregnancyTest(on, "positive", "laboratory"))
        files.clear(file)
    files.put("b", Discontinued("r", date(2026, 9, 29)))
    mine, theirs = (date(2026, 9, 20), None), (date(2026, 9, 30), date(2026, 11, 24))
    assert [last_and_gap(files, file) for file in ("a", "b")] == [mine, theirs]
    files.link("a", "b")
    assert [last_and_gap(files, file) for file in ("a", "b")] == [theirs, theirs]
    assert not files.history("a").stops.open
    files.unlink("a")
    assert [last_and_gap(files, file) for file in ("a", "b")] == [mine, theirs]


def last_and_gap(files: Files, file: str) -> tuple[date | None, date | None]:
    found = files.history(file)
    return found.stops.last_on, gap_over_on(found, found.program.edition_on(found.day))


def test_a_hand_over_is_entered_late_until_the_day_of_the_stop_in_either_file() -> None:
    """A later yes of the other file does not matter: it is no authorization of this one."""
    files = Files()
    files.link("a", "b")
    files.authorize("a")
    issued = files.at.date()
    files.at += timedelta(days=5)
    files.stop("b", PregnancyReported())
    files.at += timedelta(days=3)
    files.clear("b")
    files.put("b", Authorized("other", "p", 30, date(2027, 3, 1)))
    found = files.history("a")
    (one,) = authorizations.all_of(found).values()
    assert one.state == "void"
    assert authorizations.late_until(found, one) == issued + timedelta(days=4)
    for days, code in ((4, None), (5, "authorization-void")):
        on = (issued + timedelta(days=days)).isoformat()
        assert authorizations.refuse_dispense(found, one.record.number, "p", on) == code


def test_the_other_files_open_course_stands_in_the_way_of_both_and_of_a_new_one() -> None:
    files = Files()
    files.link("a", "b")
    for file in ("a", "b"):
        found = judge(files.history(file), prescribers={})
        assert found.codes.index("course-elsewhere") < found.codes.index("consent-missing:patient-information")
        assert next(b.who for b in found.blockers if b.code == "course-elsewhere") == ("prescriber", "office")
    files.put("a", Discontinued("r", date(2026, 10, 1)))
    assert judge(files.history("a"), prescribers={}).codes[-1] == "not-enrolled"
    codes = judge(files.history("b"), prescribers={}).codes
    assert "course-elsewhere" not in codes
    assert "course-gap" in codes
    again = Enrolled("can_become_pregnant")
    refused = entries.refusal(files.history("a"), files.logs["a"], again, files.at)
    assert refused is not None
    assert (refused.field, refused.rule) == ("", "course-elsewhere")
    files.put("b", Discontinued("r"))
    assert entries.refusal(files.history("a"), files.logs["a"], again, files.at) is None
    files.unlink("b")
    assert entries.refusal(files.history("a"), files.logs["a"], again, files.at) is None
