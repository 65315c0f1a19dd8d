"""Every word that a code needs is there, and no role reads what is not theirs to know."""

import ast
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from compliance.rules import records as r
from compliance.rules.blockers import GUARDIAN, NOBODY, PATIENT, RULES, rule
from compliance.rules.consents import SIGNATURE_STATES
from compliance.rules.contraception import lacking
from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US
from compliance.rules.shortfalls import Shortfall
from compliance.rules.sources import TITLES
from compliance.rules.stages import STAGES
from compliance.words import (
    blockers,
    choices,
    consents,
    gate,
    kinds,
    methods,
    outlook,
    reasons,
    refusals,
    stages,
)
from compliance.words.numbers import numbers_of
from compliance.words.records import describe
from compliance.words.sources import SOURCES
from tests.histories import HistoryFactory

RULES_FOLDER = Path(__file__).resolve().parent.parent.parent / "compliance" / "rules"
DOCUMENTS = ISOTRETINOIN_US.documents
CODES = [*RULES, *(f"{kind}:{d}" for kind in ("consent-missing", "guardian-signature-missing") for d in DOCUMENTS)]
#: Who acts on a blocker: as its rule says; nobody on the patient's part before it counts; who came of age.
ACTING = {
    **{blockers.words_key(code, rule(code).who): rule(code).who for code in CODES},
    "contraception-missing:patient/later": (NOBODY,),
    "comprehension-missing/later": (NOBODY,),
    **{f"guardian-signature-missing:{document}/of-age": (PATIENT,) for document in DOCUMENTS},
}


#: What the placeholders of the sentences stand for today.
NUMBERS = numbers_of(ISOTRETINOIN_US, ISOTRETINOIN_US.edition("2026"))


@pytest.mark.parametrize("role", blockers.TABLE)
def test_every_blocker_has_words_for_every_role(role: str) -> None:
    assert set(blockers.TABLE[role]) == set(ACTING)


#: What a pharmacist is told by name: it is the pharmacy's own to put right.
OF_THE_PHARMACY = {"pharmacy-not-certified", "authorization-open", "supply-too-long"}


def test_words_of_the_pharmacist_same_actor_cannot_be_told_apart() -> None:
    """The counter learns who must act and from when. What only one blocker says would tell which one it is."""
    told: dict[str, set[str]] = {}
    for key in set(ACTING) - OF_THE_PHARMACY:
        words = blockers.blocker_words(key, "pharmacist", date(2027, 1, 5), NUMBERS)
        assert words is not None
        told.setdefault(f"{words.sentence} {words.remedy} {words.tell}", set()).add(key)
    assert all(len(keys) > 1 for keys in told.values()), told
    for keys in told.values():
        acts = {ACTING[key][0] for key in keys if not key.endswith("/later")}
        assert len(acts) == 1, keys


def test_words_of_the_guardian_only_a_missing_signature_is_told() -> None:
    for code in CODES:
        words = blockers.blocker_words(code, "guardian", None, NUMBERS)
        assert (words is not None) is (ACTING[code] == (GUARDIAN,)), code


@pytest.mark.parametrize("clears_on", [None, date(2027, 1, 5)])
@pytest.mark.parametrize("code", ACTING)
@pytest.mark.parametrize("role", blockers.FORBIDDEN)
def test_a_role_never_reads_what_is_not_theirs(role: str, code: str, clears_on: date | None) -> None:
    words = blockers.blocker_words(code, role, clears_on, NUMBERS)
    text = f"{words.sentence} {words.remedy} {words.tell}".lower() if words else ""
    assert [word for word in blockers.FORBIDDEN[role] if word in text] == []
    assert code not in text
    assert "{" not in text


def test_a_guardian_reads_only_of_the_guardians_signature() -> None:
    shown = [code for code in CODES if blockers.blocker_words(code, "guardian", None, NUMBERS)]
    assert all(code.startswith("guardian-signature-missing:") for code in shown)


def test_every_stage_has_words() -> None:
    assert set(stages.FOR_PRESCRIBER) == set(STAGES)


def test_every_place_where_a_signer_stands_has_words_for_every_role() -> None:
    for role, table in consents.TABLE.items():
        assert set(table) == set(SIGNATURE_STATES), role
        labels = [str(words.label) for words in table.values()]
        assert len(set(labels)) == len(labels), f"two states look the same to the {role}"
    missing = {(kind, state) for kind in ("consent-missing", "guardian-signature-missing") for state in CHANGED}
    for role, told in consents.MISSING.items():
        assert set(told) == missing, role
        for kind, state in missing:
            for document in DOCUMENTS:
                told_so = consents.missing_words(kind, document, state, role)
                plain = blockers.blocker_words(f"{kind}:{document}", role, None, NUMBERS)
                assert told_so is not None
                assert plain is not None
                assert told_so.sentence != plain.sentence
                assert "{" not in f"{told_so.sentence}{told_so.remedy}"


#: Where a signature is missing for another reason than that nobody has signed yet.
CHANGED = ("refused", "withdrawn", "outdated")


def test_a_guardian_reads_nothing_clinical_of_where_they_stand() -> None:
    for words in consents.FOR_GUARDIAN.values():
        text = f"{words.label} {words.text} {words.action}".lower()
        assert [word for word in blockers.FORBIDDEN["guardian"] if word in text] == []


