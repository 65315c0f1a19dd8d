"""Signed PDFs in the hands of whoever owns the database, who also makes the log's hashes fit: each change is named."""

import hashlib
import io
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter

from compliance.export import verify as outside
from compliance.models import SignedPdf
from compliance.signing.pdf import seal
from ledger import keys
from tests import somebodys_keys

from .tampering import TamperingFixture, chained, run


def covered(pdf: bytes) -> bytes:
    """The PDF with its first page drawn over, as an incremental update: what was signed is there, and not seen."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    stream = generic.StreamObject(stream_data=b"1 1 1 rg 0 0 1000 1000 re f")
    page["/Contents"] = writer.add_object(stream)
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]
    return out.getvalue()


def unsealed(pdf: bytes) -> bytes:
    """The PDF as it was before it was sealed."""
    return pdf[: pdf.index(b"%%EOF") + 6]


def sealed_by_another(pdf: bytes) -> bytes:
    """The PDF under a seal of somebody's own key."""
    with patch.object(keys, "folder", return_value=somebodys_keys.made()):
        return seal.seal_pdf(unsealed(pdf))


def of_the_patient(tampering: TamperingFixture) -> list[SignedPdf]:
    return list(SignedPdf.objects.filter(subject=tampering.patient).order_by("signature"))


def put(tampering: TamperingFixture, one: SignedPdf, data: bytes, *, in_log: bool = True) -> None:
    """Store other bytes in the place of a PDF, under their own hash; in the log too, if it is to fit."""
    known = hashlib.sha256(data).hexdigest()
    tampering.run("UPDATE compliance_signedpdf SET data = %s, sha256 = %s WHERE id = %s", data, known, one.pk)
    if in_log:
        rows = [
            row._replace(data={**row.data, "sha256": known}) if row.data.get("pdf") == str(one.pk) else row
            for row in tampering.rows()
        ]
        tampering.write(chained(rows))


def byte_changed(tampering: TamperingFixture, to_fit: bool) -> None:
    one = of_the_patient(tampering)[0]
    data = bytearray(one.data)
    data[5000] ^= 1
    put(tampering, one, bytes(data), in_log=to_fit)


def swapped(tampering: TamperingFixture, to_fit: bool) -> None:
    one, other = of_the_patient(tampering)[:2]
    put(tampering, one, bytes(other.data), in_log=to_fit)


def page_covered(tampering: TamperingFixture, to_fit: bool) -> None:
    one = of_the_patient(tampering)[0]
    put(tampering, one, covered(bytes(one.data)), in_log=to_fit)


def seal_removed(tampering: TamperingFixture, to_fit: bool) -> None:
    one = of_the_patient(tampering)[0]
    put(tampering, one, unsealed(bytes(one.data)), in_log=to_fit)


def other_key(tampering: TamperingFixture, to_fit: bool) -> None:
    one = of_the_patient(tampering)[0]
    put(tampering, one, sealed_by_another(bytes(one.data)), in_log=to_fit)


