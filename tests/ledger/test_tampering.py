"""Tampering: the owner of the database writes with the triggers off, and verification shows it."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command

from accounts.roles import OFFICER
from compliance.commands import erasure
from compliance.commands.entries import enter
from compliance.export import verify as outside
from compliance.rules.records import Discontinued, TextsErased
from ledger import canonical, checkpoints, keys, merkle
from ledger.actor import Actor
from ledger.erasable_text import ERASURE_KIND, make_erasable
from ledger.models import AccessEvent, Checkpoint
from patients.models import Patient
from tests import factories

from .tampering import NOW, TamperingFixture, chained, run, run_alone


def test_what_nobody_touched_verifies(tampering: TamperingFixture) -> None:
    assert (tampering.by_log(), tampering.by_bundle(), tampering.by_kept()) == ("", "", "")
    assert tampering.by_tick() == ""
    assert (tampering.by_log(), tampering.by_bundle(), tampering.by_kept()) == ("", "", "")
    (seal,) = keys.certificates()
    known = ["--checkpoints", str(tampering.kept), "--key", next(iter(keys.known())), "--seal", seal]
    output = run_alone(tampering.export([1, 2]), *known).stdout
    assert "It is as it was written." in output
    assert "(2 kept outside)" in output
    assert "(--" not in output, "nothing was left unchecked"


def test_by_itself_a_bundle_says_what_was_not_checked(tampering: TamperingFixture) -> None:
    done = run(tampering.export())
    assert done.returncode == 0
    assert "that this key is the program's (--key); that nothing was cut off or written anew (--checkpoints)" in (
        done.stdout
    )
    assert done.stdout.splitlines()[-1] == "It agrees with itself; whose it is was not checked."


def test_it_verifies_after_its_texts_are_erased(tampering: TamperingFixture) -> None:
    actors = [Actor(factories.officer().pk, OFFICER) for _ in range(2)]
    at = NOW + timedelta(hours=3)
    row = Patient.objects.get(pk=tampering.patient)
    doctor = Actor(row.prescriber.user_id, "prescriber", row.prescriber_id)
    enter(patient=row.pk, records=[Discontinued("moved")], by=doctor, at=at, key=uuid4())
    erasure.ask(patient=row.pk, by=actors[0], at=at, key=uuid4())
    assert erasure.confirm(patient=row.pk, by=actors[1], at=at, key=uuid4()) > 0
    checkpoints.make(at=at)
    assert (tampering.by_log(), tampering.by_bundle(), tampering.by_kept()) == ("", "", "")
    output = run(tampering.export()).stdout
    assert "names or texts were erased" in output
    assert "signed documents were erased" in output
    assert TextsErased.kind == ERASURE_KIND


# --- what somebody does with the database ---------------------------------------------------------
def changed_field(tampering: TamperingFixture) -> None:
    test = next(row for row in tampering.rows() if row.kind == "pregnancy_test")
    data = json.dumps({**test.data, "result": "positive"})
    tampering.run("UPDATE ledger_record SET data = %s WHERE hash = %s", data, test.hash)


def changed_form_of_an_old_record(tampering: TamperingFixture) -> None:
    first = tampering.rows()[0]
    assert first.canonical_form == 1
    tampering.run("UPDATE ledger_record SET canonical_form = 2 WHERE hash = %s", first.hash)


def changed_form_of_a_new_record(tampering: TamperingFixture) -> None:
    last = tampering.rows()[-1]
    assert last.canonical_form == 2
    tampering.run("UPDATE ledger_record SET canonical_form = 1 WHERE hash = %s", last.hash)


def removed_record(tampering: TamperingFixture) -> None:
    tampering.run("DELETE FROM ledger_record WHERE subject = %s AND number = 5", tampering.patient)


def inserted_record(tampering: TamperingFixture) -> None:
    rows = tampering.rows()
    tampered = rows[5]._replace(data={"visit_on": "2026-11-01"}, kind="counselled")
    later = [row._replace(number=row.number + 1) for row in rows[5:]]
    tampering.write([*rows[:5], tampered._replace(hash=canonical.hash_of(tampered._asdict())), *later])


def backdated_record(tampering: TamperingFixture) -> None:
    last = tampering.rows()[-1]
    early = last._replace(at=last.at - timedelta(days=20))
    early = early._replace(hash=canonical.hash_of(early._asdict()))
    tampering.run("UPDATE ledger_record SET at = %s, hash = %s WHERE hash = %s", early.at, early.hash, last.hash)


def backdated_at_the_end(tampering: TamperingFixture) -> None:
    """A day after the second checkpoint a record is added that says it was there before."""
    last = tampering.rows()[-1]
    tampered = last._replace(kind="counselled", at=last.at + timedelta(minutes=5), data={"visit_on": "2026-12-15"})
    tampering.insert(chained([*tampering.rows(), tampered])[-1])


def two_swapped(tampering: TamperingFixture) -> None:
    rows = tampering.rows()
    rows[3], rows[4] = rows[4]._replace(number=4), rows[3]._replace(number=5)
    tampering.write(rows)


def truncated_log(tampering: TamperingFixture) -> None:
    tampering.run(
        "DELETE FROM ledger_record WHERE subject = %s AND number >= %s", tampering.patient, len(tampering.rows())
    )


def truncated_with_its_leaf(tampering: TamperingFixture) -> None:
    truncated_log(tampering)
    tampering.run("DELETE FROM ledger_checkpointleaf WHERE subject = %s AND checkpoint_id = 2", tampering.patient)


def rewritten_chain(tampering: TamperingFixture) -> None:
    *before, last = tampering.rows()
    assert last.kind == "pregnancy_test"
    tampering.write(chained([*before, last._replace(data={**last.data, "result": "positive"})]))


def rewritten_from_early_on(tampering: TamperingFixture) -> None:
    """An early test's day, every hash after it, no signature and no signed PDF left that could tell; and no leaf."""
    rows = [row for row in tampering.rows() if row.kind not in ("attested", "pdf_sealed")]
    later = [
        row._replace(data={**row.data, "collected_on": "2026-11-02"}) if row.kind == "pregnancy_test" else row
        for row in rows
    ]
    tampering.write(chained(later))
    _only_what_is_named(tampering)
    tampering.run("DELETE FROM ledger_checkpointleaf WHERE subject = %s", tampering.patient)
    tampering.run("DELETE FROM compliance_signedpdf")


