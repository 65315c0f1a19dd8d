"""The prescription in words: products, ingredients, capsules, and what is to be said of a dose."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from compliance.rules.care import dose
from compliance.rules.care.prescription import Prescribed
from compliance.rules.care.products import Fact, Product
from ui import times
from ui.navigation import Words

#: Products by their brands, which no language changes.
PRODUCTS: dict[str, Words] = {
    "absorica": "Absorica",
    "absorica-ld": "Absorica LD",
    "amnesteem": "Amnesteem",
    "claravis": "Claravis",
    "myorisan": "Myorisan",
    "sotret": "Sotret",
    "zenatane": "Zenatane",
    "roaccutane": "Roaccutane",
    "glotret": "Glotret",
    "generic": gettext_lazy("Generic isotretinoin"),
}

INGREDIENTS: dict[str, Words] = {
    "soybean-oil": gettext_lazy("soybean oil"),
    "gelatin": gettext_lazy("gelatin"),
    "parabens": gettext_lazy("parabens"),
    "sorbitol": gettext_lazy("sorbitol"),
    "beeswax": gettext_lazy("beeswax"),
    "butylated-hydroxyanisole": gettext_lazy("butylated hydroxyanisole"),
}

#: What is to be said of a dose, by the code of `compliance.rules.care.dose.concerns`.
CONCERNS: dict[str, Words] = {
    "below-range": gettext_lazy("Below the range of the label. The course takes longer, and may be too weak."),
    "above-range": gettext_lazy(
        "Above the range of the label. Only adults with very severe disease may need it; then tick that box."
    ),
    "very-severe": gettext_lazy(
        "Above the usual range: only for adults with scarring or very severe disease, above all of the trunk, and only "
        "as it is tolerated. Side effects grow with the dose; check lipids and liver more often."
    ),
    "very-severe-minor": gettext_lazy("The label gives doses above the usual range for adults alone."),
    "above-every-range": gettext_lazy("Above what the label allows, whatever the disease. Please check it."),
    "once-a-day": gettext_lazy("One capsule cannot be shared between two doses. Once a day was not studied."),
}

#: Whether a weight looks like the other unit.
DOUBTS: dict[str, Words] = {
    "pounds": gettext_lazy(
        "%(typed)s kg is %(pounds)s lb. Is that right? If you meant pounds, choose pounds: then it is %(kg)s kg."
    ),
    "kilograms": gettext_lazy(
        "%(pounds)s lb is only %(typed)s kg. Is that right? If you meant kilograms, choose kilograms."
    ),
    "changed": gettext_lazy("%(typed)s kg, and last time %(last)s kg. Is that right?"),
}


def number(value: Decimal | int) -> str:
    """A number as the reader's language writes it."""
    return number_format(value)


def short(value: Fraction) -> str:
    """A value to a tenth, and without one where it is whole."""
    to_a_tenth = dose.rounded(value, "0.1")
    return number(int(to_a_tenth) if to_a_tenth == int(to_a_tenth) else to_a_tenth)


def kilograms(weight_g: int) -> str:
    """A weight, without the unit."""
    return short(Fraction(weight_g, 1000))


def capsules_words(capsules: dose.Capsules) -> str:
    """How many of each strength: 1 × 40 mg + 2 × 20 mg."""
    counts = Counter(capsules)
    return " + ".join(f"{count} × {strength} mg" for strength, count in counts.items()) or "—"


def food_words(product: Product) -> str:
    """How a product goes with food."""
    return _("each with food") if product.with_food else _("with or without food")


def prescribed_words(record: Prescribed) -> str:
    """What a prescription says, in one line."""
    return _("%(product)s · %(capsules)s a day · %(dose)s mg/kg a day at %(weight)s kg · %(days)s days") % {
        "product": PRODUCTS[record.product],
        "capsules": capsules_words(record.capsules),
        "dose": number(dose.rounded(dose.per_kg(record.daily_mg, record.weight_g))),
        "weight": kilograms(record.weight_g),
        "days": record.days_supply,
    }


def ingredients_words(ingredients: Mapping[str, Fact]) -> str:
    """The inactive ingredients that matter, each of them marked that no label was read for."""
    assumed = _("assumed")
    return ", ".join(
        f"{INGREDIENTS[code]} ({assumed})" if fact.is_assumed else str(INGREDIENTS[code])
        for code, fact in ingredients.items()
    )


class SourceLine(NamedTuple):
    """Where facts of a product are said: which facts, the label and its section in English, and when it was read."""

    facts: str
    label: str
    read: str


def _source(fact: Fact, title: str) -> tuple[str, str]:
    if fact.is_assumed:
        return "", _("assumed, until the label of the package is read")
    # Translators: how a day is written, in the letters of Django's `date` filter.
    return f"{title}, {fact.section}", f"({times.plain_day(fact.on, _('M j, Y'))})"


#: The facts of a product, in the order in which their sources are said.
_FACTS: dict[str, Words] = {
    "strengths": gettext_lazy("strengths"), "food": gettext_lazy("food"), "table": gettext_lazy("range of doses"),
}  # fmt: skip


def source_lines(product: Product, title: Callable[[str], str]) -> Iterator[SourceLine]:
    """Where the facts of a product are said, those of one source together: what no label was read for says so."""
    said: dict[tuple[str, str], list[str]] = {}
    for name, label in _FACTS.items():
        fact = product.facts[name]
        said.setdefault(_source(fact, title(fact.source)), []).append(str(label))
    for source, names in said.items():
        yield SourceLine(", ".join(names).capitalize(), *source)


def concern_words(table: str, code: str) -> str:
    """A concern, with the range where it is about one."""
    bounds = dose.RANGES[table]
    span = _("The label: %(low)s to %(high)s mg/kg a day, up to %(most)s for very severe disease.") % {
        "low": number(dose.rounded(bounds.low, "0.1")),
        "high": number(dose.rounded(bounds.high, "0.1")),
        "most": number(dose.rounded(bounds.very_severe, "0.1")),
    }
    return (
        f"{CONCERNS[code]} {span}"
        if code in ("below-range", "above-range", "above-every-range")
        else str(CONCERNS[code])
    )
