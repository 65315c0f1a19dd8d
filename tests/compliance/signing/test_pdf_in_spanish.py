"""A document that was signed in Spanish is in Spanish throughout, whoever reads it in which language."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from babel.messages.mofile import read_mo
from django.conf import settings
from django.test import Client
from django.utils import translation

from compliance import documents
from compliance.commands.entries import enter
from compliance.models import SignedPdf
from compliance.rules.records import (
    Attested,
    Authorized,
    CategoryChanged,
    ConsentSigned,
    ContraceptionDeclared,
    Counselled,
    Discontinued,
    PregnancyTest,
    Record,
    load,
)
from compliance.signatures import make_signature, pairs
from compliance.signing.pdf import queue as making
from compliance.signing.pdf.queue import process_due_jobs
from compliance.words.choices import LANGUAGE, SUBJECT
from compliance.words.records import describe
from config import catalogs
from ledger import log
from tests import factories
from tests.histories import METHODS, NOW, ClinicFactory

ROOT = Path(settings.BASE_DIR)
CATALOGUE = ROOT / "locale/es/LC_MESSAGES/django.po"
CATALOG = catalogs.read(CATALOGUE.read_text())
SPANISH = {
    message.id: str(message.string)
    for message in CATALOG
    if isinstance(message.id, str) and message.id and message.string and not message.fuzzy
}

#: Every module with words that a signed PDF can show.
WORDS = (
    "compliance/signing/pdf/queue.py", "compliance/signing/pdf/seal.py", "compliance/words/choices.py",
    "compliance/words/kinds.py", "compliance/words/methods.py", "compliance/words/records.py",
    "compliance/words/care.py", "compliance/words/dose.py", "compliance/words/health.py",
    "compliance/words/laboratory.py",
)  # fmt: skip


def said(path: str) -> Iterator[str]:
    """What that module says in words that can be translated."""
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_":
            (words,) = node.args
            assert isinstance(words, ast.Constant), f"{path}:{node.lineno}: a text is written out"
            yield str(words.value)


def imported(path: str) -> set[str]:
    """The modules with words that it takes its own from."""
    found = [node for node in ast.walk(ast.parse((ROOT / path).read_text())) if isinstance(node, ast.ImportFrom)]
    names = {node.module or "" for node in found if (node.module or "").startswith("compliance.words")}
    return {name.replace(".", "/") + ".py" for name in names}


def test_all_that_a_signed_pdf_takes_words_from_is_looked_at() -> None:
    signed_pdfs = {path.relative_to(ROOT).as_posix() for path in (ROOT / "compliance/signing/pdf").glob("*.py")}
    assert {name for path in {*signed_pdfs, *WORDS} for name in imported(path)} <= set(WORDS)
    assert {path for path in signed_pdfs if list(said(path))} <= set(WORDS)


def test_every_word_of_a_signed_pdf_has_its_spanish() -> None:
    every = {words for path in WORDS for words in said(path)}
    assert len(every) > 100
    assert sorted(words for words in every if not SPANISH.get(words)) == []


def test_what_is_put_into_a_sentence_is_put_into_the_spanish_too() -> None:
    for source, content in SPANISH.items():
        assert sorted(re.findall(r"%\(\w+\)s", source)) == sorted(re.findall(r"%\(\w+\)s", content)), source


def test_the_catalogue_is_compiled() -> None:
    """After a change: `python -m config.catalogs`."""
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        made = {message.id: message.string for message in read_mo(file) if isinstance(message.id, str) and message.id}
    assert made == SPANISH
    with translation.override("es"):
        assert {words: translation.gettext(words) for words in SPANISH} == SPANISH


def test_every_language_and_every_subject_has_its_name() -> None:
    assert set(LANGUAGE) == set(documents.LANGUAGES)
    assert set(SUBJECT) == {"patient", "prescriber", "pharmacy"}


TOLD: dict[str, tuple[Record, str, str]] = {
    "a test": (
        PregnancyTest(NOW.date(), "negative", "home", "first_five_days"),
        "Prueba de embarazo",
        "Negativo · 15 de diciembre de 2026 · En casa · Primeros cinco días de la menstruación",
    ),
    "methods": (
        ContraceptionDeclared("prescriber", METHODS, NOW.date()),
        "Métodos declarados",
        "quien receta · Píldora combinada, Condón masculino de látex · desde el 15 de diciembre de 2026",
    ),
    "a consent": (
        ConsentSigned("birth-defects", "guardian", version=1, language="es"),
        "Firmado",
        "Defectos de nacimiento · como tutor · versión 1, español",
    ),
    "a visit": (Counselled(NOW.date()), "Consulta con consejería", "15 de diciembre de 2026"),
    "a category": (
        CategoryChanged("cannot_become_pregnant", "hysterectomy"),
        "Cambio de categoría",
        "No puede quedar en embarazo · Histerectomía",
    ),
    "an end": (Discontinued("r", None), "Tratamiento terminado", "No se tomó ninguna dosis"),
    "a yes": (
        Authorized("X1", "p", 30, NOW.date()),
        "Autorización",
        "X1, 30 días, no entregar después del 15 de diciembre de 2026",
    ),
}


@pytest.mark.parametrize("name", TOLD)
def test_a_record_is_told_in_spanish(name: str) -> None:
    record, title, text = TOLD[name]
    with translation.override("es"):
        found = describe(record)
        assert (str(found[0]), found[1]) == (title, text)


def test_a_record_names_the_language_and_not_its_code() -> None:
    for language, name in (("en", "English"), ("es", "Spanish")):
        _title, text = describe(ConsentSigned("birth-defects", "patient", version=1, language=language))
        assert text == f"Birth defects · by the patient · version 1, {name}"


def signed(clinic: ClinicFactory, language: str) -> tuple[SignedPdf, dict[str, Any]]:
    """The signed PDF of a month that the prescriber confirmed in that language, and what it says."""
    patient, key = clinic.ready(), uuid4()
    records = [
        PregnancyTest(NOW.date(), "negative", "clinic"),
        Counselled(NOW.date()),
        ContraceptionDeclared("prescriber", METHODS, NOW.date()),
    ]
    document = documents.load("monthly-prescriber", 1, language)
    signature = make_signature(document, "Ñandú", pairs(records), subject=patient.pk, by=clinic.doctor, key=key)
    enter(patient=patient.pk, records=records, by=clinic.doctor, at=NOW, key=key, signature=signature)
    assert process_due_jobs(at=NOW) == 1
    signed_pdf, rows = SignedPdf.objects.get(), log.read(patient.pk)
    row = rows[signed_pdf.signature - 1]
    record = load(row.kind, row.format, row.data)
    assert isinstance(record, Attested)
    return signed_pdf, making.content(row, record, [rows[number - 1] for number in record.covers])


def texts(content: Any) -> Iterator[str]:
    """Everything that a signed PDF says, but the record that is attached."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        for name, inner in content.items():
            if name not in ("record", "language"):
                yield from texts(inner)
    elif isinstance(content, list):
        for inner in content:
            yield from texts(inner)


