"""Checkpoints in a bundle that somebody forged, and what the files show that somebody kept outside."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from compliance.commands.checkpoints import publish
from ledger import checkpoints, keys

from .tampered_bundle import TAMPERING_KEY, TamperedBundle, resigned, wrong
from .tampering import NOW, TICK, TamperingFixture, chained, run, run_alone

TAMPERING_KEY_NAME = keys.name_of(keys.public_bytes(TAMPERING_KEY))


# --- the chain of checkpoints ---------------------------------------------------------------------
def one_missing_in_the_middle(tampered: TamperedBundle) -> None:
    tampered.signed(3)
    tampered["checkpoints"] = [one for one in tampered["checkpoints"] if one["number"] != 2]
    tampered["proofs"] = [proof for proof in tampered["proofs"] if proof["checkpoint"] != 2]


def off_the_chain(tampered: TamperedBundle) -> None:
    tampered.signed(2)
    first, second = tampered["checkpoints"]
    tampered["checkpoints"] = [first, resigned(second | {"previous": "0" * 64})]


def a_first_one_that_follows(tampered: TamperedBundle) -> None:
    tampered.signed()
    tampered["checkpoints"] = [resigned(tampered["checkpoints"][0] | {"previous": "0" * 64})]


def a_later_one_that_follows_none(tampered: TamperedBundle) -> None:
    tampered.signed()
    tampered["checkpoints"] = [resigned(tampered["checkpoints"][0] | {"number": 2})]
    tampered["proofs"] = [proof | {"checkpoint": 2} for proof in tampered["proofs"]]


def dated_back(tampered: TamperedBundle) -> None:
    tampered.signed(2)
    first, second = tampered["checkpoints"]
    tampered["checkpoints"] = [first, resigned(second | {"at": "2026-12-17T23:59:00.000000Z"})]


def another_hash(tampered: TamperedBundle) -> None:
    *before, last = tampered["checkpoints"]
    tampered["checkpoints"] = [*before, last | {"hash": "0" * 64}]


def no_signature(tampered: TamperedBundle) -> None:
    *before, last = tampered["checkpoints"]
    tampered["checkpoints"] = [*before, last | {"signature": "00" * 64}]


def other_leaves(tampered: TamperedBundle) -> None:
    """The number of logs is signed and hashed: an attacker recomputes the hash, and cannot sign."""
    *before, last = tampered["checkpoints"]
    made = resigned(last | {"leaves": last["leaves"] + 1}) | {"signature": last["signature"]}
    tampered["checkpoints"] = [*before, made]


def a_key_under_anothers_name(tampered: TamperedBundle) -> None:
    tampered.signed()
    tampered["keys"] = [{"name": TAMPERING_KEY_NAME, "public": "00" * 32}]


def no_key(tampered: TamperedBundle) -> None:
    tampered["keys"] = []


def proofs_exchanged(tampered: TamperedBundle) -> None:
    one, other, *rest = (proof for proof in tampered["proofs"] if proof["checkpoint"] == 2)
    others = [proof for proof in tampered["proofs"] if proof["checkpoint"] != 2]
    exchanged = [one | {"steps": other["steps"]}, other | {"steps": one["steps"]}]
    tampered["proofs"] = [*others, *exchanged, *rest]


def cut_off(tampered: TamperedBundle) -> None:
    tampered.records.pop()
    tampered["records"] = tampered.logs


def written_anew(tampered: TamperedBundle) -> None:
    tampered.records[-1]["data"]["result"] = "positive"
    tampered.hashed()
    tampered["records"] = tampered.logs


def no_checkpoint(tampered: TamperedBundle) -> None:
    tampered["checkpoints"], tampered["proofs"] = [], []


def a_proof_of_nothing(tampered: TamperedBundle) -> None:
    tampered["proofs"] = [*tampered["proofs"], tampered["proofs"][0] | {"checkpoint": 7}]


FOLLOWS = "does not carry the hash of the checkpoint before it"
CHAIN: list[tuple[Callable[[TamperedBundle], None], str]] = [
    (one_missing_in_the_middle, "checkpoint 2 is missing"),
    (off_the_chain, FOLLOWS),
    (a_first_one_that_follows, FOLLOWS),
    (a_later_one_that_follows_none, FOLLOWS),
    (dated_back, "is dated before the checkpoint that it follows"),
    (another_hash, "was changed, its hash is not that of what it says"),
    (no_signature, "its signature is false"),
    (other_leaves, "its signature is false"),
    (a_key_under_anothers_name, "is signed by a key that nobody named"),
    (no_key, "is signed by a key that nobody named"),
    (proofs_exchanged, "does not lead to the checkpoint's root"),
    (cut_off, "has fewer now"),
    (written_anew, "the log said something else then"),
    (no_checkpoint, "there is no checkpoint"),
    (a_proof_of_nothing, "is a proof of nothing in this bundle"),
]


@pytest.mark.parametrize(("forge", "said"), CHAIN, ids=lambda value: getattr(value, "__name__", ""))
def test_a_forged_checkpoint_or_proof_is_seen(
    tampered: TamperedBundle, forge: Callable[[TamperedBundle], None], said: str
) -> None:
    forge(tampered)
    found = wrong(tampered)
    assert found
    assert all(line.endswith(said) for line in found), found


# --- the form -------------------------------------------------------------------------------------
def _replaced(tampered: TamperedBundle, old: str, new: str) -> None:
    path = tampered.folder / "records.json"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))


def _emptied(tampered: TamperedBundle) -> None:
    for name in ("records", "sealed", "checkpoints", "proofs", "keys"):
        tampered[name] = []


FORMS: dict[str, tuple[Callable[[TamperedBundle], object], str]] = {
    "a name twice": (
        lambda tampered: _replaced(tampered, '"result": "negative"', '"result": "positive", "result": "negative"'),
        "records.json: a name stands twice in one object",
    ),
    "a number that is not whole": (
        lambda tampered: _replaced(tampered, '"number": 1,', '"number": 1.0,'), "records.json: 1.0 is no whole number",
    ),
    "a member too many": (
        lambda tampered: _replaced(tampered, '"kind":', '"note": "retracted", "kind":'),
        "members are missing, or too many",
    ),
    "a file that is missing": (lambda tampered: (tampered.folder / "proofs.json").unlink(), "proofs.json"),
    "nothing but empty lists": (lambda tampered: _emptied(tampered), "the log of patient"),
    "another shape": (lambda tampered: tampered.__setitem__("bundle", []), "not in the form"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_what_has_not_the_form_is_refused_in_a_sentence(tampered: TamperedBundle, name: str) -> None:
    forge, said = FORMS[name]
    forge(tampered)
    done = run(tampered.folder)
    assert (done.returncode, done.stderr) == (1, "")
    assert said in done.stdout
    assert done.stdout.splitlines()[-1] == "It is NOT as it was written."


# --- what the reader brings -----------------------------------------------------------------------
def test_tampering_key_is_refused_where_the_programs_key_is_known(
    tampering: TamperingFixture, tampered: TamperedBundle
) -> None:
    tampered.signed()
    assert wrong(tampered) == []
    for known in (["--key", next(iter(keys.known()))], ["--checkpoints", str(tampering.kept)]):
        assert "is signed by another key than the program's" in wrong(tampered, *known)


def test_anothers_bundle_is_refused_by_whoever_says_whose_it_must_be(
    tampering: TamperingFixture, tampered: TamperedBundle
) -> None:
    assert wrong(tampered, "--patient", str(tampering.patient)) == []
    said = run_alone(tampered.folder, "--patient", "00000000-0000-0000-0000-000000000000").stdout
    assert f"this is the bundle of patient {tampering.patient}" in said


def test_a_folder_without_files_is_an_error(tampered: TamperedBundle, tmp_path: Path) -> None:
    for folder in (tmp_path / "no-such", tmp_path):
        done = run(tampered.folder, "--checkpoints", str(folder))
        assert done.returncode == 2
        assert "there is no checkpoint file in" in done.stderr


def test_a_kept_file_before_the_bundles_first_is_linked_to_it(tampered: TamperedBundle, tmp_path: Path) -> None:
    """An attacker with the key begins anew after what was kept: the log must have stood at the kept ones already."""
    tampered.signed(3)
    first, *later = tampered["checkpoints"]
    other = resigned(first | {"root": "0" * 64})
    (tmp_path / "checkpoint-00000001.json").write_text(json.dumps(other))
    tampered["checkpoints"] = later
    tampered["proofs"] = [proof for proof in tampered["proofs"] if proof["checkpoint"] > 1]
    assert wrong(tampered) == []
    found = wrong(tampered, "--checkpoints", str(tmp_path))
    assert "does not carry the hash of the checkpoint before it" in found
    assert "nothing shows that checkpoint 1 has this log" in found


def test_at_every_kept_checkpoint_a_proof_is_asked_for(tampering: TamperingFixture, tmp_path: Path) -> None:
    """A bundle holds few by itself; without one at each that was kept it is not shown to be as it was written."""
    for hour in range(1, 4):
        publish(at=TICK + timedelta(hours=hour))
    folder = tmp_path / "mine"
    checkpoints.publish(folder)
    done = run(tampering.export(), "--checkpoints", str(folder))
    assert done.returncode == 1
    assert "MISSING  a proof for" in done.stdout
    assert "at 2 of the checkpoints 3 to 4, which were kept. Have it exported with --kept." in done.stdout
    assert done.stdout.splitlines()[-1] == "It is not shown to be as it was written."
    assert run(tampering.export(range(1, 6)), "--checkpoints", str(folder)).returncode == 0


def test_what_is_written_during_the_export_changes_nothing_in_it(
    tampering: TamperingFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from compliance.export import bundle

    read = bundle._texts

    def slow(rows: object) -> object:
        with tampering.server.transaction():
            tampering.run("UPDATE ledger_erasabletext SET text = text || 'x'")
        return read(rows)  # type: ignore[arg-type]

    monkeypatch.setattr(bundle, "_texts", slow)
    assert tampering.by_bundle() == ""


def test_what_came_after_the_newest_checkpoint_is_left_out(tampering: TamperingFixture) -> None:
    last = tampering.rows()[-1]
    tampered = TamperedBundle(tampering.export())
    count = len(tampered.records)
    tampering.insert(chained([*tampering.rows(), last._replace(at=NOW + timedelta(hours=3))])[-1])
    later = TamperedBundle(tampering.export())
    assert len(later.records) == count
    assert wrong(later) == []
    publish(at=NOW + timedelta(hours=4))
    assert len(TamperedBundle(tampering.export()).records) == count + 1
