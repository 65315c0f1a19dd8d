"""The signed document: made once, sealed, with the record in it; one flipped byte shows."""

import hashlib
import json
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms
from django.test import Client
from django.urls import reverse
from pyhanko.pdf_utils.reader import PdfFileReader

from accounts.models import User
from compliance import documents
from compliance.commands import consents
from compliance.models import PdfJob, SignedPdf
from compliance.rules.records import Attested, ContraceptionDeclared, load
from compliance.signatures import CONFIRM, agreed, make_signature, pairs
from compliance.signing.pdf import queue as making
from compliance.signing.pdf.queue import process_due_jobs
from compliance.signing.pdf.render import _spelled, draw
from compliance.signing.pdf.seal import seal_pdf
from ledger import canonical, keys, log
from ledger.actor import Actor
from tests import factories
from tests.amount import share
from tests.clocks import Clock
from tests.histories import METHODS, NOW, ClinicFactory

pytestmark = pytest.mark.django_db


def declared(clinic: ClinicFactory) -> SignedPdf:
    """A signed PDF of the prescriber's monthly confirmation."""
    patient = clinic.ready()
    assert clinic.enter(patient, ContraceptionDeclared("prescriber", METHODS, NOW.date()))
    assert process_due_jobs(at=NOW) == 1
    return SignedPdf.objects.get()


def is_valid(pdf: bytes) -> bool:
    """Whether the seal is of the program's certificate, over the whole file, and whole."""
    import io

    from pyhanko.keys import load_cert_from_pemder
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    root = load_cert_from_pemder(str(keys.folder() / keys.CERTIFICATE))  # type: ignore[no-untyped-call]
    with ThreadPoolExecutor(1) as aside:  # it begins an event loop; a browser's may run here already
        try:
            (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
            status = aside.submit(validate_pdf_signature, signature, ValidationContext(trust_roots=[root])).result()
        except Exception:  # a byte of its structure: it can't even be read
            return False
    return bool(status.bottom_line)


def test_it_is_made_once_with_its_hash_in_the_log(clinic: ClinicFactory) -> None:
    signed_pdf = declared(clinic)
    assert process_due_jobs(at=NOW + timedelta(days=1)) == 0
    record = log.read(signed_pdf.subject)[-1]
    assert record.kind == "pdf_sealed"
    assert record.data == {"signature": signed_pdf.signature, "pdf": str(signed_pdf.pk), "sha256": signed_pdf.sha256}
    assert SignedPdf.objects.count() == 1


def container(pdf: bytes) -> tuple[int, bytes]:
    """Where the hex digits of the signature begin in the file, and the signature."""
    found = re.search(rb"/Contents\s*<([0-9A-Fa-f]{100,})>", pdf)
    assert found is not None
    return found.start(1), bytes.fromhex(found.group(1).decode())


def digits(start: int, signature: bytes, part: bytes, skip: int = 0) -> set[int]:
    """The places in the file of that part of the signature, without its first bytes."""
    assert signature.count(part) == 1
    first = signature.index(part)
    return set(range(start + 2 * (first + skip), start + 2 * (first + len(part))))


def signed_by_nobody(pdf: bytes) -> set[int]:
    """What no signature of this kind covers, nor changes what it says: 50 hex digits.

    At its head its version and the list of digests; in the signer's part the version, and the empty parameters of the
    digest.
    """
    start, signature = container(pdf)
    content = cms.ContentInfo.load(signature)["content"]
    (signer,) = content["signer_infos"]
    head = content["version"].dump() + content["digest_algorithms"].dump()
    version = signer["version"].dump()
    who = version + signer["sid"].dump()
    digest = who[len(version) :] + signer["digest_algorithm"].dump()
    return (
        digits(start, signature, head)
        | (digits(start, signature, who) - digits(start, signature, who, skip=len(version)))
        | digits(start, signature, digest, skip=len(digest) - 2)
    )


def flipped(pdf: bytes, place: int) -> bytes:
    return pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]