def _only_what_is_named(tampering: TamperingFixture) -> None:
    named = [digest for row in tampering.rows() for digest in outside.digests_in(row.data)]
    tampering.run("DELETE FROM ledger_erasabletext WHERE subject = %s AND digest <> ALL(%s)", tampering.patient, named)


def rewritten_behind_a_signature(tampering: TamperingFixture) -> None:
    """Another printed name, its statement and every hash after it worked out anew."""
    other = make_erasable("Somebody Else", subject=tampering.patient, at=NOW)
    other.save(force_insert=True)
    rows = tampering.rows()
    place = next(place for place, row in enumerate(rows) if row.kind == "attested")
    data = {**rows[place].data, "sealed": {"printed_name": other.digest}}
    covered = [rows[number - 1] for number in data["covers"]]
    data["statement"] = outside.sha256(
        outside.canonical({
            **{name: data[name] for name in ("answers", "document", "language", "meaning", "sha256", "version")},
            "account": str(rows[place].actor), "key": str(rows[place].request_id), "printed_name": other.digest,
            "records": [[row.kind, row.data] for row in covered], "subject": str(tampering.patient),
        })
    )  # fmt: skip
    tampering.run("DELETE FROM ledger_erasabletext WHERE digest = %s", rows[place].data["sealed"]["printed_name"])
    rows[place] = rows[place]._replace(data=data)
    tampering.write(chained(rows))
    tampering.run("DELETE FROM ledger_checkpointleaf WHERE subject = %s", tampering.patient)


def every_other_log_removed(tampering: TamperingFixture) -> None:
    tampering.run("DELETE FROM ledger_record WHERE subject <> %s", tampering.patient)
    tampering.run("DELETE FROM ledger_checkpointleaf WHERE subject <> %s", tampering.patient)


def _leaves_anew(tampering: TamperingFixture) -> list[str]:
    """Bring the newest leaf in line with the log, and give the root of each checkpoint's tree."""
    head = tampering.rows()[-1]
    tampering.run(
        "UPDATE ledger_checkpointleaf SET number = %s, hash = %s WHERE subject = %s AND checkpoint_id = 2",
        head.number, head.hash, tampering.patient,
    )  # fmt: skip
    numbers = Checkpoint.objects.order_by("number").values_list("number", flat=True)
    return [merkle.root([merkle.leaf(h) for h in checkpoints.heads(number)]).hex() for number in numbers]


