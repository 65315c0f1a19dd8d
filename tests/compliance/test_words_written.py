"""Every member of every kind of record that can have somebody's own words is known, with those who read it."""

from collections.abc import Mapping

from accounts.roles import OFFICER, PATIENT, PHARMACIST, PRESCRIBER
from compliance.rules.care.pregnancies import PregnancyFollowed
from compliance.rules.care.questions import QuestionAsked
from compliance.rules.care.side_effects import ReportAnswered
from compliance.rules.fields import plain, text
from compliance.rules.records import KINDS, ConsentRefused, StopCleared
from compliance.words.written import WRITTEN, digest_for

#: Members that are read as text and are no words: a code, a number, a name of a document or an id.
CODES = frozenset({
    "account", "asked_by", "authorization", "browser", "case", "category", "document", "edition", "file", "guardian",
    "invitation", "item", "language", "local_time", "meaning", "means", "number", "pdf", "pharmacy", "prescriber",
    "program", "setting", "sha256", "statement",
})  # fmt: skip

#: Members of plain data that are answers, proofs, or the names of a person, which stand in their own columns.
OTHERWISE: Mapping[str, str] = {
    "answers": "the answers to a document", "proof": "codes and numbers", "questions": "the bank of questions",
    "sealed": "names and addresses, which are columns of the person",
}  # fmt: skip

#: Codes whose member is called as a reason in words is elsewhere.
REASON_CODES = {("enrolled", "reason"), ("category_changed", "reason")}


def test_every_member_that_can_have_words_is_in_the_table_or_is_none() -> None:
    known = {(kind.kind, written.member) for kind, written in WRITTEN.items()}
    unknown = {
        (kind, member)
        for kind, record in KINDS.items()
        for member, read in record.readers.items()
        if read in (text, plain) and member not in CODES and member not in OTHERWISE
    }
    assert unknown - REASON_CODES == {(kind, member) for kind, member in known if member != "sealed"}
    assert known <= {(kind, member) for kind, record in KINDS.items() for member in record.readers}


def test_nobody_but_the_practice_the_patient_and_the_office_reads_words() -> None:
    assert {role for written in WRITTEN.values() for role in written.readers} == {PATIENT, PRESCRIBER, OFFICER}
    assert not [kind for kind, written in WRITTEN.items() if not written.readers and kind is not PregnancyFollowed]
    for role in (PHARMACIST, "guardian"):
        assert digest_for(QuestionAsked("birth-defects", "guardian", "d"), role) == ""


def test_a_guardians_question_is_not_the_patients_to_read() -> None:
    own, guardians = (QuestionAsked("birth-defects", signer, "d") for signer in ("patient", "guardian"))
    assert digest_for(own, PATIENT) == digest_for(own, PRESCRIBER) == digest_for(guardians, PRESCRIBER) == "d"
    assert digest_for(guardians, PATIENT) == ""


def test_a_record_without_words_has_no_digest() -> None:
    for record in (ReportAnswered(1, True), ReportAnswered(1, True, {"other": "x"}), ConsentRefused("a", "patient")):
        assert digest_for(record, PATIENT) == ""
    assert digest_for(ReportAnswered(1, True, {"words": "d"}), PATIENT) == "d"
    assert digest_for(StopCleared("d"), PATIENT) == "", "a reason of the practice is the practice's"