def places(pdf: bytes) -> list[int]:
    """All over the file, and more closely over the signature in it."""
    start, signature = container(pdf)
    over = range(0, len(pdf), len(pdf) // share(150, 30))
    closely = range(start - 1, start + 2 * len(signature) + 1, share(13, 29))
    return sorted({*over, *closely, start + 2 * len(signature) - 1} - signed_by_nobody(pdf))


def test_a_public_tool_finds_its_seal_good_and_one_flipped_byte_not(clinic: ClinicFactory) -> None:
    pdf = bytes(declared(clinic).data)
    assert is_valid(pdf)
    tried = places(pdf)
    assert len(tried) > share(350, 120)
    assert [place for place in tried if is_valid(flipped(pdf, place))] == []


def test_pdfsig_finds_the_same(clinic: ClinicFactory, tmp_path: Path) -> None:
    """Whose certificate it is, it is not asked here: of that, it looks at nothing."""
    pdf = bytes(declared(clinic).data)
    start, signature = container(pdf)
    (certificate,) = cms.ContentInfo.load(signature)["content"]["certificates"]
    tried = sorted(set(places(pdf)) - digits(start, signature, certificate.dump()))[::4]

    def good(data: bytes) -> bool:
        (tmp_path / "p.pdf").write_bytes(data)
        run = subprocess.run(["pdfsig", "-nocert", "p.pdf"], cwd=tmp_path, capture_output=True, text=True)
        return "Signature is Valid" in run.stdout

    assert good(pdf)
    assert len(tried) > share(60, 20)
    assert [place for place in tried if good(flipped(pdf, place))] == []


def test_no_room_is_left_beside_the_signature(clinic: ClinicFactory) -> None:
    pdf = bytes(declared(clinic).data)
    _start, signature = container(pdf)
    assert cms.ContentInfo.load(signature, strict=True).dump() == signature
    assert len(signed_by_nobody(pdf)) == 2 * (3 + 17 + 3 + 2)


def test_the_hash_in_the_log_sees_every_flip(clinic: ClinicFactory) -> None:
    signed_pdf = declared(clinic)
    pdf, known = bytes(signed_pdf.data), log.read(signed_pdf.subject)[-1].data["sha256"]
    assert hashlib.sha256(pdf).hexdigest() == known
    every = [*places(pdf), *signed_by_nobody(pdf)]
    assert known not in {hashlib.sha256(flipped(pdf, place)).hexdigest() for place in every}


def test_it_is_pdf_a_3_with_the_record_attached(clinic: ClinicFactory) -> None:
    import io

    signed_pdf = declared(clinic)
    pdf = bytes(signed_pdf.data)
    assert b"<pdfaid:part>3</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in pdf
    names = PdfFileReader(io.BytesIO(pdf)).root["/Names"]["/EmbeddedFiles"]["/Names"]
    assert names[0] == "record.json"
    attached = json.loads(names[1]["/EF"]["/F"].data)
    rows = {row.number: row for row in log.read(signed_pdf.subject)}
    for told in attached["records"]:
        row = rows[told["number"]]
        assert told == canonical.members(row._asdict()) | {"hash": row.hash}
    assert [told["kind"] for told in attached["records"]] == ["contraception_declared", "attested"]
    assert attached["sealed"][0]["text"] == "Some One"


def test_who_signed_when_and_what_it_means_stands_on_it(clinic: ClinicFactory) -> None:
    signed_pdf = declared(clinic)
    rows = log.read(signed_pdf.subject)
    row = rows[signed_pdf.signature - 1]
    record = load(row.kind, row.format, row.data)
    assert isinstance(record, Attested)
    told = making.content(row, record, [rows[number - 1] for number in record.covers])
    said = {line["label"]: line["text"] for line in told["signature"]}
    assert (said["Signed by"], said["Meaning"]) == ("Some One", "“I attest”")
    assert (said["In UTC"], said["When"]) == ("2026-12-15 15:00:00", "Dec. 15, 2026, 10 a.m. EST")
    assert said["By means of"] == "e-mail address and password"
    assert record.statement in said["Statement"]
    assert row.hash in said["Record"]
    run = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=bytes(signed_pdf.data), capture_output=True, check=True
    )
    assert all(part in run.stdout.decode() for part in ("Some One", "“I attest”", "2026-12-15 15:00:00", "EST"))


HOSTILE = (
    "#strong[x] $a$ `b`",
    "<script>alert(1)</script>",
    "{{ 7*7 }} \\u{41}",
    "Łukasz Ñandú",
    "中文 😀",
    "‮abc",
    "\x00\x07",
)


@pytest.mark.parametrize("name", HOSTILE)
def test_any_name_is_text_and_can_be_drawn(name: str, clock: Clock) -> None:
    signed_pdf = {
        "title": name, "version": "1", "language": "en", "introduction": name, "footer": "f", "attached": "a",
        "record": json.dumps(name), "entries_title": "e", "entries": [{"title": name, "text": name}],
        "items": [{"heading": name, "text": name, "statement": name, "answer": "Yes"}], "signature_title": "S",
        "signature": [{"label": "Signed by", "text": name}],
    }  # fmt: skip
    assert seal_pdf(draw(signed_pdf, clock())).startswith(b"%PDF-1.7")


