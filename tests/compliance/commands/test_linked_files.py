"""Two files of one person: what they share, from when, and that nobody gets two yeses out of it."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

import outbox
from accounts.roles import PRESCRIBER
from compliance.commands import linking
from compliance.commands.decide import NotPermitted
from compliance.commands.entries import enter
from compliance.commands.linking import NotLinked
from compliance.models import Authorization, PatientStatus
from compliance.records.file import read_file
from compliance.records.rebuild import differences
from compliance.rules.change import next_change
from compliance.rules.days import midnight, zone
from compliance.rules.records import (
    ComprehensionPassed,
    ContraceptionDeclared,
    Discontinued,
    Enrolled,
    EntryStruck,
    PregnancyReported,
    PregnancyTest,
    StopCleared,
    Transferred,
)
from ledger import log
from ledger.actor import Actor
from ledger.models import ErasableText
from ledger.verify import verify
from patients.models import Patient
from tests import linked
from tests.clocks import Clock
from tests.compliance.races import unjustified
from tests.histories import METHODS, NOW, ClinicFactory

SOON, LATER = NOW + timedelta(minutes=1), NOW + timedelta(minutes=2)
POSITIVE = PregnancyTest(date(2026, 12, 15), "positive", "laboratory")


def link(clinic: ClinicFactory, *files: Patient, at: datetime = NOW) -> None:
    one, other = files
    linked.link(one.pk, other.pk, at=at)


def codes(patient: Patient, at: datetime = LATER) -> list[str]:
    return list(read_file(patient.pk, at).assess(at).codes)


def sound(*files: Patient) -> None:
    """Lists say what the log says; every chain verifies; every yes was justified."""
    assert list(differences()) == []
    for file in files:
        assert list(verify([file.pk])) == []
        assert unjustified(file) == []


def end_course(clinic: ClinicFactory, file: Patient, at: datetime = NOW) -> int:
    """The course in this file ends without a dose; the number of the record."""
    assert clinic.enter(file, Discontinued("done"), at)
    return read_file(file.pk, at).head.number


# --- what is shared -------------------------------------------------------------------------------
@pytest.mark.parametrize("stop", [POSITIVE, PregnancyReported()], ids=["a positive test", "a report"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_stop_in_one_file_stops_the_other(clinic: ClinicFactory, stop: Any, when: str) -> None:
    one, other = clinic.ready(), clinic.ready()
    if when == "before":
        assert clinic.enter(one, stop)
        assert codes(other) == []
    link(clinic, one, other, at=SOON)
    if when == "after":
        assert clinic.enter(one, stop, SOON)
    assert "stop-open" in codes(other)
    assert PatientStatus.objects.get(patient=other).stage == "stopped"
    assert not clinic.authorize(other, at=LATER).allowed
    sound(one, other)


def test_clearing_it_in_either_clears_it_in_both_but_old_tests_count_no_more(clinic: ClinicFactory) -> None:
    one, other = clinic.ready(), clinic.ready()
    link(clinic, one, other)
    clinic.enter(one, POSITIVE, SOON)
    assert clinic.enter(other, StopCleared("resolved"), SOON)
    for file in (one, other):
        assert "stop-open" not in codes(file)
        assert not clinic.authorize(file, at=LATER).allowed, "its negative tests are older than the positive one"
        assert PatientStatus.objects.get(patient=file).stage != "stopped"
    sound(one, other)


def test_a_link_clears_no_stop_that_nobody_cleared(clinic: ClinicFactory) -> None:
    """What was cleared in the other file before the link was a stop of that file."""
    one, other = clinic.ready(), clinic.ready()
    clinic.enter(other, PregnancyReported(), NOW)
    clinic.enter(one, POSITIVE, NOW + timedelta(seconds=1))
    assert clinic.enter(other, StopCleared("not pregnant"), NOW + timedelta(seconds=2))
    link(clinic, one, other, at=NOW)  # asked for with a clock that lies behind, and made after all of it
    for file in (one, other):
        assert "stop-open" in codes(file)
        assert PatientStatus.objects.get(patient=file).stage == "stopped"
    assert clinic.enter(one, StopCleared("not pregnant"), LATER), "its own prescriber can clear it"
    assert not any("stop-open" in codes(file, LATER + timedelta(seconds=1)) for file in (one, other))
    sound(one, other)


def test_clearing_in_a_linked_file_is_signed_by_who_prescribes_there(clinic: ClinicFactory) -> None:
    one, other = clinic.ready(), clinic.ready()
    clinic.enter(other, Transferred(str(clinic.other.pk)))
    link(clinic, one, other)
    theirs = Actor(clinic.other.user_id, PRESCRIBER, clinic.other.pk)
    enter(patient=other.pk, records=[POSITIVE], by=theirs, at=SOON, key=uuid4())
    for file, by in [(one, clinic.doctor), (one, theirs), (other, clinic.doctor)]:
        with pytest.raises(NotPermitted):
            enter(patient=file.pk, records=[StopCleared("x")], by=by, at=SOON, key=uuid4())
    assert clinic.enter(one, StopCleared("resolved"), SOON)
    assert not any("stop-open" in codes(file) for file in (one, other))


def test_nobody_begins_a_course_in_one_file_while_the_other_is_stopped(clinic: ClinicFactory) -> None:
    one, other = clinic.ready(), clinic.ready()
    assert clinic.enter(other, Discontinued("done"))
    link(clinic, one, other)
    assert clinic.enter(one, PregnancyReported(), SOON)
    assert not clinic.enter(other, Enrolled("can_become_pregnant", prescriber=str(clinic.prescriber.pk)), LATER)


def test_link_open_course_in_each_blocks_both_until_one_is_ended(clinic: ClinicFactory) -> None:
    """One person has one course (rules, section 5.4)."""
    one, other = clinic.ready(), clinic.ready()
    link(clinic, one, other)
    for file in (one, other):
        assert codes(file) == ["course-elsewhere"]
        assert not clinic.authorize(file, at=SOON).allowed
    end_course(clinic, other, SOON)
    assert codes(one) == []
    assert not clinic.enter(other, Enrolled("can_become_pregnant", prescriber=str(clinic.prescriber.pk)), LATER)
    linked.unlink(other.pk, at=LATER)
    after = LATER + timedelta(seconds=1)
    assert clinic.enter(other, Enrolled("can_become_pregnant", prescriber=str(clinic.prescriber.pk)), after)
    sound(one, other)


def test_what_is_authorized_in_one_is_open_in_the_other(clinic: ClinicFactory) -> None:
    one, other = clinic.ready(), clinic.ready()
    ended = end_course(clinic, other)
    link(clinic, one, other)
    yes = clinic.authorize(one, at=SOON)
    assert yes.number is not None
    assert clinic.enter(other, EntryStruck(ended, "the wrong patient"), SOON)
    assert codes(other) == ["course-elsewhere", "authorization-open"]
    assert PatientStatus.objects.get(patient=other).stage == "authorized"
    clinic.reverse(one, yes.number, at=LATER)
    assert codes(other) == ["course-elsewhere"]
    sound(one, other)


def test_the_other_file_is_free_when_the_day_has_passed(clinic: ClinicFactory) -> None:
    """Also when nothing of its own changes on that day."""
    one, other = clinic.ready(), clinic.ready()
    assert clinic.enter(one, PregnancyTest(date(2026, 12, 15), "negative", "laboratory", "first_five_days"))
    clinic._enter(one, NOW, ContraceptionDeclared("patient", METHODS), ComprehensionPassed())
    ended = end_course(clinic, other)
    link(clinic, one, other)
    assert clinic.authorize(one, at=SOON).dispense_by == date(2026, 12, 21)
    assert clinic.enter(other, EntryStruck(ended, "the wrong patient"), SOON)
    over = midnight(date(2026, 12, 20), zone("America/New_York"))
    found = read_file(other.pk, over).assess(over)
    free = midnight(date(2026, 12, 22), zone("America/New_York"))
    assert next_change(found) == free
    assert "authorization-open" in codes(other, free - timedelta(seconds=1))
    assert "authorization-open" not in codes(other, free)


def test_a_positive_test_in_one_makes_void_what_is_open_in_the_other(clinic: ClinicFactory) -> None:
    one, other = clinic.ready(), clinic.ready()
    end_course(clinic, one)
    link(clinic, one, other)
    yes = clinic.authorize(other, at=SOON)
    assert yes.number is not None
    clinic.enter(one, POSITIVE, LATER)
    assert Authorization.objects.get(number=yes.number).state == "void"
    assert clinic.dispense(other, yes.number, at=LATER) == "authorization-void"
    sound(one, other)


def test_the_time_between_courses_counts_for_both(clinic: ClinicFactory) -> None:
    one, other = clinic.ready(), clinic.ready()
    assert clinic.enter(one, Discontinued("done", date(2026, 12, 14)))
    assert "course-gap" not in codes(other)
    link(clinic, one, other, at=SOON)
    found = read_file(other.pk, LATER).assess(LATER)
    assert [(b.code, b.clears_on) for b in found.blockers] == [("course-gap", date(2026, 12, 14) + timedelta(days=56))]
    sound(one, other)


@pytest.mark.usefixtures("at_any_hour")
def test_linking_makes_void_and_says_so(clinic: ClinicFactory) -> None:
    one, other = clinic.ready(), clinic.ready()
    yes, also = clinic.authorize(one), clinic.authorize(other, counter=1)
    link(clinic, one, other, at=SOON)
    assert {a.state for a in Authorization.objects.all()} == {"void"}
    assert clinic.dispense(one, yes.number or "", at=LATER) == "authorization-void"
    assert clinic.dispense(other, also.number or "", counter=1, at=LATER) == "authorization-void"
    outbox.deliver(at=NOW + timedelta(hours=1))
    recipients = [email.to[0] for email in mail.outbox if "linked two files" in str(email.subject)]
    assert recipients == [clinic.prescriber.user.email] * 2
    assert ErasableText.objects.filter(text="the same person").values_list("subject", flat=True).count() == 2
    sound(one, other)


def test_nothing_else_is_shared(clinic: ClinicFactory) -> None:
    """Consents, tests, visits, prescriber and birth date stay with their file; so does what was dispensed."""
    one, other = clinic.ready(), clinic.ready()
    ended = end_course(clinic, other)
    link(clinic, one, other)
    yes = clinic.authorize(one, at=SOON)
    clinic.dispense(one, yes.number or "", at=SOON)
    assert clinic.enter(one, Discontinued("moved"), SOON)
    assert clinic.enter(other, EntryStruck(ended, "the wrong patient"), SOON)
    assert codes(other) == []
    assert clinic.authorize(other, at=LATER).allowed
    Patient.objects.get(pk=other.pk, prescriber=clinic.prescriber, born_on=other.born_on)


def test_what_was_asked_before_is_answered_as_it_was(clinic: ClinicFactory) -> None:
    one, other = clinic.ready(), clinic.ready()
    clinic.enter(one, POSITIVE)
    link(clinic, one, other, at=SOON)
    assert codes(other, NOW) == []
    assert "stop-open" in codes(other, LATER)


# --- who is linked with whom ----------------------------------------------------------------------
def test_three_files_hang_together_however_they_were_linked(clinic: ClinicFactory) -> None:
    files = [clinic.ready() for _ in range(4)]
    link(clinic, files[0], files[1])
    link(clinic, files[2], files[3])
    link(clinic, files[3], files[0], at=SOON)
    clinic.enter(files[2], PregnancyReported(), SOON)
    assert all("stop-open" in codes(file) for file in files)
    assert len(set(Patient.objects.values_list("linked_to", flat=True))) == 1
    sound(*files)


def test_a_wrong_link_is_ended(clinic: ClinicFactory) -> None:
    files = [clinic.ready() for _ in range(3)]
    link(clinic, files[0], files[1])
    link(clinic, files[0], files[2])
    clinic.enter(files[0], PregnancyReported(), SOON)
    linked.unlink(files[0].pk, at=SOON)
    assert ["stop-open" in codes(file) for file in files] == [True, False, False]
    assert clinic.enter(files[1], PregnancyReported(), LATER)
    assert "stop-open" in codes(files[2], LATER + timedelta(seconds=1))
    linked.unlink(files[1].pk, at=LATER)
    assert set(Patient.objects.values_list("linked_to", flat=True)) == {None}
    link(clinic, files[0], files[2], at=LATER)
    assert "stop-open" in codes(files[2], LATER + timedelta(seconds=1))
    sound(*files)


@pytest.mark.usefixtures("at_any_hour")
def test_ending_a_link_makes_void_and_what_was_void_stays_it(clinic: ClinicFactory, clock: Clock) -> None:
    """One was void by a stop in the other file, which is nobody's any more; one was open."""
    files = [clinic.ready() for _ in range(3)]
    end_course(clinic, files[1])
    ended = end_course(clinic, files[2])
    link(clinic, files[0], files[1])
    link(clinic, files[0], files[2])
    void = clinic.authorize(files[0], at=SOON).number or ""
    clinic.enter(files[1], POSITIVE, SOON + timedelta(seconds=1))
    assert Authorization.objects.get(number=void).state == "void"
    linked.unlink(files[1].pk, at=SOON)
    end_course(clinic, files[0], SOON + timedelta(seconds=2))
    assert clinic.enter(files[2], EntryStruck(ended, "the wrong patient"), SOON + timedelta(seconds=3))
    still = clinic.authorize(files[2], counter=1, at=LATER).number or ""
    assert Authorization.objects.get(number=still).state == "open"
    linked.unlink(files[0].pk, at=LATER)
    sound(*files)
    for file, number, counter in [(files[0], void, 0), (files[2], still, 1)]:
        assert clinic.dispense(file, number, counter, clock.set("2026-12-15T13:00-05:00")) == "authorization-void"
        assert Authorization.objects.get(number=number).state == "void"
    outbox.deliver(at=clock())
    overdue = [email.to[0] for email in mail.outbox if "is overdue" in str(email.subject)]
    assert sorted(overdue) == sorted(pharmacy.pharmacists.get().user.email for pharmacy in clinic.pharmacies)
    recipients = [email.to[0] for email in mail.outbox if "ended a link" in str(email.subject)]
    assert recipients == [clinic.prescriber.user.email] * 5