def rewritten_with_its_leaves(tampering: TamperingFixture) -> None:
    rewritten_chain(tampering)
    _leaves_anew(tampering)


def _signed_anew(tampering: TamperingFixture, signer: Ed25519PrivateKey) -> None:
    """Checkpoints that fit the log, signed by somebody's key; and the files that were handed out are gone."""
    previous = ""
    for number, root in enumerate(_leaves_anew(tampering), 1):
        found = Checkpoint.objects.get(number=number)
        found.root, found.previous = root, previous
        found.key = keys.name_of(keys.public_bytes(signer))
        signature = signer.sign(canonical.encode(checkpoints.signed_payload(found))).hex()
        previous = canonical.digest(checkpoints.signed_payload(found))
        tampering.run(
            "UPDATE ledger_checkpoint SET root=%s, previous=%s, key=%s, signature=%s, hash=%s WHERE number=%s",
            root, found.previous, found.key, signature, previous, number,
        )  # fmt: skip
    shutil.rmtree(django_settings.CHECKPOINT_FOLDER)


def rewritten_and_signed_by_another_key(tampering: TamperingFixture) -> None:
    rewritten_chain(tampering)
    _signed_anew(tampering, Ed25519PrivateKey.generate())


def rewritten_and_signed_by_the_stolen_key(tampering: TamperingFixture) -> None:
    """The program's own key in the wrong hands: only what was kept outside shows it."""
    rewritten_chain(tampering)
    _signed_anew(tampering, keys.checkpoint_key())


def _signed_on(tampering: TamperingFixture) -> None:
    """A third checkpoint by the stolen key, on top of the two true ones, over the log as it is now."""
    with patch.object(checkpoints, "_ensure_as_signed"):
        checkpoints.make(at=NOW + timedelta(hours=3))


def rewritten_early_and_signed_on_by_the_stolen_key(tampering: TamperingFixture) -> None:
    rewritten_from_early_on(tampering)
    _signed_on(tampering)


def checkpoints_removed(tampering: TamperingFixture) -> None:
    """The log set back to the first checkpoint, and every trace of the second gone."""
    covered = next(h.number for h in checkpoints.heads(1) if h.subject == tampering.patient)
    tampering.run("DELETE FROM ledger_record WHERE subject = %s AND number > %s", tampering.patient, covered)
    tampering.run("DELETE FROM ledger_checkpointleaf WHERE checkpoint_id = 2")
    tampering.run("DELETE FROM ledger_checkpoint WHERE number = 2")


def truncated_and_signed_on_by_the_stolen_key(tampering: TamperingFixture) -> None:
    truncated_with_its_leaf(tampering)
    _signed_on(tampering)


def all_checkpoints_removed(tampering: TamperingFixture) -> None:
    rewritten_chain(tampering)
    tampering.run("DELETE FROM ledger_checkpointleaf")
    tampering.run("DELETE FROM ledger_checkpoint")


def tampered_checkpoint(tampering: TamperingFixture) -> None:
    tampering.run("UPDATE ledger_checkpoint SET leaves = leaves + 1 WHERE number = 2")


def tampered_checkpoint_without_its_file(tampering: TamperingFixture) -> None:
    tampered_checkpoint(tampering)
    shutil.rmtree(django_settings.CHECKPOINT_FOLDER)


def text_changed_behind_a_signature(tampering: TamperingFixture) -> None:
    tampering.run(
        "UPDATE ledger_erasabletext SET text = 'Somebody Else' WHERE digest = %s", _name_of_a_signature(tampering)
    )


def text_cut_off_at_its_beginning(tampering: TamperingFixture) -> None:
    """Salt and text together are the same bytes as before."""
    tampering.run("ALTER TABLE ledger_erasabletext DROP CONSTRAINT erasable_text_salt_of_16_bytes")
    tampering.run(
        "UPDATE ledger_erasabletext SET salt = salt || convert_to(left(text, 2), 'UTF8'), text = substr(text, 3) "
        "WHERE digest = %s",
        _name_of_a_signature(tampering),
    )


def text_removed(tampering: TamperingFixture) -> None:
    tampering.run("DELETE FROM ledger_erasabletext WHERE digest = %s", _name_of_a_signature(tampering))