def test_what_no_font_has_is_written_as_its_number() -> None:
    assert _spelled({"a": ["Łukasz 😀", "\u202eabc"]}) == {"a": ["Łukasz [U+1F600]", "[U+202E]abc"]}


def test_what_fails_is_tried_again_and_shows(clinic: ClinicFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    patient = clinic.ready()
    clinic.enter(patient, ContraceptionDeclared("prescriber", METHODS, NOW.date()))

    def broken(*_: object) -> bytes:
        raise OSError("no font")

    with monkeypatch.context() as patch:
        patch.setattr(making, "draw", broken)
        assert process_due_jobs(at=NOW) == 0
    order = PdfJob.objects.get()
    assert (order.attempts, order.last_error, order.next_attempt_at > NOW) == (1, "OSError", True)
    assert log.read(patient.pk)[-1].kind == "attested"
    assert process_due_jobs(at=NOW) == 0
    assert process_due_jobs(at=NOW + timedelta(minutes=2)) == 1


def test_a_job_of_a_clock_that_ran_ahead_waits_for_nothing(clinic: ClinicFactory) -> None:
    clinic.enter(clinic.ready(), ContraceptionDeclared("prescriber", METHODS, NOW.date()))
    PdfJob.objects.update(next_attempt_at=NOW + timedelta(days=2))
    assert process_due_jobs(at=NOW) == 1


def answer(user: User, signed_pdf: SignedPdf) -> Any:
    client = Client()
    factories.sign_in(client, user)
    return client.get(f"/documents/{signed_pdf.pk}/")


def test_who_may_have_it(clinic: ClinicFactory) -> None:
    signed_pdf = declared(clinic)
    row = clinic.prescriber.patients.get(pk=signed_pdf.subject)
    assert row.user is not None
    allowed = [clinic.prescriber.user, factories.designee(clinic.prescriber).user, row.user, factories.officer()]
    denied = [
        clinic.other.user,
        factories.designee(clinic.other).user,
        factories.pharmacist().user,
        factories.guardian(row).user,
    ]
    assert [answer(user, signed_pdf).status_code for user in allowed if user] == [200] * 4
    assert [answer(user, signed_pdf).status_code for user in denied if user] == [404] * 4
    found = answer(row.user, signed_pdf)
    assert (found["Content-Type"], found.content) == ("application/pdf", bytes(signed_pdf.data))


def test_what_is_given_out_is_saved_under_a_name_of_ours(clinic: ClinicFactory) -> None:
    signed_pdf, client = declared(clinic), Client()
    factories.sign_in(client, clinic.prescriber.user)
    urls = (f"/documents/{signed_pdf.pk}/", reverse("documents:file", args=["striking", 1, "en"]))
    named = [client.get(url)["Content-Disposition"] for url in urls]
    assert named == [
        f'attachment; filename="clearfill-{str(signed_pdf.pk)[:8]}.pdf"',
        'attachment; filename="striking-1-en.json"',
    ]


def test_the_signer_has_it_for_good_and_a_guardian_their_own_alone(clinic: ClinicFactory) -> None:
    patient = clinic.ready(date(2011, 3, 4))
    guardian = factories.guardian(patient)
    assert guardian.user is not None
    document = documents.load("patient-information", 1, "en")
    from uuid import uuid4

    by, key = Actor(guardian.user.pk, "guardian"), uuid4()
    record = consents.consent(patient=patient.pk, document=document, answers=agreed(document), by=by)
    signature = make_signature(
        document, "Guar Dian", pairs([record]), subject=patient.pk, by=by, key=key, meaning=CONFIRM
    )
    consents.sign(patient=patient.pk, record=record, signature=signature, by=by, at=NOW, key=key)
    clinic.enter(patient, ContraceptionDeclared("prescriber", METHODS, NOW.date()))
    assert process_due_jobs(at=NOW) == 2
    own, other = (SignedPdf.objects.get(signer=signer) for signer in (guardian.user, clinic.prescriber.user))
    assert answer(guardian.user, own).status_code == 200
    assert answer(guardian.user, other).status_code == 404
    patient.prescriber = clinic.other
    patient.save()
    assert answer(clinic.prescriber.user, other).status_code == 200
    assert answer(clinic.prescriber.user, own).status_code == 404
