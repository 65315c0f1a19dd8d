"""Two canonical forms in one log: records of form 1 stay readable and verify, new ones are written in RFC 8785."""

import json
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import rfc8785
from django.core.management import call_command
from django.db import connections
from hypothesis import given
from hypothesis import strategies as st
from psycopg import errors, sql

from compliance.export import verify as outside
from devtools.embedded import APP
from ledger import canonical, checkpoints, log
from ledger.actor import SYSTEM
from ledger.log import NewRecord, Row
from ledger.verify import verify
from tests import databases
from tests.databases import owner_connection

from .tampering import Server, run, run_alone

GOLDEN = Path(__file__).parent / "golden"

#: Three records that were written before form 2, as they stood in an export.
RECORDS_FORM_1: list[dict[str, Any]] = json.loads((GOLDEN / "records_form_1.json").read_text())

UUIDS = ("subject", "actor", "acting_for", "request_id")


def row_of(record: dict[str, Any]) -> Row:
    """A record of an export as a row of the log."""
    values = {name: UUID(value) if name in UUIDS and value else value for name, value in record.items()}
    at = datetime.strptime(record["at"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    return Row._make({"canonical_form": 1, **values, "at": at}[name] for name in Row._fields)


OLD = [row_of(record) for record in RECORDS_FORM_1]
SUBJECT = OLD[0].subject


# --- the bytes ------------------------------------------------------------------------------------
def test_records_of_form_1_keep_their_hashes() -> None:
    assert [canonical.hash_of(row._asdict()) for row in OLD] == [record["hash"] for record in RECORDS_FORM_1]
    assert [outside.hash_of(record) for record in RECORDS_FORM_1] == [record["hash"] for record in RECORDS_FORM_1]
    assert [canonical.members(row._asdict()) | {"hash": row.hash} for row in OLD] == RECORDS_FORM_1


def test_form_2_is_what_rfc_8785_prints() -> None:
    """The example of section 3.2.3, and the escapes of 3.2.2.2."""
    example = {
        "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
        "\U0001f600": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis",
    }  # fmt: skip
    order = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    escapes = {"string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/", "literals": [None, True, False]}
    escaped = '{"literals":[null,true,false],"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'.encode()
    for encode in (canonical.encode, outside.canonical):
        assert list(json.loads(encode(example))) == order
        assert encode(escapes) == escaped


#: All that UTF-8 has, which is what Hypothesis takes by itself: but to find that out takes it a second.
CHARACTERS = st.characters(exclude_categories=["Cs"])
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-canonical.LARGEST, canonical.LARGEST) | st.text(CHARACTERS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(CHARACTERS, max_size=4), inner, max_size=4),
    max_leaves=12,
)


@given(PLAIN)
def test_verify_py_serialises_as_the_package_does(value: object) -> None:
    assert outside.form_2(value) == rfc8785.dumps(value) == canonical.encode(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [2**53, -(2**53), "\ud800", {"\udfff": 1}, float("nan"), 0.5], ids=repr)
def test_verify_py_refuses_what_has_no_form(value: object) -> None:
    with pytest.raises(ValueError):
        outside.form_2({"value": [value]})


@given(st.dictionaries(st.text(st.characters(max_codepoint=0x7F)), st.text(CHARACTERS) | st.integers(-9, 9)))
def test_ascii_names_give_the_same_bytes_in_both_forms(value: dict[str, Any]) -> None:
    """Statements, leaves and checkpoints are made of these: what was signed in form 1 is checked in form 2."""
    assert canonical.encode(value, 1) == canonical.encode(value, 2)


# --- one chain of both ----------------------------------------------------------------------------
@pytest.fixture
def mixed(committed: str) -> str:
    """A log of three records of form 1 and two of today's; the database's name."""
    log.insert(OLD)
    drafts = [
        NewRecord("counselled", {"\ue000": 1, "\U00010000": 2}),
        NewRecord("counselled", {"visit_on": "2026-12-16"}),
    ]
    at = OLD[-1].at + timedelta(hours=1)
    log.append("patient", SUBJECT, drafts, head=log.head_of(OLD), by=SYSTEM, at=at, request_id=uuid4())
    return committed


def test_chain_of_both_forms_verifies(mixed: str) -> None:
    assert [row.canonical_form for row in log.read(SUBJECT)] == [1, 1, 1, 2, 2]
    checkpoints.make(at=OLD[-1].at + timedelta(hours=2))
    assert list(verify()) == []


@pytest.mark.parametrize(("number", "form"), [(1, 2), (3, 2), (4, 1), (5, 1)])
def test_changed_form_number_is_found(mixed: str, number: int, form: int) -> None:
    with owner_connection(mixed) as server:
        server.execute("SET session_replication_role = replica")
        server.execute("UPDATE ledger_record SET canonical_form = %s WHERE number = %s", [form, number])
    assert [(p.number, p.what) for p in verify()] == [(number, "was changed: its hash is not that of what it says")]


def test_value_that_its_form_cannot_say_is_a_problem_and_no_crash(mixed: str) -> None:
    with owner_connection(mixed) as server:
        server.execute("SET session_replication_role = replica")
        server.execute("UPDATE ledger_record SET data = '{\"big\": 9007199254740993}' WHERE number = 5")
    assert [(p.number, p.what) for p in verify()] == [(5, "was changed: its hash is not that of what it says")]
    columns = RECORDS_FORM_1[0] | {"canonical_form": 2, "data": {"big": 2**53}}
    assert outside.hash_of(columns) == ""


