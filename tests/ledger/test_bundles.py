"""Bundles that somebody forged after the export. All else fits, so that only the one check can speak.

`signed` cases are signed anew by an attacker who gives the bundle a key of his own and asks nobody to compare it; the
others change what is beside the signatures. Each case gives every line that says WRONG, and there is no other.
"""

import base64
import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from compliance.export import verify as outside

from .tampered_bundle import Json, TamperedBundle, wrong
from .tampering import run


def test_tampered_bundle_with_its_own_key_fits(tampered: TamperedBundle) -> None:
    """What the cases below rest on; and who compares the key sees it at once."""
    tampered.hashed()
    tampered.signed()
    assert wrong(tampered) == []


# --- records --------------------------------------------------------------------------------------
def out_of_place(tampered: TamperedBundle) -> None:
    tampered.records[-1]["number"] += 1
    tampered.hashed()


def of_another_patient(tampered: TamperedBundle) -> None:
    tampered.records[-1]["subject"] = tampered.logs[0]["subject"] if tampered.logs[0] is not tampered.log else "0"
    tampered.hashed()


def of_another_kind(tampered: TamperedBundle) -> None:
    tampered.records[-1]["subject_kind"] = "pharmacy"
    tampered.hashed()


def off_the_chain(tampered: TamperedBundle) -> None:
    tampered.records[-1]["previous_hash"] = "0" * 64
    tampered.hashed(chain=False)


def changed(tampered: TamperedBundle) -> None:
    tampered.records[-1]["data"]["result"] = "positive"


def form_taken_away(tampered: TamperedBundle) -> None:
    del tampered.records[-1]["canonical_form"]


def form_given_to_an_old_record(tampered: TamperedBundle) -> None:
    tampered.records[0]["canonical_form"] = 2


def first_form_by_name(tampered: TamperedBundle) -> None:
    """An old record names no form: one that does would say the same in two ways."""
    tampered.records[0]["canonical_form"] = 1


def unknown_form(tampered: TamperedBundle) -> None:
    tampered.records[-1]["canonical_form"] = 3


def dated_back(tampered: TamperedBundle) -> None:
    tampered.records[-1]["at"] = tampered.records[0]["at"]
    tampered.hashed()


def newer_than_the_checkpoint(tampered: TamperedBundle) -> None:
    tampered.signed()
    tampered.records.append(
        {**tampered.records[-1], "number": len(tampered.records) + 1, "at": "2026-12-18T00:00:00.000000Z"}
    )
    tampered.hashed()
    tampered["records"] = tampered.logs


def dated_before_a_checkpoint_without_it(tampered: TamperedBundle) -> None:
    tampered.signed(2, heads=lambda number, last: last - (number == 1))


def fewer_later_on(tampered: TamperedBundle) -> None:
    """Within the minutes that a record may take to be written, one is there and then is not."""
    for log in tampered.logs:
        log["records"][-1]["at"] = "2026-12-18T00:02:00.000000Z"
        hash_all(log)
    tampered.signed(3, heads=lambda number, last: last - (number == 2), every=timedelta(minutes=4))


def dated_after_a_checkpoint_that_has_it(tampered: TamperedBundle) -> None:
    tampered.records[-1]["at"] = "2026-12-18T00:06:00.000000Z"
    tampered.hashed()
    tampered.signed(2)


def hash_all(log: Json) -> None:
    """The hash of the last record of a log."""
    last = log["records"][-1]
    last["hash"] = outside.hash_of(last)


def no_proof_at_the_first(tampered: TamperedBundle) -> None:
    tampered.signed(2)
    tampered["proofs"] = [proof for proof in tampered["proofs"] if proof["checkpoint"] == 2]


def no_proof_at_the_newest(tampered: TamperedBundle) -> None:
    tampered.signed(2)
    tampered["proofs"] = [proof for proof in tampered["proofs"] if proof["checkpoint"] == 1]