@pytest.mark.parametrize("role", ["pharmacist", "guardian"])
def test_why_a_signature_is_missing_is_not_told_to(role: str) -> None:
    for kind, state in consents.MISSING["patient"]:
        assert consents.missing_words(kind, "birth-defects", state, role) is None


def test_every_end_of_an_invitation_has_words_before_sign_in_and_for_the_practice() -> None:
    ends = {code for code in gate.INVITATION if code.startswith("invitation-")}
    assert set(gate.INVITED) == {None, *ends}


def test_every_kind_of_record_has_a_name() -> None:
    assert set(kinds.KIND_LABELS) == set(r.KINDS)


def test_every_method_has_a_name_and_every_one_not_accepted_a_reason() -> None:
    assert set(methods.METHOD_LABELS) == {*ISOTRETINOIN_US.methods, *ISOTRETINOIN_US.methods_not_accepted}
    assert set(methods.NOT_ACCEPTED_REASONS) == set(ISOTRETINOIN_US.methods_not_accepted)


def test_every_value_that_is_chosen_has_a_name() -> None:
    assert set(choices.RESULT) == set(r.RESULTS)
    assert set(reasons.REASON_NOT_ACCEPTED) == set(ISOTRETINOIN_US.reasons_not_accepted)
    assert set(choices.SETTING) == set(ISOTRETINOIN_US.settings)
    assert set(choices.MENSES_WORDS) == set(r.MENSES)
    assert set(choices.DOCUMENT) == set(DOCUMENTS)


def codes_raised() -> Iterator[str]:
    """The rules' codes of refusal, as they stand in the source."""
    for file in RULES_FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            given = node.args[1:2] if node.func.id == "Refusal" else []
            if node.func.id == "ValueError" and file.name == "fields.py":
                given = node.args[:1]
            for argument in given:
                yield from (
                    n.value for n in ast.walk(argument) if isinstance(n, ast.Constant) and isinstance(n.value, str)
                )


def test_every_source_has_a_name_which_is_that_of_the_rules() -> None:
    assert {code: str(words) for code, words in SOURCES.items()} == TITLES


def test_every_refusal_has_a_sentence() -> None:
    raised = set(codes_raised())
    assert len(raised) > 15
    assert raised <= set(refusals.REFUSALS)


def test_the_gate_can_say_why_it_did_not() -> None:
    states = ("unknown", "dispensed", "reversed", "void", "expired")
    assert set(gate.GATE) == {f"authorization-{state}" for state in states}


EXAMPLES: list[r.Record] = [
    r.PregnancyTest(date(2026, 12, 1), "negative", "home", "first_five_days"),
    r.ContraceptionDeclared("prescriber", ("iud", "sponge"), date(2026, 12, 1)),
    r.ConsentSigned("birth-defects", "guardian", version=1, language="en"),
    r.ConsentRefused("birth-defects", "patient"),
    r.Enrolled("cannot_become_pregnant", "male"),
    r.CategoryChanged("can_become_pregnant", "free words"),
    r.Discontinued("why"),
    r.Discontinued("why", date(2026, 12, 1)),
    r.LastDoseCorrected("why"),
    r.LastDoseCorrected("why", date(2026, 12, 1)),
    r.Authorized("N", "p", 30, date(2026, 12, 7)),
    r.EntryStruck(4, "why"),
    r.ComprehensionPassed(),
]


def test_a_no_is_told_with_whose_it_was() -> None:
    said = [
        describe(r.ConsentRefused("birth-defects", signer), clinical=False)[1] for signer in ("patient", "guardian")
    ]
    assert said == ["Birth defects · by the patient", "Birth defects · as guardian"]


@pytest.mark.parametrize("record", EXAMPLES, ids=lambda record: record.kind)
def test_a_record_is_told_in_words(record: r.Record) -> None:
    title, text = describe(record)
    assert str(title)
    assert "why" not in text
    assert "_" not in text


def shortfalls_in_the_rules() -> set[str]:
    """Every code of a shortfall that the rules give."""
    return {
        str(call.args[0].value)
        for path in RULES_FOLDER.glob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "Shortfall"
        and isinstance(call.args[0], ast.Constant)
    }


def test_every_shortfall_has_words_with_its_day_and_places() -> None:
    assert shortfalls_in_the_rules() == set(outlook.SHORTFALLS)
    after = HistoryFactory().begun().ask(5)
    for code in outlook.SHORTFALLS:
        words = outlook.shortfall_words(Shortfall(code, date(2027, 1, 5)), after)
        assert words.why
        assert "{" not in f"{words.why} {words.would}"
        assert ("Jan 5, 2027" in str(words.would)) is ("{day}" in str(outlook.SHORTFALLS[code].would))


def test_every_list_of_methods_that_does_not_count_says_why() -> None:
    lists = [["x"], ["iud"], ["abstinence", "iud"], ["iud", "sponge", "patch"], ["patch", "implant"],
             ["sponge", "male-latex-condom"]]  # fmt: skip
    assert {lacking(named, ISOTRETINOIN_US.methods) for named in lists} == set(reasons.METHODS_LACKING)
