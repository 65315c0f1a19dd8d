"""Signature status: refused, withdrawn, outdated and never signed are shown as different things to each role."""

import json
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import GUARDIAN, PATIENT
from compliance import documents
from compliance.commands import consents
from compliance.documents import library
from compliance.records import programs
from compliance.records.file import read_file
from compliance.records.programs import DEFAULT
from compliance.rules.consents import SIGNATURE_STATES
from compliance.rules.editions import Reissue
from compliance.rules.records import Enrolled, Registered
from compliance.signatures import CONFIRM, CONSENT, agreed, make_signature, pairs
from ledger.actor import Actor
from patients.models import Patient
from tests import factories
from tests.clocks import Clock
from tests.histories import ClinicFactory

pytestmark = pytest.mark.django_db

DOCUMENTS = ("patient-information", "birth-defects")
#: How a signer comes to stand there, verb by verb, on both documents; `changed`: a new version is asked for;
#: `grows-up`: the patient turns 18.
WAYS: dict[str, tuple[str, ...]] = {
    "unsigned": (), "refused": ("refuse",), "withdrawn": ("sign", "withdraw"), "outdated": ("sign", "changed"),
    "signed": ("sign",), "said-no-later": ("sign", "refuse"), "not-asked": (),
    "of-age": ("sign", "grows-up"),
}  # fmt: skip


class Family:
    """A patient with an account and a guardian, and nothing signed yet."""

    def __init__(self, clock: Clock, patch: pytest.MonkeyPatch, folder: Path, born_on: date) -> None:
        self.clock, self.patch, self.folder, self.clinic = clock, patch, folder, ClinicFactory()
        prescriber = self.clinic.prescriber
        self.account, self.parent = factories.account(PATIENT), factories.account(GUARDIAN)
        self.patient: Patient = factories.patient(prescriber, born_on=born_on, user=self.account)
        factories.guardian(self.patient, user=self.parent)
        begun = Registered(born_on, prescriber=str(prescriber.pk))
        self.clinic._enter(self.patient, clock(), begun, Enrolled("can_become_pregnant", prescriber=str(prescriber.pk)))

    def go(self, signer: str, verbs: Iterable[str]) -> None:
        for verb in verbs:
            if verb == "changed":
                self.changed()
                continue
            if verb == "grows-up":
                self.clock.set("2029-03-04T00:00-05:00")
                continue
            for code in DOCUMENTS:
                self.clock.forward(minutes=1)
                self._do(signer, verb, code)

    def _do(self, signer: str, verb: str, code: str) -> None:
        child = Actor(self.account.pk, PATIENT, self.patient.pk)
        by, key, at = Actor(self.parent.pk, GUARDIAN) if signer == "guardian" else child, uuid4(), self.clock()
        patient = self.patient.pk
        if verb == "sign":
            document, meaning = documents.current(code, on=at.date()), CONFIRM if signer == "guardian" else CONSENT
            record = consents.consent(patient=patient, document=document, answers=agreed(document), by=by)
            signature = make_signature(document, "X", pairs([record]), subject=patient, by=by, key=key, meaning=meaning)
            consents.sign(patient=patient, record=record, signature=signature, by=by, at=at, key=key)
        elif verb == "refuse":
            consents.refuse(patient=patient, document=code, by=by, at=at, key=key)
        else:
            consents.withdraw(patient=patient, document=code, by=child, at=at, key=key)

    def changed(self) -> None:
        """From this day on both texts have another version, and who signed one before signs again."""
        today = self.clock().date()
        copied = shutil.copytree(library.FILES, self.folder / "files")
        for code in DOCUMENTS:
            new = max(version.number for version in library.versions(code)) + 1
            shutil.copytree(copied / code / "1", copied / code / str(new))
            (copied / code / str(new) / "version.json").write_text(json.dumps({"from": str(today), "sign_again": True}))
        self.patch.setattr(library, "FILES", copied)
        library.versions.cache_clear()
        editions = tuple(replace(edition, new_versions_signed_again=True) for edition in DEFAULT.editions)
        reissues = {code: (Reissue(new, today),) for code in DOCUMENTS}
        changed = replace(DEFAULT, editions=editions, reissues=reissues)
        self.patch.setattr(programs, "PROGRAMS", {changed.code: changed})

    def sees(self, reader: User, path: str) -> str:
        client = Client()
        factories.sign_in(client, reader)
        return unescape(client.get(path).content.decode())

    @property
    def doctors_page(self) -> str:
        return self.sees(self.clinic.prescriber.user, f"/prescriber/patients/{self.patient.pk}/")


