"""A guardian reads and signs the consent in words that a guardian can say, wherever the text stands."""

import re
from datetime import date
from uuid import uuid4

import pytest
from django.test import Client
from django.utils.html import escape

from accounts.models import User
from compliance import documents
from compliance.models import SignedPdf
from compliance.rules.records import Attested, load
from compliance.signatures import text_signed
from compliance.signing.pdf.queue import content
from ledger import log
from tests import factories
from tests.clocks import Clock
from tests.histories import ClinicFactory
from tests.security.reading import brought_by
from tests.web.opened import send

CODES = ("patient-information", "birth-defects")


def client_of(user: User | None) -> Client:
    assert user is not None
    client = Client()
    factories.sign_in(client, user)
    return client


@pytest.mark.parametrize("code", CODES)
def test_each_statement_of_a_guardian_is_one_that_a_guardian_can_say(code: str) -> None:
    """No statement speaks of what a patient alone does or is; each item is there, and none is left without words."""
    patients = documents.load(code, documents.versions(code)[-1].number, "en")
    guardians = patients.for_guardian()
    own = (
        r"\bI (take|use|may be|decide|get|start|have chosen)\b|\bfor me\b|\bof me\b"
        r"|\bI will (take|use|keep|stop|give no|not get|not share)\b"
    )
    assert [item.id for item in guardians.items] == [item.id for item in patients.items]
    assert [item.statement for item in guardians.items if re.search(own, item.statement)] == []
    assert [item.statement for item in patients.items if re.search(own, item.statement)], (
        "the pattern finds a patient's"
    )
    assert all(item.heading and item.text and item.statement for item in guardians.items)
    assert guardians.sha256 == patients.sha256, "one file, whose hash the signature names"
    assert "My child" in guardians.introduction or "“My child”" in guardians.introduction


@pytest.mark.parametrize("code", CODES)
def test_both_languages_have_a_guardians_words_at_the_same_places(code: str) -> None:
    version = documents.versions(code)[-1].number
    english, spanish = (documents.load(code, version, language) for language in ("en", "es"))
    assert english.guardian.keys() == spanish.guardian.keys() == {"title", "introduction"}
    assert [item.guardian.keys() for item in english.items] == [item.guardian.keys() for item in spanish.items]
    assert any(item.guardian for item in english.items)


def test_an_old_version_is_read_by_a_guardian_as_it_was_signed() -> None:
    first = documents.load("birth-defects", 1, "en")
    assert first.for_guardian() == first


@pytest.mark.django_db
def test_guardian_reads_and_signs_their_own_words_on_every_page(clock: Clock) -> None:
    clock.set("2026-12-15T11:00-05:00")
    clinic = ClinicFactory()
    patient = clinic.ready(date(2011, 3, 4))
    guardian = factories.guardian(patient).user
    assert guardian is not None
    guardian.set_password(factories.PASSWORD)
    guardian.save()
    code = "birth-defects"
    text = documents.current(code, "en", on=date(2026, 12, 15))
    guardians = text.for_guardian()
    start, client = f"/guardian/{patient.pk}/sign/{code}", client_of(guardian)
    assert escape(guardians.introduction) in client.get(f"{start}/").content.decode()
    for place, item in enumerate(guardians.items, 1):
        path = f"{start}/en/{place}/"
        shown = client.get(path).content.decode()
        assert escape(item.text) in shown
        assert escape(item.statement) in shown
        client.post(path, {"answer": "yes", "key": str(uuid4())} | brought_by(path, shown))
    own = client_of(patient.user).get(f"/patient/sign/{code}/en/1/").content.decode()
    assert escape(text.items[0].statement) in own, "the patient reads the patient's"
    form = {"signer_password": factories.PASSWORD, "key": str(uuid4())}
    assert send(client, f"{start}/en/signature/", form).status_code == 302
    row = log.read(patient.pk)[-1]
    record = load(row.kind, row.format, row.data)
    assert isinstance(record, Attested)
    assert (record.sha256, record.meaning) == (text.sha256, "I confirm as guardian")
    assert text_signed(record) == guardians
    printed = content(row, record, [log.read(patient.pk)[-2]])
    assert [item["statement"] for item in printed["items"]] == [item.statement for item in guardians.items]
    assert SignedPdf.objects.count() == 0, "the worker makes it"
    for reader, path in ((guardian, "/guardian/"), (clinic.prescriber.user, f"/prescriber/patients/{patient.pk}/")):
        shown = client_of(reader).get(path).content.decode()
        assert escape(guardians.title) in shown
        assert f"/documents/text/{code}/{text.version}/en/?reader=guardian" in shown
    asked = f"/documents/text/{code}/{text.version}/en/"
    doctor = client_of(clinic.prescriber.user)
    assert escape(guardians.items[1].statement) in doctor.get(f"{asked}?reader=guardian").content.decode()
    assert escape(text.items[1].statement) in doctor.get(asked).content.decode()
    assert escape(guardians.items[1].statement) in client.get(asked).content.decode()
