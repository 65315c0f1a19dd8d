"""A database that was filled before its tables were renamed is migrated: rows, triggers, rights and hashes are kept."""

import gzip
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connections
from psycopg import sql
from pytest_django import DjangoDbBlocker

from compliance.export import verify as outside
from compliance.export.bundle import build
from compliance.verification import decisions, pdfs, written
from devtools.embedded import APP
from ledger.verify import verify
from tests import databases
from tests.databases import owner_connection
from tests.ledger.tampering import run

FOLDER = Path(__file__).with_name("before_renaming")
DATABASE = "test_before_renaming"

#: What the tables are called now.
RENAMED = {
    "ledger_read": "ledger_accessevent",
    "ledger_attempt": "ledger_loggedrequest",
    "ledger_sealed": "ledger_erasabletext",
    "compliance_standing": "compliance_patientstatus",
    "compliance_paper": "compliance_signedpdf",
    "compliance_paperorder": "compliance_pdfjob",
    "outbox_letter": "outbox_capturedemail",
    "accounts_signingtries": "accounts_signinglockout",
}

#: Those of them in which nothing is ever changed, and the trigger that refuses it.
GUARDED = {
    "ledger_accessevent": "access_event_add_only",
    "ledger_loggedrequest": "logged_request_add_only",
    "ledger_erasabletext": "erasable_text_never_changed",
    "compliance_signedpdf": "signed_pdf_never_changed",
}

Kept = dict[str, Any]


def counts(server: psycopg.Connection[Any], tables: list[str]) -> dict[str, int]:
    """How many rows each of these tables has."""
    query = "SELECT count(*) FROM {}"
    rows = {name: server.execute(sql.SQL(query).format(sql.Identifier(name))).fetchone() for name in tables}
    return {name: row[0] for name, row in rows.items() if row}


def fill(server: psycopg.Connection[Any], tables: Kept) -> None:
    """Put the rows that were kept into the tables of then."""
    server.execute("SET session_replication_role = replica")
    for name, table in tables.items():
        columns = sql.SQL(", ").join(map(sql.Identifier, table["columns"]))
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(name), columns)
        with server.cursor().copy(statement) as copy:
            copy.write(table["rows"])


@pytest.fixture(scope="module")
def kept() -> Kept:
    """What was kept: rows by table, migrations by app, the patient, the public keys."""
    found: Kept = json.loads(gzip.decompress((FOLDER / "rows.json.gz").read_bytes()))
    return found