def pills(page: str, before: str = "") -> list[tuple[str, str]]:
    """Every pill of a page, tone and words; those that follow the words `before` in their line."""
    found = re.findall(rf'{before}\s*<span class="pill pill--(\w+)"><svg.*?</svg>(.*?)</span>', page, re.S)
    return [(tone, words) for tone, words in found]


@pytest.fixture
def family(clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[..., Family]]:
    """Makes a family; the patient is under age where nothing else is said."""
    clock.set("2026-12-15T11:00-05:00")

    def make(born_on: date = date(2011, 3, 4)) -> Family:
        return Family(clock, monkeypatch, tmp_path, born_on)

    yield make
    for cached in (library.versions, library.load):
        cached.cache_clear()


def test_every_state_is_walked() -> None:
    assert set(WAYS) == set(SIGNATURE_STATES) == {*OWN, "not-asked"} == {*BESIDE, "of-age"}


#: Where the patient stands: the pill on their own page, the card on their first page, the prescriber's pill and need.
OWN: dict[str, tuple[tuple[str, str] | None, str, tuple[str, str], str]] = {
    "unsigned": (
        None, "Read and sign the page on birth defects",
        ("wait", "Not signed yet"), "The patient has not signed the consent on birth defects."),
    "refused": (
        ("no", "You said no"), "You said no to the page on birth defects",
        ("no", "Said no"), "The patient said no to the consent on birth defects."),
    "withdrawn": (
        ("no", "The consent was taken back"), "The consent to the page on birth defects was taken back",
        ("no", "Consent withdrawn"), "The patient's signature on the consent on birth defects was taken back."),
    "outdated": (
        ("act", "The text has changed"), "The text has changed: read and sign the page on birth defects again",
        ("act", "Text has changed: to sign again"),
        "The text has changed since the patient signed the consent on birth defects."),
    "of-age": (
        ("act", "You signed before you were an adult"), "You are 18 now: read and sign the page on birth defects again",
        ("act", "Signed under age: to sign again"),
        "The patient signed the consent on birth defects under age, and no guardian signed it."),
    "signed": (("yes", "Signed"), "", ("yes", "Signed"), ""),
    "said-no-later": (("act", "You signed, and said no later"), "", ("act", "Signed; said no later"), ""),
}  # fmt: skip


@pytest.mark.parametrize("state", OWN)
def test_where_the_patient_stands(family: Callable[..., Family], state: str) -> None:
    minor = family()
    minor.go("patient", WAYS[state])
    pill, _card, told, _need = OWN[state]
    overview = minor.sees(minor.account, "/patient/sign/birth-defects/")
    assert pills(overview) == ([pill] if pill else [])
    home, doctors = minor.sees(minor.account, "/patient/"), minor.doctors_page
    assert pills(doctors, "Birth defects, Patient:") == [told]
    for other, (_pill, words, _told, sentence) in OWN.items():
        assert (words in home) is (other == state) or not words, other
        assert (sentence in doctors) is (other == state) or not sentence, other
    signatures = {words for pill, *_ in OWN.values() if pill for words in pill[1:]}
    assert [words for _tone, words in pills(home) if words in signatures] == (
        [pill[1]] * 2 if pill and state == "said-no-later" else []
    )
    # A no takes nothing back, and says where that is done.
    stands = state in ("signed", "outdated", "said-no-later", "of-age")
    assert ("/patient/withdraw/birth-defects/" in overview) is stands
    assert ("/patient/withdraw/birth-defects/" in home) is (state == "said-no-later")


