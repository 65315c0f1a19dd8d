"""Add-only tables: no row of the log changes, neither by the application nor by the owner with the triggers on."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devtools.embedded import APP, OWNER
from ledger import access_log, canonical, checkpoints, erasable_text, log, request_log, roles
from ledger.actor import SYSTEM
from ledger.log import EMPTY, Backdated, NewRecord
from ledger.verify import verify
from tests.databases import owner_connection

AT = datetime(2026, 12, 1, 14, tzinfo=UTC)
#: Every table to which the application only adds, and a column of it.
TABLES = {
    "ledger_record": "at",
    "ledger_loggedrequest": "at",
    "ledger_checkpoint": "at",
    "ledger_checkpointleaf": "number",
    "ledger_minutecheckpoint": "at",
    "ledger_accessevent": "at",
}


def write(subject: UUID, count: int = 3, data: dict[str, Any] | None = None) -> None:
    head = EMPTY
    for step in range(count):
        draft = NewRecord("counselled", data or {"visit_on": f"2026-12-0{step + 1}"})
        at = AT + timedelta(hours=step)
        head = log.head_of(log.append("patient", subject, [draft], head=head, by=SYSTEM, at=at, request_id=uuid4()))


@pytest.fixture
def written(committed: str) -> tuple[str, UUID]:
    subject = uuid4()
    write(subject)
    request_log.add(
        actor=subject, key=uuid4(), action="a", subject=subject, at=AT, body_hash="0" * 64, codes=[], answer={},
        records=[], request_id=uuid4(),
    )  # fmt: skip
    checkpoints.make_minute(at=AT + timedelta(hours=2))
    checkpoints.make(at=AT + timedelta(hours=2))
    access_log.add(subject, by=SYSTEM, what="patient", why="self", at=AT)
    return committed, subject


def test_every_add_only_table_is_tried() -> None:
    assert set(TABLES) == roles.ADD_ONLY


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("statement", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0} CASCADE"])
@pytest.mark.parametrize("user", [OWNER, APP])
def test_nobody_changes_what_is_written(written: tuple[str, UUID], user: str, statement: str, table: str) -> None:
    database, _ = written
    refused = psycopg.errors.InsufficientPrivilege if user == APP else psycopg.errors.IntegrityConstraintViolation
    with owner_connection(database, user=user) as connection, pytest.raises(refused):
        connection.execute(statement.format(table, TABLES[table]))


@pytest.mark.parametrize("table", sorted(TABLES.keys() - {"ledger_checkpoint", "ledger_minutecheckpoint"}))
def test_where_a_row_stands_is_not_the_applications_to_say(written: tuple[str, UUID], table: str) -> None:
    database, _ = written
    refused = pytest.raises(psycopg.errors.InsufficientPrivilege)
    with owner_connection(database, user=APP) as connection, refused:
        connection.execute(f"INSERT INTO {table} (id) VALUES (-5)")


#: What the application's role may not have, and the query that gives it.
NOT_ITS_OWN = {
    "anything that it owns": "SELECT relname FROM pg_class WHERE relowner = current_user::regrole",
    "a function that it owns": "SELECT proname FROM pg_proc WHERE proowner = current_user::regrole",
    "a function that runs as another": "SELECT proname FROM pg_proc "
    "WHERE prosecdef AND pronamespace = 'public'::regnamespace",
    "a role that it is a member of": "SELECT roleid FROM pg_auth_members WHERE member = current_user::regrole",
    "a schema to make something in": "SELECT nspname FROM pg_namespace WHERE has_schema_privilege(oid, 'CREATE')",
    "the switch for triggers": "SELECT 1 WHERE has_parameter_privilege('session_replication_role', 'SET')",
    "the right to put triggers on": "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
    "AND relkind = 'r' AND has_table_privilege(oid, 'TRIGGER, TRUNCATE, REFERENCES')",
}


@pytest.mark.parametrize("what", NOT_ITS_OWN)
def test_the_applications_role_owns_nothing(written: tuple[str, UUID], what: str) -> None:
    database, _ = written
    with owner_connection(database, user=APP) as connection:
        assert connection.execute(NOT_ITS_OWN[what]).fetchall() == []


def test_a_salt_has_sixteen_bytes(committed: str) -> None:
    """With more, the beginning of the text could have been moved into it."""
    from django.db import IntegrityError

    sealed = erasable_text.make_erasable("Ana Mora", subject=uuid4(), at=AT)
    sealed.salt, sealed.text = bytes(sealed.salt) + b"An", "a Mora"
    assert erasable_text.salted_digest(bytes(sealed.salt), sealed.text) == sealed.digest
    with pytest.raises(IntegrityError, match="erasable_text_salt_of_16_bytes"):
        sealed.save(force_insert=True)


def test_sealed_text_is_erased_but_never_changed(committed: str) -> None:
    sealed = erasable_text.make_erasable("Ana Mora", subject=uuid4(), at=AT)
    sealed.save(force_insert=True)
    with owner_connection(committed) as connection, pytest.raises(psycopg.errors.IntegrityConstraintViolation):
        connection.execute("UPDATE ledger_erasabletext SET text = 'x'")
    assert erasable_text.read_texts([sealed.digest]) == {sealed.digest: "Ana Mora"}
    assert erasable_text.erase([sealed.digest]) == 1
    assert erasable_text.read_texts([sealed.digest]) == {}


WRONG_ROWS: dict[str, Callable[[log.Row], log.Row]] = {
    "a gap": lambda row: row._replace(number=row.number + 1),
    "another's hash before it": lambda row: row._replace(previous_hash="0" * 64),
    "an earlier instant": lambda row: row._replace(at=AT - timedelta(days=1)),
    "a place that is taken": lambda row: row._replace(number=row.number - 1),
}


@pytest.mark.parametrize("name", WRONG_ROWS)
def test_the_database_refuses_a_record_that_does_not_follow(written: tuple[str, UUID], name: str) -> None:
    from django.db import IntegrityError

    _, subject = written
    head = log.head_of(log.read(subject))
    at = AT + timedelta(days=1)
    (row,) = log.build("patient", subject, [NewRecord("x", {})], head=head, by=SYSTEM, at=at, request_id=uuid4())
    with pytest.raises(IntegrityError):
        log.insert([WRONG_ROWS[name](row)])


@pytest.mark.django_db
def test_a_backdated_draft_is_refused_before_it_is_sent() -> None:
    subject = uuid4()
    write(subject)
    with pytest.raises(Backdated):
        log.append(
            "patient", subject, [NewRecord("x", {})], head=log.head_of(log.read(subject)), by=SYSTEM, at=AT,
            request_id=uuid4(),
        )  # fmt: skip


TAMPERED = {
    "a changed field": ("UPDATE ledger_record SET data = '{}' WHERE number = 2", 2, "was changed"),
    "a changed instant": ("UPDATE ledger_record SET at = at - interval '1 day' WHERE number = 3", 3, "was changed"),
    "a removed record": ("DELETE FROM ledger_record WHERE number = 2", 3, "missing"),
    "two swapped": (
        "UPDATE ledger_record SET number = 12 - number WHERE number IN (2, 3); "
        "UPDATE ledger_record SET number = number - 7 WHERE number > 8",
        2,
        "before it",
    ),
    "an inserted record": (
        "UPDATE ledger_record SET number = 4 WHERE number = 3; "
        "INSERT INTO ledger_record (subject_kind, subject, number, kind, format, at, actor, role, request_id, data, "
        "edition, previous_hash, hash) SELECT subject_kind, subject, 3, kind, format, at, actor, role, request_id, "
        "data, edition, hash, repeat('a', 64) FROM ledger_record WHERE number = 2",
        3,
        "was changed",
    ),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_what_the_superuser_changes_is_found(written: tuple[str, UUID], name: str) -> None:
    database, subject = written
    assert list(verify()) == []
    statement, number, what = TAMPERED[name]
    with owner_connection(database) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(statement)
    problems = [(p.subject, p.number, p.what) for p in verify()]
    assert any(p[:2] == (subject, number) and what in p[2] for p in problems), problems


def test_a_changed_sealed_text_is_found(committed: str) -> None:
    sealed = erasable_text.make_erasable("Ana Mora", subject=uuid4(), at=AT)
    sealed.save(force_insert=True)
    with owner_connection(committed) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE ledger_erasabletext SET text = 'Eva Mora'")
    assert [problem.what for problem in verify()] == ["an erasable text was changed: it does not give its digest"]


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-canonical.LARGEST, canonical.LARGEST)
    | st.text(st.characters(exclude_categories=["Cs", "Cc"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abcdé"), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.dictionaries(st.text("abc"), PLAIN, max_size=3))
def test_the_hash_is_the_same_when_read_back(data: dict[str, Any]) -> None:
    subject = uuid4()
    write(subject, 1, data)
    (row,) = log.read(subject)
    assert row.hash == canonical.hash_of(row._asdict())


@pytest.mark.parametrize("value", [0.5, 2**53, -(2**53), b"x", {1: 2}, [{"deep": 0.5}]], ids=repr)
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(canonical.NotPlain):
        canonical.check({"dose": value})


@pytest.mark.parametrize("text", ["\ud800", "\udfff x"])
def test_half_a_character_has_no_canonical_form(text: str) -> None:
    with pytest.raises(canonical.NotPlain):
        canonical.encode({"reason": text})
