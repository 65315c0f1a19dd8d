"""`manage.py verify_log`, as whoever operates the program reads it."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from compliance.verification import check, pdfs, written
from ledger import verify
from ledger.clock import now
from ledger.log import Row

from .tampering import TamperingFixture


def test_a_log_that_nobody_touched_has_no_problems(tampering: TamperingFixture) -> None:
    out = StringIO()
    call_command("verify_log", stdout=out)
    logs, records = verify.count()
    assert out.getvalue() == f"{logs} logs, {records} records, 0 problems\n"


def test_a_changed_record_is_named_and_the_command_fails(tampering: TamperingFixture) -> None:
    first = tampering.rows()[0]
    tampering.write([first._replace(hash="0" * 64), *tampering.rows()[1:]])
    out, err = StringIO(), StringIO()
    with pytest.raises(CommandError) as failed:
        call_command("verify_log", stdout=out, stderr=err)
    assert failed.value.returncode == 1
    assert f"patient {tampering.patient}, record 1: " in err.getvalue()
    assert not out.getvalue().endswith(" 0 problems\n")


def test_a_log_longer_than_one_look_is_read_to_its_end(
    tampering: TamperingFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "BATCH", 3)
    assert tampering.by_log() == ""
    last: Row = tampering.rows()[-1]
    tampering.write([*tampering.rows()[:-1], last._replace(hash="0" * 64)])
    assert tampering.by_log()


def test_a_text_whose_salt_was_changed_is_named(tampering: TamperingFixture) -> None:
    tampering.run("ALTER TABLE ledger_erasabletext DROP CONSTRAINT erasable_text_salt_of_16_bytes")
    tampering.run("UPDATE ledger_erasabletext SET salt = '' WHERE subject = %s", tampering.patient)
    said = tampering.by_log()
    assert "its salt has not sixteen bytes" in said
    assert "it does not give its digest" in said


def test_the_parts_are_all_logs_and_each_once() -> None:
    ends = [end for part in verify.parts(7) for end in part]
    assert (ends[0], ends[-1]) == verify.WHOLE
    assert ends[1:-1:2] == ends[2::2]


@pytest.mark.parametrize("count", [1, 2, 5, 100])
def test_part_by_part_the_same_is_found(tampering: TamperingFixture, count: int) -> None:
    tampering.write([tampering.rows()[0]._replace(hash="0" * 64), *tampering.rows()[1:-1]])
    at = now()
    by_part = [p for part in verify.parts(count) for p in check.problems_of(part, at, rules=True)]
    beside = [*verify.beside(), *written.beside(), *pdfs.beside()]
    assert by_part
    assert sorted([*by_part, *beside]) == sorted(check.problems(at=at, rules=True))