#: Where the guardian stands: the pill on their pages, what the patient reads of it, the prescriber's pill and need.
BESIDE: dict[str, tuple[tuple[str, str], str, tuple[str, str], str]] = {
    "unsigned": (
        ("act", "Not signed yet"), "Your parent or guardian signs the page on birth defects too",
        ("wait", "Not signed yet"), "A guardian has not signed the consent on birth defects."),
    "refused": (
        ("no", "You said no"), "Your parent or guardian said no to the page on birth defects",
        ("no", "Said no"), "The guardian said no to the consent on birth defects."),
    "withdrawn": (
        ("no", "The consent was taken back"), "their signature went with it",
        ("no", "Consent withdrawn"),
        "The guardian's signature on the consent on birth defects was taken back."),
    "outdated": (
        ("act", "The text has changed"), "The text has changed. They have a page of their own.",
        ("act", "Text has changed: to sign again"),
        "The text has changed since the guardian signed the consent on birth defects."),
    "signed": (("yes", "Signed"), "", ("yes", "Signed"), ""),
    "said-no-later": (("act", "You signed, and said no later"), "", ("act", "Signed; said no later"), ""),
    "not-asked": (
        ("quiet", "Your signature is not needed"), "", ("quiet", "Not needed: the patient is of age"), ""),
}  # fmt: skip


@pytest.mark.parametrize("state", BESIDE)
def test_where_the_guardian_stands(family: Callable[..., Family], state: str) -> None:
    """Beside a patient who has signed what there is to sign."""
    minor = family(date(2001, 4, 9)) if state == "not-asked" else family()
    minor.go("patient", ("sign",))
    minor.go("guardian", [verb for verb in WAYS[state] if verb != "withdraw"])
    if state in ("withdrawn", "outdated"):
        minor.go("patient", ("withdraw", "sign") if state == "withdrawn" else ("sign",))
    pill, _beside, told, _need = BESIDE[state]
    # Of a patient who is of age a guardian sees nothing any more.
    guardians = minor.sees(minor.parent, "/guardian/")
    assert pills(guardians) == ([] if state == "not-asked" else [pill, pill])
    overview = minor.sees(minor.parent, f"/guardian/{minor.patient.pk}/sign/birth-defects/")
    assert pills(overview) == ([] if state in ("unsigned", "not-asked") else [pill])
    home, doctors = minor.sees(minor.account, "/patient/"), minor.doctors_page
    assert pills(doctors, "Birth defects, Guardian:") == [told]
    assert pills(doctors, "Birth defects, Patient:") == [("yes", "Signed")]
    for other, (_pill, words, _told, sentence) in BESIDE.items():
        assert (words in home) is (other == state) or not words, other
        assert (sentence in doctors) is (other == state) or not sentence, other
    # What a guardian signed they take back where they see it, and nobody else there.
    path = f"/guardian/{minor.patient.pk}/withdraw/birth-defects/"
    stands = state in ("signed", "outdated", "said-no-later")
    assert (path in guardians) is stands
    assert (path in overview) is stands


@pytest.mark.parametrize("before", ["signed", "said-no-later"])
def test_guardian_takes_the_consent_back(family: Callable[..., Family], before: str) -> None:
    """Both signatures go with it, as the rules have it, and nothing on a page says that the other did it."""
    minor = family()
    minor.go("patient", ("sign",))
    minor.go("guardian", WAYS[before])
    client, path = Client(), f"/guardian/{minor.patient.pk}/withdraw/birth-defects/"
    factories.sign_in(client, minor.parent)
    unsure = client.post(path, {"key": str(uuid4())})
    assert unsure.status_code == 422
    sent = {"key": str(uuid4()), "sure": "on"}
    for _ in range(2):
        assert client.post(path, sent)["Location"] == "/guardian/"
    records = [entry.record for entry in read_file(minor.patient.pk, minor.clock()).entries]
    assert [record.kind for record in records].count("consent_withdrawn") == 1
    assert client.get(path).status_code == 404, "nothing stands any more"
    assert "The consent to the page on birth defects was taken back" in minor.sees(minor.account, "/patient/")
    assert "The patient's signature on the consent on birth defects was taken back." in minor.doctors_page
    assert "The consent was taken back" in minor.sees(minor.parent, "/guardian/")


def test_guardian_who_has_not_signed_takes_nothing_back(family: Callable[..., Family]) -> None:
    minor = family()
    minor.go("patient", ("sign",))
    client = Client()
    factories.sign_in(client, minor.parent)
    assert client.get(f"/guardian/{minor.patient.pk}/withdraw/birth-defects/").status_code == 404
