"""Checkpoints in a bundle that somebody forged, and what the files show that somebody kept outside."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from compliance.commands.checkpoints import publish
from ledger import checkpoints, keys

from .forger import FORGER, Forged, resigned, wrong
from .scene import NOW, TICK, Scene, chained, run

FORGERS_KEY = keys.name_of(keys.public_bytes(FORGER))


# --- the chain of checkpoints ---------------------------------------------------------------------
def one_missing_in_the_middle(forged: Forged) -> None:
    forged.signed(3)
    forged["checkpoints"] = [one for one in forged["checkpoints"] if one["number"] != 2]
    forged["proofs"] = [proof for proof in forged["proofs"] if proof["checkpoint"] != 2]


def off_the_chain(forged: Forged) -> None:
    forged.signed(2)
    first, second = forged["checkpoints"]
    forged["checkpoints"] = [first, resigned(second | {"previous": "0" * 64})]


def a_first_one_that_follows(forged: Forged) -> None:
    forged.signed()
    forged["checkpoints"] = [resigned(forged["checkpoints"][0] | {"previous": "0" * 64})]


def a_later_one_that_follows_none(forged: Forged) -> None:
    forged.signed()
    forged["checkpoints"] = [resigned(forged["checkpoints"][0] | {"number": 2})]
    forged["proofs"] = [proof | {"checkpoint": 2} for proof in forged["proofs"]]


def dated_back(forged: Forged) -> None:
    forged.signed(2)
    first, second = forged["checkpoints"]
    forged["checkpoints"] = [first, resigned(second | {"at": "2026-12-17T23:59:00.000000Z"})]


def another_hash(forged: Forged) -> None:
    *before, last = forged["checkpoints"]
    forged["checkpoints"] = [*before, last | {"hash": "0" * 64}]


def no_signature(forged: Forged) -> None:
    *before, last = forged["checkpoints"]
    forged["checkpoints"] = [*before, last | {"signature": "00" * 64}]


def other_leaves(forged: Forged) -> None:
    """The number of logs is signed and hashed: the forger makes the hash anew, and cannot sign."""
    *before, last = forged["checkpoints"]
    made = resigned(last | {"leaves": last["leaves"] + 1}) | {"signature": last["signature"]}
    forged["checkpoints"] = [*before, made]


def a_key_under_anothers_name(forged: Forged) -> None:
    forged.signed()
    forged["keys"] = [{"name": FORGERS_KEY, "public": "00" * 32}]


def no_key(forged: Forged) -> None:
    forged["keys"] = []


def proofs_exchanged(forged: Forged) -> None:
    one, other, *rest = (proof for proof in forged["proofs"] if proof["checkpoint"] == 2)
    others = [proof for proof in forged["proofs"] if proof["checkpoint"] != 2]
    exchanged = [one | {"steps": other["steps"]}, other | {"steps": one["steps"]}]
    forged["proofs"] = [*others, *exchanged, *rest]


def cut_off(forged: Forged) -> None:
    forged.records.pop()
    forged["records"] = forged.logs


def written_anew(forged: Forged) -> None:
    forged.records[-1]["data"]["result"] = "positive"
    forged.hashed()
    forged["records"] = forged.logs


def no_checkpoint(forged: Forged) -> None:
    forged["checkpoints"], forged["proofs"] = [], []


def a_proof_of_nothing(forged: Forged) -> None:
    forged["proofs"] = [*forged["proofs"], forged["proofs"][0] | {"checkpoint": 7}]


FOLLOWS = "does not carry the hash of the checkpoint before it"
CHAIN: list[tuple[Callable[[Forged], None], str]] = [
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
def test_a_forged_checkpoint_or_proof_is_seen(forged: Forged, forge: Callable[[Forged], None], said: str) -> None:
    forge(forged)
    found = wrong(forged)
    assert found
    assert all(line.endswith(said) for line in found), found


# --- the form -------------------------------------------------------------------------------------
def _replaced(forged: Forged, old: str, new: str) -> None:
    path = forged.folder / "records.json"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))


def _emptied(forged: Forged) -> None:
    for name in ("records", "sealed", "checkpoints", "proofs", "keys"):
        forged[name] = []


FORMS: dict[str, tuple[Callable[[Forged], object], str]] = {
    "a name twice": (
        lambda forged: _replaced(forged, '"result": "negative"', '"result": "positive", "result": "negative"'),
        "records.json: a name stands twice in one object",
    ),
    "a number that is not whole": (
        lambda forged: _replaced(forged, '"number": 1,', '"number": 1.0,'), "records.json: 1.0 is no whole number",
    ),
    "a member too many": (
        lambda forged: _replaced(forged, '"kind":', '"note": "retracted", "kind":'), "members are missing, or too many",
    ),
    "a file that is missing": (lambda forged: (forged.folder / "proofs.json").unlink(), "proofs.json"),
    "nothing but empty lists": (lambda forged: _emptied(forged), "the log of patient"),
    "another shape": (lambda forged: forged.__setitem__("bundle", []), "not in the form"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_what_has_not_the_form_is_refused_in_a_sentence(forged: Forged, name: str) -> None:
    forge, said = FORMS[name]
    forge(forged)
    done = run(forged.folder)
    assert (done.returncode, done.stderr) == (1, "")
    assert said in done.stdout
    assert done.stdout.splitlines()[-1] == "It is NOT as it was written."


# --- what the reader brings -----------------------------------------------------------------------
def test_a_forgers_key_is_refused_by_whoever_knows_the_programs(scene: Scene, forged: Forged) -> None:
    forged.signed()
    assert wrong(forged) == []
    for known in (["--key", next(iter(keys.known()))], ["--checkpoints", str(scene.kept)]):
        assert "is signed by another key than the program's" in wrong(forged, *known)


def test_anothers_bundle_is_refused_by_whoever_says_whose_it_must_be(scene: Scene, forged: Forged) -> None:
    assert wrong(forged, "--patient", str(scene.patient)) == []
    said = run(forged.folder, "--patient", "00000000-0000-0000-0000-000000000000").stdout
    assert f"this is the bundle of patient {scene.patient}" in said


def test_a_folder_without_files_is_an_error(forged: Forged, tmp_path: Path) -> None:
    for folder in (tmp_path / "no-such", tmp_path):
        done = run(forged.folder, "--checkpoints", str(folder))
        assert done.returncode == 2
        assert "there is no checkpoint file in" in done.stderr


def test_a_kept_file_before_the_bundles_first_is_linked_to_it(forged: Forged, tmp_path: Path) -> None:
    """A forger with the key begins anew after what was kept: the log must have stood at the kept ones already."""
    forged.signed(3)
    first, *later = forged["checkpoints"]
    other = resigned(first | {"root": "0" * 64})
    (tmp_path / "checkpoint-00000001.json").write_text(json.dumps(other))
    forged["checkpoints"] = later
    forged["proofs"] = [proof for proof in forged["proofs"] if proof["checkpoint"] > 1]
    assert wrong(forged) == []
    found = wrong(forged, "--checkpoints", str(tmp_path))
    assert "does not carry the hash of the checkpoint before it" in found
    assert "nothing shows that checkpoint 1 has this log" in found


def test_at_every_kept_checkpoint_a_proof_is_asked_for(scene: Scene, tmp_path: Path) -> None:
    """A bundle holds few by itself; without one at each that was kept it is not shown to be as it was written."""
    for hour in range(1, 4):
        publish(at=TICK + timedelta(hours=hour))
    folder = tmp_path / "mine"
    checkpoints.publish(folder)
    done = run(scene.export(), "--checkpoints", str(folder))
    assert done.returncode == 1
    assert "MISSING  a proof for" in done.stdout
    assert "at 2 of the checkpoints 3 to 4, which were kept. Have it exported with --kept." in done.stdout
    assert done.stdout.splitlines()[-1] == "It is not shown to be as it was written."
    assert run(scene.export(range(1, 6)), "--checkpoints", str(folder)).returncode == 0


def test_what_is_written_during_the_export_changes_nothing_in_it(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    from compliance.export import bundle

    read = bundle._texts

    def slow(rows: object) -> object:
        with scene.server.transaction():
            scene.run("UPDATE ledger_erasabletext SET text = text || 'x'")
        return read(rows)  # type: ignore[arg-type]

    monkeypatch.setattr(bundle, "_texts", slow)
    assert scene.by_bundle() == ""


def test_what_came_after_the_newest_checkpoint_is_left_out(scene: Scene) -> None:
    last = scene.rows()[-1]
    forged = Forged(scene.export())
    count = len(forged.records)
    scene.insert(chained([*scene.rows(), last._replace(at=NOW + timedelta(hours=3))])[-1])
    later = Forged(scene.export())
    assert len(later.records) == count
    assert wrong(later) == []
    publish(at=NOW + timedelta(hours=4))
    assert len(Forged(scene.export()).records) == count + 1