def test_the_authorizations_are_compared_and_repaired(clinic: ClinicFactory, clock: Clock) -> None:
    one, other = clinic.ready(), clinic.ready()
    end_course(clinic, one)
    link(clinic, one, other)
    yes = clinic.authorize(other, at=SOON)
    clinic.enter(one, POSITIVE, SOON + timedelta(seconds=5))
    assert list(differences()) == []
    row = Authorization.objects.filter(number=yes.number)
    row.update(state="open")
    assert list(differences()) == [(other.pk, "authorization.state")]
    with pytest.raises(CommandError):
        call_command("rebuild_status", check=True)
    call_command("rebuild_status")
    assert row.get().state == "void"
    assert list(differences()) == []


def test_a_link_begins_and_ends_after_every_record_of_its_files(clinic: ClinicFactory) -> None:
    """Also where the office's clock lies behind: whatever was recorded before stays before, in each of them."""
    one, other = clinic.ready(), clinic.ready()
    clinic.enter(other, PregnancyReported(), SOON)
    link(clinic, one, other, at=NOW)
    clinic.enter(one, StopCleared("r"), LATER)
    linked.unlink(other.pk, at=NOW)
    rows = [row for file in (one, other) for row in log.read(file.pk)]
    assert all(row.at > SOON for row in rows if row.kind == "file_linked")
    assert all(row.at > LATER for row in rows if row.kind == "file_unlinked")


