"""Allergies, other medicines and conditions, held against a product."""

from datetime import date

import pytest

from compliance.documents.products import all_products
from compliance.rules.care import health
from compliance.rules.care.health import Flag, HealthAnswered, flags
from compliance.rules.care.products import ASSUMED, INGREDIENTS, Fact, Product
from compliance.rules.records import parse
from compliance.rules.refusals import Refused
from compliance.words.health import LABELS, WHY

PRODUCTS = all_products()


def codes(answered: HealthAnswered, product: str = "", *, contraception: bool = True) -> list[str]:
    return [flag.code for flag in flags(answered, PRODUCTS.get(product), contraception=contraception)]


#: An allergy, a product: whether it is flagged.
ALLERGIES: dict[str, tuple[str, str, bool]] = {
    "soya and soybean oil": ("soya", "claravis", True),
    "peanut goes with soya": ("peanut", "claravis", True),
    "gelatin": ("gelatin", "absorica", True),
    "parabens where no label names them": ("parabens", "claravis", False),
    "parabens where they are assumed": ("parabens", "generic", True),
    "parabens where no ingredient was read on a label": ("parabens", "amnesteem", True),
    "sorbitol": ("sorbitol", "roaccutane", True),
    "no sorbitol": ("sorbitol", "absorica", False),
    "a product that is not known yet": ("parabens", "", True),
    "vitamin A, whatever the product": ("vitamin-a-derivatives", "absorica", True),
}


@pytest.mark.parametrize(("allergy", "product", "flagged"), ALLERGIES.values(), ids=ALLERGIES.keys())
def test_allergy_is_held_against_the_ingredients(allergy: str, product: str, flagged: bool) -> None:
    assert codes(HealthAnswered((allergy,), (), ()), product) == ([allergy] if flagged else [])


def test_allergy_that_no_label_names_is_flagged_where_no_label_was_read_for_any_ingredient() -> None:
    """One ingredient that was read on a label is enough to trust the list."""
    assumed, label = Fact(ASSUMED, "", date(2026, 1, 1)), Fact("label", "11", date(2026, 1, 1))
    for ingredients, flagged in (
        ({"gelatin": assumed, "soybean-oil": assumed}, [Flag("parabens", assumed)]),
        ({"gelatin": assumed, "soybean-oil": label}, []),
        ({"gelatin": label, "soybean-oil": assumed}, []),
    ):
        product = Product(
            code="x", strengths=(10,), with_food=True, table="standard", ingredients=ingredients, facts={}
        )
        assert flags(HealthAnswered(("parabens",), (), ()), product, contraception=True) == flagged


#: The ingredient that an allergy is about.
ABOUT = {
    "soya": "soybean-oil", "peanut": "soybean-oil", "parabens": "parabens", "gelatin": "gelatin",
    "sorbitol": "sorbitol",
}  # fmt: skip


@pytest.mark.parametrize("allergy", ABOUT)
def test_allergy_is_flagged_with_its_own_ingredient_and_not_without_it(allergy: str) -> None:
    facts = {code: Fact("label", code, date(2026, 1, 1)) for code in INGREDIENTS}
    without = {code: fact for code, fact in facts.items() if code != ABOUT[allergy]}
    answered = HealthAnswered((allergy,), (), ())
    for ingredients, flagged in ((facts, [Flag(allergy, facts[ABOUT[allergy]])]), (without, [])):
        product = Product(
            code="x", strengths=(10,), with_food=True, table="standard", ingredients=ingredients, facts={}
        )
        assert flags(answered, product, contraception=True) == flagged


def test_flag_says_where_the_ingredient_is_said_and_whether_that_is_assumed() -> None:
    (label,) = flags(HealthAnswered(("soya",), (), ()), PRODUCTS["claravis"], contraception=True)
    assert label.fact is not None
    assert (label.fact.source, label.fact.is_assumed) == ("claravis", False)
    (assumed,) = flags(HealthAnswered(("parabens",), (), ()), PRODUCTS["generic"], contraception=True)
    assert assumed.fact is not None
    assert assumed.fact.is_assumed


@pytest.mark.parametrize("code", [*health.MEDICINES, *health.CONDITIONS])
def test_each_medicine_and_condition_is_flagged(code: str) -> None:
    answered = HealthAnswered((), tuple({code} & set(health.MEDICINES)), tuple({code} & set(health.CONDITIONS)))
    assert codes(answered, "claravis") == [code]


def test_what_weakens_contraception_concerns_those_who_are_asked_about_it() -> None:
    answered = HealthAnswered((), ("st-johns-wort", "progestin-only-pill", "methotrexate"), ())
    assert codes(answered, contraception=False) == ["methotrexate"]


def test_grave_flags_come_first() -> None:
    answered = HealthAnswered((), ("methotrexate", "tetracyclines"), ("liver",))
    assert codes(answered) == ["tetracyclines", "methotrexate", "liver"]


def test_nothing_answered_flags_nothing() -> None:
    assert codes(HealthAnswered((), (), ()), "claravis") == []


def test_each_answer_has_a_name_and_a_reason() -> None:
    asked = {*health.ALLERGIES, *health.MEDICINES, *health.CONDITIONS}
    assert LABELS.keys() == WHY.keys() == asked
    assert asked >= health.GRAVE


@pytest.mark.parametrize("allergies", [["x"], ["soya", "soya"], "soya", [1], None])
def test_answer_that_was_not_offered_is_refused(allergies: object) -> None:
    with pytest.raises(Refused):
        parse("health_answered", {"allergies": allergies, "medicines": [], "conditions": []})