def one_log_twice(tampered: TamperedBundle) -> None:
    tampered.signed()
    tampered["records"] = [tampered.log, *tampered.logs]


def no_log_of_the_patient(tampered: TamperedBundle) -> None:
    tampered["bundle"] = {"patient": "00000000-0000-0000-0000-000000000000"}
    tampered.signed()


def no_log_of_the_prescriber(tampered: TamperedBundle) -> None:
    (other,) = (log for log in tampered.logs if log is not tampered.log)
    tampered.logs[:] = [tampered.log]
    for record in other["records"]:
        if record["kind"] == "pdf_sealed":
            (tampered.folder / "papers" / f"{record['data']['pdf']}.pdf").unlink()
    tampered.signed()
    digests_present = {digest for record in tampered.records for digest in outside.digests_in(record["data"])}
    tampered["sealed"] = [row for row in tampered["sealed"] if row["digest"] in digests_present]
    named = {record["data"]["document"] for record in tampered.records if "document" in record["data"]}
    for path in (tampered.folder / "documents").iterdir():
        if path.name.rsplit("-", 2)[0] not in named:
            path.unlink()


def a_signature_of_something_else(tampered: TamperedBundle) -> None:
    _attested(tampered)["data"]["statement"] = "0" * 64
    tampered.hashed()


def a_passkey_for_something_else(tampered: TamperedBundle) -> None:
    challenge = base64.urlsafe_b64encode(bytes(32)).decode().rstrip("=")
    client = base64.urlsafe_b64encode(json.dumps({"challenge": challenge}).encode()).decode().rstrip("=")
    _attested(tampered)["data"] |= {"means": "passkey", "proof": {"client_data": client}}
    tampered.hashed()


def _attested(tampered: TamperedBundle) -> Json:
    return next(record for record in tampered.records if record["kind"] == "attested")


OTHER_PDF = "what it says was signed is not what the log says"
RECORDS: list[tuple[Callable[[TamperedBundle], None], set[str]]] = [
    (out_of_place, {"a record before it is missing, or stands in another place", "has fewer now"}),
    (of_another_patient, {"belongs to another log"}),
    (of_another_kind, {"belongs to another log"}),
    (off_the_chain, {"does not carry the hash of the record before it"}),
    (changed, {"was changed, its hash is not that of what it says"}),
    (form_taken_away, {"was changed, its hash is not that of what it says"}),
    (form_given_to_an_old_record, {"was changed, its hash is not that of what it says"}),
    (first_form_by_name, {"is in a canonical form that is not known"}),
    (unknown_form, {"is in a canonical form that is not known"}),
    (dated_back, {"is dated before the record that it follows"}),
    (a_signature_of_something_else, {"what the signature covers is not what was signed", OTHER_PDF}),
    (a_passkey_for_something_else, {"the passkey signed something else", OTHER_PDF}),
]