def sealed_in_the_old_form(pdf: bytes, folder: Path, field: str = "Clearfill") -> bytes:
    """The PDF under a seal that does not certify it, as seals were before."""
    about = signers.PdfSignatureMetadata(field_name=field, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    # As the product does: pyHanko begins an event loop, and a browser's may be here already.
    with ThreadPoolExecutor(1) as aside:
        reserved = aside.submit(seal._reserved_size, folder).result()
        signing = aside.submit(signers.sign_pdf, writer, about, signer=seal._signer(folder), bytes_reserved=reserved)
        data: bytes = signing.result().getvalue()
    return data


def sealed_on_top(tampering: TamperingFixture, to_fit: bool) -> None:
    """An old form's page covered, and a second seal over all of it by somebody's own key."""
    one, folder = of_the_patient(tampering)[0], somebodys_keys.made()
    old = sealed_in_the_old_form(unsealed(bytes(one.data)), keys.folder())
    put(tampering, one, sealed_in_the_old_form(covered(old), folder, "Second"), in_log=to_fit)


def emptied(tampering: TamperingFixture, to_fit: bool) -> None:
    put(tampering, of_the_patient(tampering)[0], b"", in_log=to_fit)


CHANGED = "it was changed"
#: What is done to a PDF, and what is said once the log's hashes fit.
TO_FIT: dict[str, tuple[Callable[[TamperingFixture, bool], None], str]] = {
    "a byte": (byte_changed, "its seal is broken"),
    "another's": (swapped, "what it says was signed is not what the log says"),
    "a covered page": (page_covered, "its seal does not cover the whole document"),
    "no seal": (seal_removed, "it has no seal"),
    "another key": (other_key, "it is sealed by another certificate than the program's"),
    "a second seal": (sealed_on_top, "it has more than one seal"),
    "nothing": (emptied, "it has no seal"),
}


def said_by_bundle(tampering: TamperingFixture) -> str:
    """What a bundle says to somebody who knows the certificate."""
    (seal,) = keys.certificates()
    done = run(tampering.export(), "--seal", seal)
    assert not done.stderr
    assert done.returncode == 1
    return done.stdout


@pytest.mark.parametrize("name", TO_FIT)
def test_changed_pdf_is_named(tampering: TamperingFixture, name: str) -> None:
    TO_FIT[name][0](tampering, False)
    assert f"names a signed document: {CHANGED}" in tampering.by_log()
    assert ".pdf was changed" in said_by_bundle(tampering)


@pytest.mark.parametrize("name", TO_FIT)
def test_pdf_whose_hash_was_made_to_fit_is_named(tampering: TamperingFixture, name: str) -> None:
    tamper, said = TO_FIT[name]
    tamper(tampering, True)
    assert f"names a signed document: {said}" in tampering.by_log()
    assert said in said_by_bundle(tampering)


def test_pdf_that_was_sealed_before_stays_valid(tampering: TamperingFixture) -> None:
    one = of_the_patient(tampering)[0]
    put(tampering, one, sealed_in_the_old_form(unsealed(bytes(one.data)), keys.folder()))
    assert "signed document" not in tampering.by_log()
    assert "WRONG  the signed document" not in said_by_bundle(tampering)
    put(tampering, one, covered(sealed_in_the_old_form(unsealed(bytes(one.data)), keys.folder())))
    assert "its seal does not cover the whole document" in tampering.by_log()


BESIDE = {
    "removed": ("DELETE FROM compliance_signedpdf WHERE subject = %s", "names a signed document that is missing"),
    "given to another": (
        "UPDATE compliance_signedpdf SET subject = gen_random_uuid() WHERE subject = %s",
        "has a signed document that no record names",
    ),
    "another signer": (
        "UPDATE compliance_signedpdf SET signer_id = "
        "(SELECT id FROM accounts_user WHERE opened_as = 'officer' LIMIT 1) WHERE subject = %s",
        "under another signature, signer or text",
    ),
    "another text": (
        "UPDATE compliance_signedpdf SET document = 'striking' WHERE subject = %s",
        "under another signature, signer or text",
    ),
    "another hash in its row": (
        "UPDATE compliance_signedpdf SET sha256 = repeat('0', 64) WHERE subject = %s",
        "under another signature, signer or text",
    ),
    "one more": (
        "INSERT INTO compliance_signedpdf (id, subject, signature, signer_id, document, sha256, data, made_at) "
        "SELECT gen_random_uuid(), subject, 9999, signer_id, document, sha256, data, made_at "
        "FROM compliance_signedpdf WHERE subject = %s LIMIT 1",
        "has a signed document that no record names",
    ),
}


@pytest.mark.parametrize("name", BESIDE)
def test_pdfs_row_that_does_not_fit_the_log_is_named(tampering: TamperingFixture, name: str) -> None:
    statement, said = BESIDE[name]
    tampering.run(statement, tampering.patient)
    assert said in tampering.by_log()


def test_signature_without_pdf_or_job_is_named(tampering: TamperingFixture) -> None:
    """The record of the PDF is gone as well; what came behind it is hashed anew."""
    kept = [row for row in tampering.rows() if row.kind != "pdf_sealed"]
    tampering.write(chained(kept))
    tampering.run("DELETE FROM compliance_signedpdf WHERE subject = %s", tampering.patient)
    assert "has no signed document, and none waits to be made" in tampering.by_log()


def test_certificate_that_was_replaced_is_still_the_programs(tampering: TamperingFixture, tmp_path: Path) -> None:
    old = keys.folder() / keys.CERTIFICATE
    somebodys_keys.copied(tmp_path / "new")
    with patch.object(keys, "folder", return_value=tmp_path / "new"):
        assert "it is sealed by another certificate" in tampering.by_log()
        for public in keys.folder().glob("*.pub"):
            public.unlink()
        for public in old.parent.glob("*.pub"):
            (tmp_path / "new" / public.name).write_bytes(public.read_bytes())
        (tmp_path / "new" / "document-2026.crt").write_bytes(old.read_bytes())
        assert tampering.by_log() == ""


def test_any_bytes_have_an_answer(tampering: TamperingFixture) -> None:
    """Whatever stands in the place of a seal, it is refused or taken, and nothing breaks."""
    pdf, random = bytes(of_the_patient(tampering)[0].data), Random(16)
    first = int(next(outside.BYTE_RANGE.finditer(pdf)).group(2))
    signature = bytes.fromhex(pdf[first + 1 : pdf.index(b">", first)].decode())
    for _round in range(400):
        changed = bytearray(signature)
        for _change in range(random.randint(1, 6)):
            changed[random.randrange(len(changed))] = random.randrange(256)
        data = pdf[: first + 1] + changed.hex().encode() + pdf[first + 1 + 2 * len(signature) :]
        with suppress(outside.BrokenSeal):
            outside.sealed_by(data)
    for length in range(0, len(pdf), 5000):
        with pytest.raises(outside.BrokenSeal):
            outside.sealed_by(pdf[:length])


# --- what other tools say ---------------------------------------------------------------------------
def pdfsig(pdf: bytes, folder: Path) -> str:
    (folder / "p.pdf").write_bytes(pdf)
    command = ["pdfsig", "-nocert", "p.pdf"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


def test_public_tools_refuse_a_covered_page(tampering: TamperingFixture, tmp_path: Path) -> None:
    pdf = bytes(of_the_patient(tampering)[0].data)
    assert "Total document signed" in pdfsig(pdf, tmp_path)
    assert "Not total document signed" in pdfsig(covered(pdf), tmp_path)


def test_seal_permits_no_change(tampering: TamperingFixture) -> None:
    for one in SignedPdf.objects.all():
        (signature,) = PdfFileReader(io.BytesIO(bytes(one.data))).embedded_signatures
        assert signature.docmdp_level == MDPPerm.NO_CHANGES
        permissions: Any = PdfFileReader(io.BytesIO(bytes(one.data))).root["/Perms"]
        assert permissions["/DocMDP"] == signature.sig_object


def test_verify_py_reads_the_certificate_that_is_in_the_folder(tampering: TamperingFixture) -> None:
    certificate = x509.load_pem_x509_certificate((keys.folder() / keys.CERTIFICATE).read_bytes())
    name = certificate.fingerprint(hashes.SHA256()).hex()
    assert {outside.sealed_by(bytes(one.data)) for one in SignedPdf.objects.all()} == {name} == keys.certificates()
    done = run(tampering.export(), "--seal", ":".join(name.upper()[i : i + 2] for i in range(0, 64, 2)))
    assert done.returncode == 0, done.stdout
    assert "(--seal)" not in done.stdout
