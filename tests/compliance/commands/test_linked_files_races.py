"""Two files of one person, at the same moment: nobody gets two yeses out of them."""

from collections.abc import Iterator
from functools import partial
from uuid import uuid4

import pytest

from compliance.commands import linking
from compliance.commands.linking import NotLinked
from compliance.models import Authorization
from compliance.records.file import read_file
from compliance.records.rebuild import differences
from compliance.rules.records import (
    Enrolled,
    EntryStruck,
)
from patients.models import Patient
from tests import factories, linked
from tests.compliance.commands.test_linked_files import LATER, POSITIVE, SOON, codes, link
from tests.compliance.races import LATE, Rounds, Runners, unjustified
from tests.histories import NOW, ClinicFactory


@pytest.fixture
def busy(crowd: ClinicFactory) -> ClinicFactory:
    return crowd


@pytest.fixture
def runners(crowd: ClinicFactory) -> Iterator[Runners]:
    threads = Runners(3)
    yield threads
    threads.close()


def test_race_two_linked_files_enrolled_at_once_open_one_course(busy: ClinicFactory, runners: Runners) -> None:
    rounds = Rounds(60, ways=4, enough=3)
    for round_ in rounds:
        files = [busy.ended(), busy.ended()]
        link(busy, *(files if round_ % 2 else files[::-1]))
        again = Enrolled("can_become_pregnant", prescriber=str(busy.prescriber.pk))
        opened = runners.together([partial(busy.enter, file, again, SOON) for file in files], late=rounds.late(round_))
        rounds.ended(opened[0], round_ % 2)
        assert sorted(opened) == [False, True]
        assert sorted("not-enrolled" in codes(file) for file in files) == [False, True]


def test_race_yes_in_one_file_while_the_other_course_comes_back(busy: ClinicFactory, runners: Runners) -> None:
    rounds = Rounds(60, ways=4, enough=3)
    for round_ in rounds:
        one, other = busy.ready(), busy.ended()
        back = EntryStruck(read_file(other.pk, NOW).head.number, "the wrong patient")
        link(busy, *((one, other) if round_ % 2 else (other, one)))
        ask, enter = partial(busy.authorize, one, 0, SOON), partial(busy.enter, other, back, SOON)
        yes, _ = runners.together([ask, enter], late=rounds.late(round_))
        rounds.ended(yes.allowed, round_ % 2)
        assert codes(other) == ["course-elsewhere", *(["authorization-open"] if yes.allowed else [])]
        assert not busy.authorize(other, 1, LATER).allowed
        assert unjustified(one) == unjustified(other) == []


def test_a_stop_in_one_and_a_yes_in_the_other(busy: ClinicFactory, runners: Runners) -> None:
    rounds = Rounds(60, ways=4, enough=3)
    for round_ in rounds:
        one, other = busy.ended(), busy.ready()
        link(busy, *((one, other) if round_ % 2 else (other, one)))
        stop, ask = partial(busy.enter, one, POSITIVE, SOON), partial(busy.authorize, other, 1, SOON)
        _entered, answer = runners.together([stop, ask], late=rounds.late(round_))
        rounds.ended(answer.allowed, round_ % 2)
        assert not Authorization.objects.filter(patient=other, state="open").exists()
        assert unjustified(one) == unjustified(other) == []
    assert list(differences()) == []


def test_linking_while_both_are_asked_for(busy: ClinicFactory, runners: Runners) -> None:
    """One officer asked for it before: what races is the press that links them."""
    rounds = Rounds(60, ways=2)
    for round_ in rounds:
        one, other = busy.ready(), busy.ready()
        presses = [
            partial(linking.link, files=(one.pk, other.pk), reason="one person", by=who, at=NOW, key=uuid4())
            for who in linked.OFFICERS
        ]
        assert not presses[0]()
        is_linked, first, _second = runners.together(
            [
                presses[1],
                partial(busy.authorize, one, 0, NOW),
                partial(busy.authorize, other, 1, NOW),
            ],
            late=rounds.late(round_, (1, 2), by=8 * LATE),
        )
        assert is_linked
        rounds.ended(first.allowed)
        assert Authorization.objects.filter(patient__in=[one, other], state="open").count() <= 1
        assert unjustified(one) == unjustified(other) == []
    assert list(differences()) == []


def test_links_made_at_once_hang_together_or_are_refused(busy: ClinicFactory, runners: Runners) -> None:
    """By turns of files with an open course, which two officers link, and of files without, which one does."""

    def tried(one: Patient, other: Patient) -> bool:
        try:
            link(busy, one, other)
        except NotLinked:
            return False
        return True

    rounds = Rounds(60, ways=6, enough=2)
    for round_ in rounds:
        two = round_ % 2
        a, b, c = (busy.ready() if two else factories.patient(busy.prescriber) for _ in range(3))
        links = [partial(tried, a, b), partial(tried, b, c), partial(tried, c, a)]
        done = runners.together(links, late=rounds.late(round_, (0, 1, 2)))
        rounds.ended(done.index(False), two)
        assert sum(done) == 2
        assert all(len(read_file(file.pk, LATER).history(LATER).linked) == 2 for file in (a, b, c))
    assert list(differences()) == []