@pytest.mark.parametrize(("forge", "said"), RECORDS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_forged_record_is_seen(
    tampered: TamperedBundle, forge: Callable[[TamperedBundle], None], said: set[str]
) -> None:
    forge(tampered)
    tampered.signed()
    found = set(wrong(tampered))
    assert len(found) == len(said), found
    assert all(any(line.endswith(words) for line in found) for words in said), found


WHOLE: list[tuple[Callable[[TamperedBundle], None], set[str]]] = [
    (newer_than_the_checkpoint, {"no checkpoint has its records"}),
    (dated_before_a_checkpoint_without_it, {"is dated before it, and was not there"}),
    (dated_after_a_checkpoint_that_has_it, {"has records that are dated after it"}),
    (fewer_later_on, {"had more records at one checkpoint than at a later one"}),
    (no_proof_at_the_first, {"nothing shows that checkpoint 1 has this log"}),
    (no_proof_at_the_newest, {"nothing shows that the newest checkpoint has this log"}),
    (one_log_twice, {"there are two logs of it"}),
    (no_log_of_the_patient, {"is not there", "names this log"}),
    (no_log_of_the_prescriber, {"is named in the record, and its log is not there"}),
]


@pytest.mark.parametrize(("forge", "said"), WHOLE, ids=lambda value: getattr(value, "__name__", ""))
def test_a_bundle_that_is_not_whole_is_seen(
    tampered: TamperedBundle, forge: Callable[[TamperedBundle], None], said: set[str]
) -> None:
    forge(tampered)
    found = set(wrong(tampered))
    assert all(any(words in line for line in found) for words in said), found
    assert all(any(words in line for words in said) for line in found), found


# --- texts, documents, signed PDFs ---------------------------------------------------------------------
def text_of_nobody(tampered: TamperedBundle) -> None:
    digest = outside.sha256(bytes(16) + b"x")
    tampered["sealed"] = [*tampered["sealed"], {"digest": digest, "salt": "00" * 16, "text": "x"}]


def text_in_the_salt(tampered: TamperedBundle) -> None:
    one, *others = tampered["sealed"]
    one["salt"], one["text"] = one["salt"] + one["text"][:2].encode().hex(), one["text"][2:]
    tampered["sealed"] = [one, *others]


def text_changed(tampered: TamperedBundle) -> None:
    one, *others = tampered["sealed"]
    tampered["sealed"] = [one | {"text": "Somebody Else"}, *others]


def text_missing(tampered: TamperedBundle) -> None:
    tampered["sealed"] = tampered["sealed"][1:]


def _one(tampered: TamperedBundle, folder: str, place: int = 0) -> Path:
    return sorted((tampered.folder / folder).iterdir())[place]


def document_changed(tampered: TamperedBundle) -> None:
    _one(tampered, "documents").write_bytes(_one(tampered, "documents").read_bytes() + b" ")


def document_missing(tampered: TamperedBundle) -> None:
    _one(tampered, "documents").unlink()


def document_of_nobody(tampered: TamperedBundle) -> None:
    (tampered.folder / "documents" / "birth-defects-9-en.json").write_text("{}")


def signed_pdf_changed(tampered: TamperedBundle) -> None:
    _one(tampered, "papers").write_bytes(_one(tampered, "papers").read_bytes()[:-1])


def signed_pdfs_exchanged(tampered: TamperedBundle) -> None:
    one, other = _one(tampered, "papers"), _one(tampered, "papers", 1)
    held = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(held)


def signed_pdf_missing(tampered: TamperedBundle) -> None:
    _one(tampered, "papers").unlink()


def signed_pdf_of_nobody(tampered: TamperedBundle) -> None:
    shutil.copy(_one(tampered, "papers"), tampered.folder / "papers" / "consent.pdf")


BESIDE: list[tuple[Callable[[TamperedBundle], None], str]] = [
    (text_of_nobody, "no record refers to the sealed text"),
    (text_in_the_salt, "a sealed text does not give its digest"),
    (text_changed, "a sealed text does not give its digest"),
    (text_missing, "is missing, and no erasure accounts for that"),
    (document_changed, "is not the one that was signed"),
    (document_missing, "the text that was signed,"),
    (document_of_nobody, "no record names the file documents/birth-defects-9-en.json"),
    (signed_pdf_changed, "was changed"),
    (signed_pdfs_exchanged, "was changed"),
    (signed_pdf_missing, "is missing, and no erasure accounts for that"),
    (signed_pdf_of_nobody, "no record names the file papers/consent.pdf"),
]


@pytest.mark.parametrize(("forge", "said"), BESIDE, ids=lambda value: getattr(value, "__name__", ""))
def test_what_stands_beside_the_records_is_checked(
    tampered: TamperedBundle, forge: Callable[[TamperedBundle], None], said: str
) -> None:
    forge(tampered)
    done = run(tampered.folder)
    lines = [line for line in done.stdout.splitlines() if line.startswith("WRONG")]
    assert lines
    assert all(said in line for line in lines), lines
