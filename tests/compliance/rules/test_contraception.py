"""Which methods go together, and what proves that a patient cannot become pregnant."""

import pytest

from compliance.rules.contraception import acceptable
from compliance.rules.programs.isotretinoin_us import METHODS, METHODS_NOT_ACCEPTED, PROOF_OF_MENOPAUSE

#: Name -> (methods, whether they are accepted).
LISTS: dict[str, tuple[list[str], bool]] = {
    "nothing": ([], False),
    "abstinence alone": (["abstinence"], True),
    "abstinence and another": (["abstinence", "iud"], False),
    "another and abstinence": (["iud", "abstinence"], False),
    "abstinence twice": (["abstinence", "abstinence"], False),
    "a primary one alone": (["iud"], False),
    "a secondary one alone": (["sponge"], False),
    "two primary ones": (["iud", "combined-pill"], True),
    "a primary and a secondary one": (["iud", "sponge"], True),
    "a secondary and a primary one": (["sponge", "iud"], True),
    "two secondary ones": (["sponge", "male-latex-condom"], False),
    "two of one kind": (["combined-pill", "patch"], False),
    "the same twice": (["iud", "iud"], False),
    "three": (["iud", "sponge", "combined-pill"], False),
    "one that is not accepted": (["iud", "withdrawal"], False),
    "one that nobody knows": (["iud", "x"], False),
    "one that nobody knows, alone": (["x"], False),
}


@pytest.mark.parametrize("name", LISTS)
def test_which_methods_are_accepted(name: str) -> None:
    methods, accepted = LISTS[name]
    assert acceptable(methods, METHODS) is accepted


def test_what_is_never_accepted_is_in_no_table() -> None:
    assert not set(METHODS_NOT_ACCEPTED) & set(METHODS)


WHOLE: dict[str, object] = {"fsh": "post-menopausal", "hcg": "negative", "estradiol": "low", "progesterone": "absent"}

#: Name -> (age, proof, the first finding that is lacking).
PROOFS: dict[str, tuple[int, dict[str, object] | None, str | None]] = {
    "nothing": (60, None, "fsh"),
    "FSH above 54": (55, {"fsh": "post-menopausal"}, None),
    "another FSH above 54": (55, {"fsh": "x"}, "fsh"),
    "FSH alone at 54": (54, {"fsh": "post-menopausal"}, "hcg"),
    "all at 54": (54, WHOLE, None),
    "all but the last at 40": (40, WHOLE | {"progesterone": "present"}, "progesterone"),
    "all but estradiol at 40": (40, WHOLE | {"estradiol": "high"}, "estradiol"),
    "a positive hCG at 40": (40, WHOLE | {"hcg": "positive"}, "hcg"),
}


@pytest.mark.parametrize("name", PROOFS)
def test_what_proves_menopause(name: str) -> None:
    age, proof, lacking = PROOFS[name]
    assert PROOF_OF_MENOPAUSE.lacking(age, proof) == lacking


def test_which_findings_are_asked_for_depends_on_the_age() -> None:
    assert PROOF_OF_MENOPAUSE.asked(54) == tuple(PROOF_OF_MENOPAUSE.findings) == tuple(WHOLE)
    assert PROOF_OF_MENOPAUSE.asked(55) == ("fsh",)
