"""Proofs of one log beside many others: of all heads only its neighbours are read, and what is kept is not believed."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import rfc8785
from django.db import connection

from compliance.export import bundle
from ledger import checkpoints, merkle, trees
from ledger.models import Checkpoint, CheckpointTree
from tests import prepared
from tests.histories import NOW, ClinicFactory

pytestmark = pytest.mark.django_db

AT = datetime(2026, 12, 1, 14, tzinfo=UTC)
LOGS = 1100

OTHERS = """
INSERT INTO ledger_record (subject_kind, subject, number, kind, format, at, actor, role, request_id, data, edition,
    previous_hash, hash)
SELECT 'patient', subject, %(number)s, 'counselled', 1, %(at)s, subject, 'system', subject, '{}', '', '',
    encode(sha256((subject::text || %(number)s)::bytea), 'hex')
FROM (SELECT gen_random_uuid() AS subject FROM generate_series(1, %(count)s)) AS one
"""
GROWN = """
INSERT INTO ledger_record (subject_kind, subject, number, kind, format, at, actor, role, request_id, data, edition,
    previous_hash, hash)
SELECT subject_kind, subject, number + 1, kind, format, %(at)s, actor, role, request_id, data, edition, hash,
    encode(sha256((subject::text || number)::bytea), 'hex')
FROM (SELECT DISTINCT ON (subject) * FROM ledger_record WHERE kind = 'counselled' AND role = 'system'
    ORDER BY subject, number DESC) AS one WHERE left(hash, 1) < '4'