def test_form_number_is_what_the_hash_covers(mixed: str) -> None:
    """The names of this record are all ASCII: without the number it would be the same bytes in both forms."""
    row = log.read(SUBJECT)[-1]
    without = {name: value for name, value in canonical.members(row._asdict()).items() if name != "canonical_form"}
    assert canonical.encode(without, 1) == canonical.encode(without, 2)
    assert canonical.hash_of(row._asdict()) != canonical.hash_of(row._replace(canonical_form=1)._asdict())


def test_unknown_form_is_a_problem_and_no_crash(mixed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canonical, "FORMS", {1: canonical.FORMS[1]})
    assert {(p.number, p.what) for p in verify()} == {(n, "is in a canonical form that is not known") for n in (4, 5)}


def test_database_refuses_an_unknown_form(mixed: str) -> None:
    head = log.head_of(log.read(SUBJECT))
    at = OLD[-1].at + timedelta(days=1)
    (row,) = log.build("patient", SUBJECT, [NewRecord("x", {})], head=head, by=SYSTEM, at=at, request_id=uuid4())
    with owner_connection(mixed, user=APP) as server, pytest.raises(errors.CheckViolation):
        add(server, row._replace(canonical_form=3))


def add(server: Server, row: Row, columns: tuple[str, ...] = Row._fields) -> None:
    """Write these columns of a row by themselves."""
    values = [json.dumps(row.data) if name == "data" else getattr(row, name) for name in columns]
    names, places = (
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(", ").join(sql.Placeholder() * len(columns)),
    )
    server.execute(sql.SQL("INSERT INTO ledger_record ({}) VALUES ({})").format(names, places), values)


# --- the migration --------------------------------------------------------------------------------
BEFORE = "0005"
OLD_COLUMNS = tuple(name for name in Row._fields if name != "canonical_form")


@pytest.fixture
def before(committed: str) -> Iterator[str]:
    """A database as the release before had it, with a log of three records."""
    name = f"{committed}_before"
    databases.drop(name)
    databases.copy(name, of="template0")
    databases.point(name)
    try:
        migrate("ledger", BEFORE)
        with owner_connection(name, user=APP) as application:
            for row in OLD:
                add(application, row, OLD_COLUMNS)
        yield name
    finally:
        databases.point(committed)
        databases.drop(name)


def migrate(*to: str) -> None:
    call_command("migrate", *to, verbosity=0, interactive=False)
    connections["owner"].close()


TRIGGERS = "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = 'ledger_record'::regclass ORDER BY 1"


def test_migration_keeps_rows_triggers_and_rights_and_lets_a_process_of_before_write(before: str) -> None:
    with owner_connection(before) as server:
        triggers, rows = server.execute(TRIGGERS).fetchall(), server.execute("SELECT * FROM ledger_record").fetchall()
        migrate("ledger")
        assert server.execute(TRIGGERS).fetchall() == triggers != []
        assert server.execute("SELECT * FROM ledger_record").fetchall() == [(*row, 1) for row in rows]
        with pytest.raises(errors.IntegrityConstraintViolation):
            server.execute("UPDATE ledger_record SET canonical_form = 2")
    with owner_connection(before, user=APP) as application, pytest.raises(errors.InsufficientPrivilege):
        application.execute("UPDATE ledger_record SET canonical_form = 2")
    assert list(verify()) == []
    at = OLD[-1].at + timedelta(hours=1)
    log.append("patient", SUBJECT, [NewRecord("x", {})], head=log.head_of(OLD), by=SYSTEM, at=at, request_id=uuid4())
    assert [row.canonical_form for row in log.read(SUBJECT)] == [1, 1, 1, 2]
    assert list(verify()) == []
    # A process of the release before goes on writing form 1: it says nothing of a form.
    last = log.read(SUBJECT)[-1]
    row = OLD[-1]._replace(number=last.number + 1, previous_hash=last.hash, at=last.at)
    row = row._replace(hash=canonical.hash_of(row._asdict()))
    with owner_connection(before, user=APP) as application:
        add(application, row, OLD_COLUMNS)
    assert [row.canonical_form for row in log.read(SUBJECT)] == [1, 1, 1, 2, 1]
    assert list(verify()) == []


# --- a bundle of before ---------------------------------------------------------------------------
@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A bundle that was exported before form 2, with the `verify.py` of then."""
    with zipfile.ZipFile(GOLDEN / "bundle_form_1.zip") as archive:
        archive.extractall(tmp_path)
    assert "canonical_form" not in (tmp_path / "verify.py").read_text()
    return tmp_path


@pytest.mark.parametrize("which", ["its own", "today's"])
def test_bundle_of_before_verifies(bundle: Path, which: str) -> None:
    if which == "today's":
        (bundle / "verify.py").write_bytes(Path(outside.__file__).read_bytes())
    done = run_alone(bundle, "--patient", json.loads((bundle / "bundle.json").read_text())["patient"])
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "24 records in 2 logs, 6 signatures, 2 checkpoints" in done.stdout


def test_changed_bundle_of_before_is_found(bundle: Path) -> None:
    (bundle / "verify.py").write_bytes(Path(outside.__file__).read_bytes())
    text = (bundle / "records.json").read_text()
    (bundle / "records.json").write_text(text.replace('"negative"', '"positive"', 1))
    done = run(bundle)
    assert done.returncode == 1
    assert "was changed, its hash is not that of what it says" in done.stdout


def test_verify_py_needs_the_standard_library_alone() -> None:
    lines = [line.split() for line in Path(outside.__file__).read_text().splitlines()]
    imported = {words[1].partition(".")[0] for words in lines if words[:1] in (["import"], ["from"])}
    assert imported <= sys.stdlib_module_names
