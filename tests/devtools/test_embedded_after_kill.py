"""Embedded servers after a kill: the next start repairs their folder."""

import os
from pathlib import Path

import psycopg

from devtools import embedded


def answers(base: Path) -> bool:
    with psycopg.connect(host=str(base / "pg"), user=embedded.APP, dbname=embedded.DATABASE) as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


def test_data_that_was_never_finished_is_made_anew(base: Path) -> None:
    embedded.stop(base, delete=True)
    (base / "pg").mkdir(parents=True)
    (base / "pg" / "PG_VERSION").write_text("18\n")  # `initdb` writes it early, and was killed then
    (base / "making").touch()
    embedded.ensure_postgres(base)
    assert answers(base)
    assert not (base / "making").exists()


def test_a_server_that_was_stopped_is_started_again_by_the_same_process(base: Path) -> None:
    embedded.ensure_postgres(base)
    embedded.stop(base)
    embedded.ensure_postgres(base)
    assert answers(base)


def test_an_id_that_is_another_process_by_now_is_not_taken_for_the_server(base: Path) -> None:
    """After a restart of the machine the number in the file may be anybody's; here it is this very process."""
    embedded.ensure_postgres(base)
    known = (base / "pg" / "postmaster.pid").read_text().splitlines()
    embedded.stop(base)
    text = "\n".join([str(os.getpid()), *known[1:]]) + "\n"
    (base / "pg" / "postmaster.pid").write_text(text)
    (base / "pg" / ".s.PGSQL.5432.lock").write_text(text)
    embedded.ensure_postgres(base)
    assert answers(base)


def test_a_folder_named_from_outside_leaves_the_one_above_as_it_is(tmp_path: Path) -> None:
    """As root a start must not take the rights of `/tmp` away, and not end what is not its own."""
    tmp_path.chmod(0o1777)
    (tmp_path / "servers" / "pg").mkdir(parents=True)
    (tmp_path / "servers" / "pg" / "postmaster.pid").write_text(f"{os.getpid()}\n")
    embedded.stop(tmp_path / "servers")
    assert tmp_path.stat().st_mode & 0o7777 == 0o1777
