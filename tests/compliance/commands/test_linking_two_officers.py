"""Linking two files, and ending a link, beside a stop or an open course: two officers together, or nothing is done."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest

from accounts.roles import OFFICER
from accounts.two_officers import LIFETIME
from compliance.commands import erasure, linking
from compliance.commands.linking_case import LINK, UNLINK, waiting
from compliance.models import Proposal
from compliance.records.columns import NotAsRecorded
from compliance.rules.records import Discontinued, Enrolled, PregnancyReported, StopCleared
from ledger import log
from ledger.actor import Actor
from ledger.models import ErasableText, LoggedRequest
from patients.models import Patient
from tests import factories, linked
from tests.compliance.commands.test_linked_files import sound
from tests.compliance.races import Rounds, Runners
from tests.histories import NOW, ClinicFactory

LATER = NOW + timedelta(hours=1)
LAPSED = NOW + LIFETIME
FIRST, SECOND = linked.OFFICERS


def ended(clinic: ClinicFactory) -> Patient:
    """A file whose course has ended."""
    return clinic.ended()


def stopped(clinic: ClinicFactory) -> Patient:
    """A file without a course, with a stop."""
    file = ended(clinic)
    assert clinic.enter(file, PregnancyReported())
    return file


def beside(clinic: ClinicFactory, of: Callable[[ClinicFactory], Patient]) -> Patient:
    """A file in which nothing is open, linked with one in which something is."""
    file = ended(clinic)
    linked.link(file.pk, of(clinic).pk, at=NOW)
    return file


STANDS: dict[str, tuple[Callable[[ClinicFactory], Patient], bool]] = {
    "an open course": (lambda c: c.ready(), True),
    "a stop": (stopped, True),
    "a file linked with an open course": (lambda c: beside(c, lambda d: d.ready()), True),
    "a file linked with a stop": (lambda c: beside(c, stopped), True),
    "a course that has ended": (ended, False),
    "no course ever": (lambda c: factories.patient(c.other), False),
}


def link(one: Patient, other: Patient, by: Actor, at: datetime = NOW) -> bool:
    return linking.link(files=(one.pk, other.pk), reason=f"by {by.account}", by=by, at=at, key=uuid4())


def unlink(file: Patient, by: Actor, at: datetime = NOW) -> bool:
    return linking.unlink(file=file.pk, reason=f"by {by.account}", by=by, at=at, key=uuid4())


def are_linked(one: Patient) -> bool:
    return Patient.objects.get(pk=one.pk).linked_to_id is not None


def kinds(file: Patient) -> list[str]:
    return [row.kind for row in log.read(file.pk)]


@pytest.mark.django_db
@pytest.mark.parametrize("turned", [False, True], ids=["one first", "other first"])
@pytest.mark.parametrize("name", STANDS)
def test_link_needs_two_officers_beside_a_stop_or_a_course(clinic: ClinicFactory, name: str, turned: bool) -> None:
    make, two = STANDS[name]
    pair = (ended(clinic), make(clinic))
    one, other = reversed(pair) if turned else pair
    before = kinds(one)
    assert link(one, other, FIRST) is not two
    if two:
        assert not link(one, other, FIRST), "the same officer once more"
        assert not link(other, one, FIRST), "the same officer, by the other file"
        assert kinds(one) == before
        assert link(other, one, SECOND)
    assert "file_linked" in kinds(one)[-2:]
    assert not Proposal.objects.filter(action=LINK, ended_at=None).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("name", STANDS)
def test_end_of_a_link_needs_two_officers_beside_a_stop_or_a_course(clinic: ClinicFactory, name: str) -> None:
    make, two = STANDS[name]
    one, other = ended(clinic), make(clinic)
    linked.link(one.pk, other.pk, at=NOW)
    assert unlink(one, FIRST) is not two
    if two:
        assert not unlink(one, FIRST), "the same officer once more"
        assert not unlink(other, SECOND), "whether the other file is taken out is another question"
        assert are_linked(one)
        assert unlink(one, SECOND)
    assert not are_linked(one)
    sound(one, other)


@pytest.mark.django_db
def test_the_record_names_both_officers_and_has_a_reason(clinic: ClinicFactory) -> None:
    one, other = clinic.ready(), clinic.ready()
    for step in (partial(link, one, other), partial(unlink, one)):
        step(FIRST)
        step(SECOND)
        for file in (one, other):
            row = log.read(file.pk)[-1]
            assert (row.actor, row.data["asked_by"]) == (SECOND.account, str(FIRST.account))
            assert ErasableText.objects.get(digest=row.data["reason"]).text == f"by {SECOND.account}"


@pytest.mark.django_db
def test_who_confirms_may_leave_the_reason_of_who_asked(clinic: ClinicFactory) -> None:
    one, other = clinic.ready(), clinic.ready()
    link(one, other, FIRST)
    assert linking.link(files=(one.pk, other.pk), reason="", by=SECOND, at=NOW, key=uuid4())
    digest = log.read(one.pk)[-1].data["reason"]
    assert ErasableText.objects.get(digest=digest).text == f"by {FIRST.account}"


@pytest.mark.django_db
def test_one_officer_is_named_where_one_is_enough(clinic: ClinicFactory) -> None:
    one, other = ended(clinic), ended(clinic)
    assert link(one, other, FIRST)
    assert (log.read(one.pk)[-1].data.get("asked_by"), log.read(one.pk)[-1].actor) == (None, FIRST.account)


def again(clinic: ClinicFactory, file: Patient) -> None:
    """The course ends, and another one begins."""
    assert clinic.enter(file, Discontinued("moved"), NOW)
    assert clinic.enter(file, Enrolled("can_become_pregnant", prescriber=str(clinic.prescriber.pk)), NOW)


#: What happens between the first officer's press and the second's: it lapses, and the second one only asks anew.
LAPSES: dict[str, Callable[[ClinicFactory, Patient, Patient], object]] = {
    "a stop opens": lambda c, one, other: c.enter(one, PregnancyReported(), NOW),
    "a stop opens in the other file": lambda c, one, other: c.enter(other, PregnancyReported(), NOW),
    "one course ends": lambda c, one, other: c.enter(one, Discontinued("done"), NOW),
    "a course ends and another begins": lambda c, one, other: again(c, one),
    "a third file is linked": lambda c, one, other: linked.link(one.pk, c.ready().pk, at=NOW),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", LAPSES)
def test_what_was_asked_for_lapses_when_a_file_stands_elsewhere(clinic: ClinicFactory, name: str) -> None:
    one, other = clinic.ready(), clinic.ready()
    link(one, other, FIRST)
    assert [row.asked_by for row, _case in waiting(LINK, NOW)] == [FIRST.account]
    LAPSES[name](clinic, one, other)
    assert list(waiting(LINK, LATER)) == []
    assert not link(one, other, SECOND, LATER)
    assert [row.asked_by for row, _case in waiting(LINK, LATER)] == [SECOND.account]
    assert link(one, other, FIRST, LATER), "the first one confirms what the second asked for anew"


@pytest.mark.django_db
def test_a_stop_cleared_and_reported_again_is_another_stop(clinic: ClinicFactory) -> None:
    one, other = clinic.ready(), ended(clinic)
    assert clinic.enter(one, PregnancyReported())
    link(one, other, FIRST)
    assert clinic.enter(one, StopCleared("resolved"), LATER)
    assert clinic.enter(one, PregnancyReported(), LATER)
    assert not link(one, other, SECOND, LATER)


@pytest.mark.django_db
def test_what_was_asked_for_lapses_after_a_week(clinic: ClinicFactory) -> None:
    one, other = clinic.ready(), clinic.ready()
    link(one, other, FIRST)
    assert list(waiting(LINK, LAPSED)) == []
    assert not link(one, other, SECOND, LAPSED)
    assert link(one, other, FIRST, LAPSED)


@pytest.mark.django_db
def test_what_changes_nothing_of_where_the_files_stand_lets_it_wait(clinic: ClinicFactory) -> None:
    one, other, third = clinic.ready(), clinic.ready(), clinic.ready()
    link(one, other, FIRST)
    clinic.authorize(one)
    link(other, third, FIRST)
    assert len(list(waiting(LINK, NOW))) == 2, "each pair is a question of its own"
    assert link(one, other, SECOND)


@pytest.mark.django_db
def test_a_file_that_a_column_contradicts_keeps_no_other_from_the_list(clinic: ClinicFactory) -> None:
    one, other, third = clinic.ready(), clinic.ready(), clinic.ready()
    link(one, other, FIRST)
    link(other, third, FIRST)
    Patient.objects.filter(pk=one.pk).update(born_on=date(1990, 1, 1))
    assert [set(case.files) for _row, case in waiting(LINK, NOW)] == [{other.pk, third.pk}]
    with pytest.raises(NotAsRecorded):
        link(one, other, SECOND)


@pytest.mark.django_db
def test_one_officer_is_enough_once_nothing_is_open_any_more(clinic: ClinicFactory) -> None:
    one, other = clinic.ready(), ended(clinic)
    link(one, other, FIRST)
    assert clinic.enter(one, Discontinued("done"), LATER)
    assert link(one, other, FIRST, LATER)
    assert not Proposal.objects.filter(ended_at=None).exists()


@pytest.mark.django_db
def test_a_link_ends_all_that_was_asked_for_about_its_files(clinic: ClinicFactory) -> None:
    one, other, third = clinic.ready(), clinic.ready(), clinic.ready()
    link(one, other, FIRST)
    link(one, third, FIRST)
    assert link(one, other, SECOND)
    assert list(waiting(LINK, NOW)) == []
    assert not Proposal.objects.filter(ended_at=None).exists()
    unlink(one, FIRST)
    assert [case.files for _row, case in waiting(UNLINK, NOW)] == [(one.pk,)]


@pytest.mark.django_db
def test_asking_is_no_refusal_and_leaves_the_log_as_it_is(clinic: ClinicFactory) -> None:
    one, other = clinic.ready(), clinic.ready()
    before = [kinds(one), kinds(other)]
    link(one, other, FIRST)
    assert [kinds(one), kinds(other)] == before
    assert LoggedRequest.objects.get(action=LINK).codes == []


@pytest.mark.django_db
def test_erasure_takes_the_reason_of_what_was_asked_for(clinic: ClinicFactory) -> None:
    one, other = clinic.ready(), ended(clinic)
    link(one, other, FIRST)
    erasure.ask(patient=other.pk, by=FIRST, at=NOW, key=uuid4())
    erasure.confirm(patient=other.pk, by=SECOND, at=NOW, key=uuid4())
    assert Proposal.objects.get().reason == ""


# --- at once --------------------------------------------------------------------------------------
@pytest.fixture
def busy(committed: str) -> ClinicFactory:
    return ClinicFactory()


@pytest.fixture
def runners(committed: str) -> Iterator[Runners]:
    threads = Runners(2)
    yield threads
    threads.close()


def officers() -> list[Actor]:
    return [Actor(factories.officer().pk, OFFICER) for _ in range(2)]


def test_race_two_officers_link_and_part_once(busy: ClinicFactory, runners: Runners) -> None:
    pair = officers()
    rounds = Rounds(60, ways=2)
    for round_ in rounds:
        one, other = busy.ready(), busy.ready()
        pressed = [partial(link, one, other, pair[0]), partial(link, other, one, pair[1])]
        done = runners.together(pressed, late=rounds.late(round_))
        rounds.ended(done[0])
        assert sorted(done) == [False, True]
        assert kinds(one).count("file_linked") == kinds(other).count("file_linked") == 1
        assert sorted(runners.together([partial(unlink, one, who, LATER) for who in pair])) == [False, True]
        assert kinds(one).count("file_unlinked") == 1


def test_race_one_officer_in_two_tabs_links_nothing(busy: ClinicFactory, runners: Runners) -> None:
    (who, _other), (one, other) = officers(), (busy.ready(), busy.ready())
    for _ in range(10):
        assert runners.together([partial(link, one, other, who), partial(link, other, one, who)]) == [False, False]
    assert not are_linked(one)
    assert Proposal.objects.filter(ended_at=None).count() == 1