"""


def others(count: int, *, at: datetime = AT) -> None:
    """So many logs beside, of one record each."""
    with connection.cursor() as cursor:
        cursor.execute(OTHERS, {"count": count, "number": 1, "at": at})
    prepared.plan_anew()


def grow(*, at: datetime) -> None:
    """A quarter of them get a record more, and some new ones come."""
    with connection.cursor() as cursor:
        cursor.execute(GROWN, {"at": at})
    others(100, at=at)


def by_whole_trees(wanted: dict[int, set[UUID]]) -> list[trees.InclusionProof]:
    """The proofs, from all heads."""
    found = []
    for number, heads, leaves in checkpoints.merkle_trees(wanted):
        levels = merkle.levels(leaves)
        for place, head in enumerate(heads):
            if head.subject in wanted[number]:
                found.append(trees.InclusionProof(number, head, merkle.proof(levels, place)))
    return found


def read(work: Callable[[], Any]) -> int:
    """How many rows that work gets from the database."""
    rows: list[int] = []

    def counted(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        result = execute(sql, params, many, context)
        rows.append(max(context["cursor"].rowcount, 0))
        return result

    with connection.execute_wrapper(counted):
        work()
    return sum(rows)


@pytest.fixture
def three() -> None:
    """Three checkpoints over many logs."""
    for hour in range(3):
        grow(at=AT + timedelta(hours=hour)) if hour else others(LOGS)
        checkpoints.make(at=AT + timedelta(hours=hour, minutes=30))


def some_subjects() -> set[UUID]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT subject FROM ledger_record ORDER BY subject")
        every = [row[0] for row in cursor.fetchall()]
    return {every[0], *every[:: len(every) // 23], every[-1], uuid4(), UUID(int=0)}


@pytest.mark.parametrize("block", [1, 4, 512, 4096])
def test_the_proofs_by_blocks_are_those_of_the_whole_tree(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merkle, "BLOCK", block)
    for hour, logs in enumerate((1, 3, 200)):
        others(logs)
        grow(at=AT + timedelta(hours=hour))
        checkpoints.make(at=AT + timedelta(hours=hour, minutes=30))
    wanted = dict.fromkeys((1, 2, 3), some_subjects())
    roots = dict(Checkpoint.objects.values_list("number", "root"))
    found = list(checkpoints.proofs(wanted))
    assert found == by_whole_trees(wanted)
    assert len(found) > 20
    for proof in found:
        assert merkle.leads_to(merkle.leaf(proof.head), proof.steps).hex() == roots[proof.checkpoint]
    assert all(trees.proofs(number, roots[number], wanted[number]) is not None for number in roots)


@pytest.mark.parametrize(
    "digest",
    ["0f" * 32, "", "A9", '","number":1', "back\\slash", "line\nend", "\u00e9", "\u2028", "\x00", "\U0001f600"],
)
def test_a_leaf_is_the_hash_of_the_head_in_its_canonical_form(digest: str) -> None:
    head = merkle.LogHead(uuid4(), 2**31 - 1, digest)
    payload: dict[str, Any] = {"subject": str(head.subject), "number": head.number, "hash": digest}
    assert merkle.leaf(head) == hashlib.sha256(b"\0" + rfc8785.dumps(payload)).digest()


TAMPERED = {
    "none are kept": "DELETE FROM ledger_checkpointtree",
    "cut off": "UPDATE ledger_checkpointtree SET blocks = substr(blocks, 1, 100)",
    "another root": "UPDATE ledger_checkpointtree SET blocks = set_byte(blocks, 20, 255 - get_byte(blocks, 20))",
    "another first": "UPDATE ledger_checkpointtree SET blocks = set_byte(blocks, 48, 255 - get_byte(blocks, 48))",
    "empty": "UPDATE ledger_checkpointtree SET blocks = ''",
}


@pytest.mark.parametrize("what", TAMPERED)
def test_blocks_that_are_not_those_of_the_tree_are_not_believed(three: None, what: str) -> None:
    wanted = dict.fromkeys((1, 2, 3), some_subjects())
    with connection.cursor() as cursor:
        cursor.execute(TAMPERED[what])
    assert list(checkpoints.proofs(wanted)) == by_whole_trees(wanted)


def test_an_export_reads_no_more_beside_many_logs(clinic: ClinicFactory) -> None:
    """Rows read for a bundle: those of the patient, and of one block a proof."""
    patient = clinic.ready()
    counts: list[int] = []
    with connection.cursor() as cursor:
        # Nothing has counted the rows of this transaction: some plans for so many would take as long as is waited.
        cursor.execute("SET LOCAL enable_nestloop = off")
    for more in (2 * merkle.BLOCK, 8 * merkle.BLOCK):
        others(more)
        checkpoints.make(at=NOW + timedelta(hours=len(counts) + 1))
        counts.append(read(lambda: bundle._files(patient.pk, ())))
    assert counts[1] < counts[0] + 3 * 2 * merkle.BLOCK
    assert counts[1] < 10 * merkle.BLOCK
    assert read(lambda: checkpoints.is_covered([patient.pk])) < 2 * merkle.BLOCK


def test_the_heads_of_a_block_are_found_by_the_index(three: None) -> None:
    (blocks,) = CheckpointTree.objects.filter(checkpoint=3).values_list("blocks", flat=True)
    first, beyond = UUID(bytes=bytes(blocks[48:64])), UUID(bytes=bytes(blocks[96:112]))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE ledger_checkpointleaf")
        cursor.execute(
            f"EXPLAIN {trees._SELECT_HEADS}", {"first": first, "beyond": beyond, "checkpoint": 3}
        )  # fmt: skip
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "leaf_once_a_checkpoint" in plan
    assert "Seq Scan" not in plan


def test_the_ends_of_all_logs_are_read_from_the_index_alone(three: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE ledger_record, ledger_checkpointleaf")
        # A table as small as a test's is read whole in any case.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN {checkpoints._SELECT_HEADS}", [3])
        plan = [row[0] for row in cursor.fetchall()]
    reads = [line for line in plan if " on ledger_record" in line]
    assert len(reads) == 3
    assert all("Index Only Scan using record_place_unique" in line for line in reads), reads


def test_what_is_covered_is_asked_of_these_logs_alone(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    assert not checkpoints.is_covered([patient.pk]), "there is no checkpoint"
    checkpoints.make(at=NOW + timedelta(hours=1))
    assert checkpoints.is_covered([patient.pk])
    others(3)
    assert checkpoints.is_covered([patient.pk])
    assert not checkpoints.is_covered([patient.pk, clinic.ready().pk])
    CheckpointTree.objects.all().delete()
    assert not checkpoints.is_covered([patient.pk]), "a checkpoint of before is followed by one with its blocks"