@pytest.mark.django_db
def test_a_signed_pdf_that_was_signed_in_spanish_has_no_english_in_it(clinic: ClinicFactory) -> None:
    signed_pdf, content = signed(clinic, "es")
    labels = {line["label"]: line["text"] for line in content["signature"]}
    assert list(labels) == [
        "Firmado por", "Significado", "Cuándo", "En UTC", "Por medio de", "Cuenta", "Acerca de", "Registro",
        "Declaración",
    ]  # fmt: skip
    assert labels["Significado"] == "“Declaro”"
    assert labels["Cuándo"] == "15 de diciembre de 2026 a las 10:00 EST"
    assert labels["Por medio de"] == "correo electrónico y contraseña"
    assert labels["Acerca de"].startswith("paciente ")
    assert content["version"].startswith("Versión 1, español, SHA-256 ")
    assert {item["answer"] for item in content["items"]} == {"Sí"}
    english = [source for source, found in SPANISH.items() if source and source != found and "%" not in source]
    shown = " | ".join(texts(content))
    assert [words for words in english if re.search(rf"(?<!\w){re.escape(words)}(?!\w)", shown)] == []
    run = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=bytes(signed_pdf.data), capture_output=True, check=True
    )
    drawn = run.stdout.decode()
    for part in ("Firmado por", "Lo que se firma", "Ñandú", "español", "Prueba de embarazo", "Clearfill no es"):
        assert part in drawn, part
    assert b"/Lang(es)" in bytes(signed_pdf.data)
    assert "Sellado por Clearfill al quedar registrada la firma" in reason(bytes(signed_pdf.data))


def reason(pdf: bytes) -> str:
    """Why it was sealed, as the seal says."""
    import io

    from pyhanko.pdf_utils.reader import PdfFileReader

    (seal,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    return str(seal.sig_object["/Reason"])


@pytest.mark.django_db
def test_a_signed_pdf_that_was_signed_in_english_is_in_english(clinic: ClinicFactory) -> None:
    signed_pdf, content = signed(clinic, "en")
    assert content["version"].startswith("Version 1, English, SHA-256 ")
    assert content["signature"][0]["label"] == "Signed by"
    assert reason(bytes(signed_pdf.data)) == "Sealed by Clearfill when the signature was recorded"


@pytest.mark.django_db
def test_page_around_a_text_is_in_the_readers_language_and_the_text_in_its_own(clinic: ClinicFactory) -> None:
    client = Client()
    factories.sign_in(client, clinic.prescriber.user)
    shown = client.get("/documents/text/striking/1/es/", headers={"Accept-Language": "en"}).content.decode()
    assert '<html lang="en">' in shown
    assert "Version 1, español." in shown
    assert "Clearfill is not the official program." in shown