def test_what_cannot_be_linked(clinic: ClinicFactory) -> None:
    one, other = clinic.ready(), clinic.ready()
    with pytest.raises(NotLinked):
        link(clinic, one, one)
    with pytest.raises(NotLinked):
        linking.unlink(file=one.pk, reason="", by=clinic.officer, at=NOW, key=uuid4())
    link(clinic, one, other)
    with pytest.raises(NotLinked):
        link(clinic, other, one)
    before = len(log.read(one.pk))
    for by in (clinic.doctor, clinic.counters[0]):
        with pytest.raises(NotPermitted):
            linking.unlink(file=one.pk, reason="", by=by, at=NOW, key=uuid4())
    with pytest.raises(NotPermitted):
        linking.link(files=(one.pk, UUID(int=1)), reason="", by=clinic.doctor, at=NOW, key=uuid4())
    assert len(log.read(one.pk)) == before


def test_the_same_request_twice_links_once(clinic: ClinicFactory) -> None:
    one, other, key = clinic.ready(), clinic.ready(), uuid4()
    linking.link(files=(other.pk, one.pk), reason="", by=linked.OFFICERS[0], at=NOW, key=uuid4())
    for _ in range(2):
        linking.link(files=(one.pk, other.pk), reason="", by=clinic.officer, at=NOW, key=key)
    assert [row.kind for row in log.read(one.pk)].count("file_linked") == 1