@pytest.fixture(scope="module")
def migrated(
    kept: Kept, django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[psycopg.Connection[Any]]:
    """A database made by the migrations of then, filled, and migrated to those of now; the owner's connection."""
    keys, before = tmp_path_factory.mktemp("keys"), django_settings.KEYS_FOLDER
    for public in kept["keys"]:
        (keys / f"{public[:16]}.pub").write_text(public)
    own = databases.name()
    with django_db_blocker.unblock():
        databases.drop(DATABASE)
        databases.copy(DATABASE, of="template0")
        django_settings.KEYS_FOLDER = keys
        databases.point(DATABASE)
        try:
            for app, migration in kept["migrations"].items():
                call_command("migrate", app, migration, verbosity=0, interactive=False)
            connections["owner"].close()
            with owner_connection(DATABASE) as server:
                fill(server, kept["tables"])
            call_command("migrate", verbosity=0, interactive=False)
            connections["owner"].close()
            with owner_connection(DATABASE) as server:
                yield server
        finally:
            django_settings.KEYS_FOLDER = before
            databases.point(own)
            databases.drop(DATABASE)


@pytest.fixture
def _open(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


def test_migration_keeps_every_row(migrated: psycopg.Connection[Any], kept: Kept) -> None:
    names = {name: RENAMED.get(name, name) for name in kept["tables"]}
    now = counts(migrated, list(names.values()))
    assert {name: now[names[name]] for name in names} == {
        name: table["rows"].count("\n") for name, table in kept["tables"].items()
    }


def test_migration_leaves_nothing_under_an_old_name(migrated: psycopg.Connection[Any]) -> None:
    query = """
        SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
        UNION SELECT conname::text FROM pg_constraint UNION SELECT tgname::text FROM pg_trigger
    """
    found = [name for (name,) in migrated.execute(query).fetchall()]
    assert not [name for name in found for old in RENAMED if name == old or name.startswith(f"{old}_")]


@pytest.mark.usefixtures("_open")
def test_migrated_log_verifies(migrated: psycopg.Connection[Any]) -> None:
    assert not list(verify())
    assert not [*written.problems(), *decisions.problems()]


@pytest.mark.usefixtures("_open")
def test_pdfs_that_were_sealed_then_verify(migrated: psycopg.Connection[Any]) -> None:
    """Their certificate stays beside today's, as `docs/keys.md` says."""
    signed = migrated.execute("SELECT data FROM compliance_signedpdf LIMIT 1").fetchone()
    assert signed
    assert {problem.what for problem in pdfs.problems()} == {
        "names a signed document: it is sealed by another certificate than the program's"
    }
    signature, _covered = outside.whole_signature(bytes(signed[0]))
    (certificate,) = cms.ContentInfo.load(signature)["content"]["certificates"]
    pem = x509.load_der_x509_certificate(certificate.dump()).public_bytes(serialization.Encoding.PEM)
    (django_settings.KEYS_FOLDER / "document-of-then.crt").write_bytes(pem)
    assert list(pdfs.problems()) == []


@pytest.mark.usefixtures("_open")
def test_migrated_record_exports_as_before(migrated: psycopg.Connection[Any], kept: Kept, tmp_path: Path) -> None:
    for name, data in build(UUID(kept["patient"]), [1, 2]).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    done = run(tmp_path)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    with zipfile.ZipFile(FOLDER / "export.zip") as before:
        for name in before.namelist():
            # The program has keys of its own here, and what is code may change.
            if name not in ("verify.py", "README.txt", "keys.json"):
                assert (tmp_path / name).read_bytes() == before.read(name), name


@pytest.mark.parametrize("of", ["then", "now"])
def test_export_from_before_verifies(tmp_path: Path, of: str) -> None:
    with zipfile.ZipFile(FOLDER / "export.zip") as before:
        before.extractall(tmp_path)
    if of == "now":
        (tmp_path / "verify.py").write_bytes((django_settings.BASE_DIR / "compliance/export/verify.py").read_bytes())
    done = run(tmp_path)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


@pytest.mark.parametrize("table", GUARDED)
def test_migration_keeps_triggers(migrated: psycopg.Connection[Any], table: str) -> None:
    column = migrated.execute(
        "SELECT column_name::text FROM information_schema.columns WHERE table_name = %s LIMIT 1", [table]
    ).fetchone()
    assert column
    update = sql.SQL("UPDATE {} SET {column} = {column}").format(sql.Identifier(table), column=sql.Identifier(*column))
    query = "SELECT 1 FROM pg_trigger WHERE tgname = %s AND tgrelid = %s::regclass AND tgenabled = 'O'"
    assert migrated.execute(query, [GUARDED[table], table]).fetchone()
    if counts(migrated, [table])[table]:
        with pytest.raises(psycopg.IntegrityError, match=f"{table} is add-only"):
            migrated.execute(update)


@pytest.mark.parametrize("table", RENAMED.values())
def test_migration_keeps_rights(migrated: psycopg.Connection[Any], table: str) -> None:
    kinds = ("SELECT", "UPDATE", "DELETE", "TRUNCATE")
    held = {kind for kind in kinds if granted(migrated, table, kind)}
    inserts = migrated.execute("SELECT has_any_column_privilege(%s, %s, 'INSERT')", [APP, table]).fetchone()
    assert inserts == (True,)
    if table in ("ledger_accessevent", "ledger_loggedrequest"):
        assert held == {"SELECT"}
    elif table in GUARDED:
        assert held == {"SELECT", "DELETE"}
    else:
        assert held == {"SELECT", "UPDATE", "DELETE"}


def granted(server: psycopg.Connection[Any], table: str, kind: str) -> bool:
    """Whether the application has that right on a table."""
    row = server.execute("SELECT has_table_privilege(%s, %s, %s)", [APP, table, kind]).fetchone()
    return row == (True,)