def text_swapped_behind_a_signature(tampering: TamperingFixture) -> None:
    """The text goes, another with a salt and a digest of its own stands in its place, and every hash is made anew."""
    other, digest = make_erasable("Somebody Else"), _name_of_a_signature(tampering)
    tampering.run(
        "UPDATE ledger_erasabletext SET text = %s, salt = %s, digest = %s WHERE digest = %s",
        other.text, other.salt, other.digest, digest,
    )  # fmt: skip
    new = {"sealed": {"printed_name": other.digest}}
    tampering.write(
        chained(
            row._replace(data={**row.data, **new}) if row.kind == "attested" and digest in str(row.data) else row
            for row in tampering.rows()
        )
    )


def _name_of_a_signature(tampering: TamperingFixture) -> str:
    signed = next(row for row in tampering.rows() if row.kind == "attested")
    digest: str = signed.data["sealed"]["printed_name"]
    return digest


def signed_pdf_changed(tampering: TamperingFixture) -> None:
    tampering.run("UPDATE compliance_signedpdf SET data = set_byte(data, 5000, 255 - get_byte(data, 5000))")


def signed_pdf_removed(tampering: TamperingFixture) -> None:
    tampering.run("DELETE FROM compliance_signedpdf")


@dataclass(frozen=True)
class Case:
    """What is done, and what is said of it; None where nobody can say anything."""

    done: Callable[[TamperingFixture], None]
    log: str | None
    tick: str | None
    bundle: str | None
    kept: str | None


CHANGED = "was changed"
OTHER_HASH = "does not carry the hash of the record before it"
OTHERWISE, SAID_OTHERWISE = "was otherwise at a checkpoint", "the log said something else then"
ROOT, NO_ROOT = "has another root than that of the logs it was made of", "does not lead to the checkpoint's root"
NO_DIGEST = "does not give its digest"
NO_ERASURE = "is missing, and no erasure accounts for that"
CASES = [
    Case(changed_field, CHANGED, None, CHANGED, CHANGED),
    Case(changed_form_of_an_old_record, CHANGED, None, CHANGED, CHANGED),
    Case(changed_form_of_a_new_record, CHANGED, None, CHANGED, CHANGED),
    Case(removed_record, "a record is missing between them", None, "a record before it is missing", OTHER_HASH),
    Case(inserted_record, CHANGED, OTHERWISE, OTHER_HASH, SAID_OTHERWISE),
    Case(backdated_record, "is dated before the record", OTHERWISE, "is dated before the record", SAID_OTHERWISE),
    Case(
        backdated_at_the_end, "is dated before checkpoint 2, which does not have it", None,
        "is dated before it, and was not there", "is dated before it, and was not there",
    ),
    Case(two_swapped, OTHER_HASH, None, OTHER_HASH, OTHER_HASH),
    Case(truncated_log, "is missing, and was there", "is missing, and was there", "has fewer now", "has fewer now"),
    Case(truncated_with_its_leaf, ROOT, ROOT, NO_ROOT, NO_ROOT),
    Case(rewritten_chain, OTHERWISE, OTHERWISE, SAID_OTHERWISE, SAID_OTHERWISE),
    Case(rewritten_from_early_on, ROOT, ROOT, "nothing shows that", "nothing shows that"),
    Case(rewritten_behind_a_signature, ROOT, ROOT, "nothing shows that", "nothing shows that"),
    Case(every_other_log_removed, ROOT, ROOT, "its log is not there", "its log is not there"),
    Case(rewritten_with_its_leaves, ROOT, ROOT, NO_ROOT, NO_ROOT),
    Case(
        rewritten_and_signed_by_another_key, "is not signed by the program's key", "is not signed by the program's key",
        "is signed by a key that nobody named", "differs from the one in the bundle",
    ),
    Case(rewritten_and_signed_by_the_stolen_key, None, None, None, "differs from the one in the bundle"),
    Case(rewritten_early_and_signed_on_by_the_stolen_key, ROOT, None, "nothing shows that", "nothing shows that"),
    Case(truncated_and_signed_on_by_the_stolen_key, ROOT, None, None, NO_ROOT),
    Case(checkpoints_removed, "was handed out and is gone", "was handed out and is gone", None, "is newer than every"),
    Case(
        all_checkpoints_removed, "was handed out and is gone", "was handed out and is gone",
        "there is no checkpoint", "is newer than every",
    ),
    Case(tampered_checkpoint, CHANGED, "said something else", CHANGED, "differs from the one in the bundle"),
    Case(tampered_checkpoint_without_its_file, CHANGED, CHANGED, CHANGED, "differs from the one in the bundle"),
    Case(text_changed_behind_a_signature, NO_DIGEST, None, NO_DIGEST, NO_DIGEST),
    Case(text_cut_off_at_its_beginning, "has not sixteen bytes", None, NO_DIGEST, NO_DIGEST),
    Case(text_removed, "no erasure after it accounts for that", None, NO_ERASURE, NO_ERASURE),
    Case(
        text_swapped_behind_a_signature, OTHERWISE, OTHERWISE, "what the signature covers is not what was signed",
        "what the signature covers is not what was signed",
    ),
    Case(signed_pdf_changed, "a signed document: it was changed", None, ".pdf was changed", ".pdf was changed"),
    Case(signed_pdf_removed, "no erasure after it accounts for that", None, NO_ERASURE, NO_ERASURE),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.done.__name__)
