"""Which methods go together, and what proves that a patient cannot become pregnant."""

import pytest

from compliance.rules.contraception import acceptable, lacking
from compliance.rules.programs.isotretinoin_us import METHODS, METHODS_NOT_ACCEPTED, PROOF_OF_MENOPAUSE

#: Name -> (methods, why they are not accepted; None where they are).
LISTS: dict[str, tuple[list[str], str | None]] = {
    "nothing": ([], "not-two"),
    "abstinence alone": (["abstinence"], None),
    "abstinence and another": (["abstinence", "iud"], "stands-alone"),
    "another and abstinence": (["iud", "abstinence"], "stands-alone"),
    "abstinence twice": (["abstinence", "abstinence"], "stands-alone"),
    "a primary one alone": (["iud"], "one-alone"),
    "a secondary one alone": (["sponge"], "one-alone"),
    "two primary ones": (["iud", "combined-pill"], None),
    "a primary and a secondary one": (["iud", "sponge"], None),
    "a secondary and a primary one": (["sponge", "iud"], None),
    "two secondary ones": (["sponge", "male-latex-condom"], "none-primary"),
    "two of one kind": (["combined-pill", "patch"], "one-kind"),
    "the same twice": (["iud", "iud"], "one-kind"),
    "three": (["iud", "sponge", "combined-pill"], "not-two"),
    "one that is not accepted": (["iud", "withdrawal"], "not-listed"),
    "one that nobody knows": (["iud", "x"], "not-listed"),
    "one that nobody knows, alone": (["x"], "not-listed"),
}


@pytest.mark.parametrize("name", LISTS)
def test_which_methods_are_accepted(name: str) -> None:
    methods, why_not = LISTS[name]
    assert lacking(methods, METHODS) == why_not
    assert acceptable(methods, METHODS) is (why_not is None)


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