def test_it_is_seen_before_and_after_the_next_checkpoint(tampering: TamperingFixture, case: Case) -> None:
    case.done(tampering)
    _said(tampering.by_log(), case.log)
    _said(tampering.by_bundle(), case.bundle)
    _said(tampering.by_kept(), case.kept)
    before = tampering.signed(), _handed_out()
    _said(tampering.by_tick(), case.tick)
    if case.tick:
        assert (tampering.signed(), _handed_out()) == before, "what is refused leaves all as it was: all say the same"
    else:
        assert len(tampering.signed()) == len(before[0]) + 1
        _said(tampering.by_bundle(), case.bundle)
        _said(tampering.by_kept(), case.kept)
        _said(tampering.by_log(), case.log)


def _handed_out() -> dict[str, bytes]:
    """The files of checkpoints, by name."""
    folder: Path = django_settings.CHECKPOINT_FOLDER
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _said(output: str, words: str | None) -> None:
    assert words in output if words else output == "", output


def test_only_what_was_kept_shows_that_all_of_it_was_made_anew(tampering: TamperingFixture) -> None:
    """Log, checkpoints and the folder they were handed out to: the next checkpoint is a first one."""
    all_checkpoints_removed(tampering)
    shutil.rmtree(django_settings.CHECKPOINT_FOLDER)
    assert tampering.by_tick() == ""
    assert (tampering.by_log(), tampering.by_bundle()) == ("", "")
    assert "is newer than every checkpoint of the bundle" in tampering.by_kept()


def test_an_export_after_tampering_signs_nothing_and_shows_it(tampering: TamperingFixture, tmp_path: Path) -> None:
    truncated_with_its_leaf(tampering)
    with pytest.raises(CommandError, match="no checkpoint was made"):
        call_command("export_record", str(tampering.patient), "--to", str(tmp_path / "made"))
    with pytest.raises(CommandError, match=ROOT):
        call_command("checkpoint")
    assert Checkpoint.objects.count() == 2
    assert NO_ROOT in run(tmp_path / "made").stdout


def test_the_command_makes_a_bundle_that_verifies(tampering: TamperingFixture, tmp_path: Path) -> None:
    out: Any = django_settings.CHECKPOINT_FOLDER
    call_command("export_record", str(tampering.patient), "--to", str(tmp_path / "made"), "--kept", "1-2,3")
    done = run(tmp_path / "made", "--checkpoints", str(out), "--patient", str(tampering.patient))
    assert done.returncode == 0, done.stdout
    assert "2 checkpoints (2 kept outside)" in done.stdout, "the newest has the whole log: no other is made"
    assert list(AccessEvent.objects.values_list("subject", "what", "why")) == [
        (tampering.patient, "export", "operator")
    ]
    assert (tmp_path / "made" / "documents" / "birth-defects-1-en.json").is_file()
    assert list((tmp_path / "made" / "papers").glob("*.pdf"))
    row = Patient.objects.get(pk=tampering.patient)
    doctor = Actor(row.prescriber.user_id, "prescriber", row.prescriber_id)
    enter(patient=row.pk, records=[Discontinued("moved")], by=doctor, at=NOW + timedelta(hours=3), key=uuid4())
    call_command("export_record", str(tampering.patient), "--to", str(tmp_path / "made.zip"))
    assert Checkpoint.objects.count() == 3, "what the newest has not is signed first"
    assert (tmp_path / "made.zip").stat().st_size > 10_000
