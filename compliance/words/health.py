"""Allergies, other medicines and conditions in words, and why each matters."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from compliance.rules.care.health import Flag, HealthAnswered, HealthReviewed
from ui.navigation import Words

ALLERGIES: dict[str, Words] = {
    "soya": gettext_lazy("Soy"),
    "peanut": gettext_lazy("Peanut"),
    "parabens": gettext_lazy("Parabens"),
    "gelatin": gettext_lazy("Gelatin"),
    "sorbitol": gettext_lazy("Sorbitol, or fructose is not tolerated"),
    "vitamin-a-derivatives": gettext_lazy("Vitamin A or a medicine made from it (isotretinoin, acitretin, tretinoin)"),
}
MEDICINES: dict[str, Words] = {
    "tetracyclines": gettext_lazy("Tetracyclines (doxycycline, minocycline)"),
    "vitamin-a": gettext_lazy("Vitamin A, more than the daily need"),
    "methotrexate": gettext_lazy("Methotrexate"),
    "st-johns-wort": gettext_lazy("St John’s wort"),
    "progestin-only-pill": gettext_lazy("Low-dose pill with progestin alone (mini-pill)"),
    "phenytoin": gettext_lazy("Phenytoin"),
    "corticosteroids": gettext_lazy("Corticosteroids by mouth"),
}
CONDITIONS: dict[str, Words] = {
    "liver": gettext_lazy("Liver disease"),
    "lipids": gettext_lazy("High cholesterol or triglycerides"),
    "diabetes": gettext_lazy("Diabetes"),
    "pancreatitis": gettext_lazy("Pancreatitis, now or earlier"),
    "eating-disorder": gettext_lazy("Eating disorder"),
    "bowel-disease": gettext_lazy("Inflammatory bowel disease"),
    "bones": gettext_lazy("Weak bones or a bone disease"),
    "depression": gettext_lazy("Depression or another mental illness, now or earlier"),
    "family-depression": gettext_lazy("Depression or suicide in the family"),
}

#: Why each answer matters, in a sentence or two.
WHY: dict[str, Words] = {
    "soya": gettext_lazy("Capsules are filled with soybean oil."),
    "peanut": gettext_lazy("Who reacts to peanut may react to soy, and capsules are filled with soybean oil."),
    "parabens": gettext_lazy("Some capsule shells hold parabens."),
    "gelatin": gettext_lazy("The capsule shell is gelatin."),
    "sorbitol": gettext_lazy("The capsule shell may hold sorbitol."),
    "vitamin-a-derivatives": gettext_lazy("The medicine is made from vitamin A. It must not be given."),
    "tetracyclines": gettext_lazy(
        "Both together can raise the pressure in the head. Stop one of them; watch for headache and changed vision."
    ),
    "vitamin-a": gettext_lazy("It adds to the medicine, which works like vitamin A. Stop the supplement."),
    "methotrexate": gettext_lazy("Both can harm the liver. Avoid them together, or check the liver more often."),
    "st-johns-wort": gettext_lazy("It weakens hormonal contraception. Stop it, or choose other methods."),
    "progestin-only-pill": gettext_lazy("It may not be enough with this medicine, and does not count as a method."),
    "phenytoin": gettext_lazy("It weakens bones, as this medicine may."),
    "corticosteroids": gettext_lazy("They weaken bones, as this medicine may."),
    "liver": gettext_lazy("Liver values can rise. Check them before the first dose and more often after it."),
    "lipids": gettext_lazy("Triglycerides and cholesterol can rise. Check them before the first dose and more often."),
    "diabetes": gettext_lazy("Blood sugar can rise, and so can triglycerides. Check both more often."),
    "pancreatitis": gettext_lazy("High triglycerides can bring it back. Check them often; stop at its first signs."),
    "eating-disorder": gettext_lazy("Bones and weight are at risk, and so is the mood. Weigh at each visit."),
    "bowel-disease": gettext_lazy("It was reported with this medicine. Stop at bloody diarrhea or severe pain."),
    "bones": gettext_lazy(
        "Bones can thin and break more easily. Avoid hard blows, and weigh long or repeated courses."
    ),
    "depression": gettext_lazy("Mood can worsen. Ask at each visit, and stop at thoughts of self-harm."),
    "family-depression": gettext_lazy("The risk of depression is higher. Ask about the mood at each visit."),
}

LABELS: dict[str, Words] = ALLERGIES | MEDICINES | CONDITIONS


def flag_words(flag: Flag) -> tuple[str, str]:
    """What was answered, and why it matters; with a word where the ingredient was not read on a label."""
    why = str(WHY[flag.code])
    if flag.fact is not None and flag.fact.is_assumed:
        why = f"{why} {_('Read the label of the package: for this product it is assumed.')}"
    return str(LABELS[flag.code]), why


def health_words(record: HealthAnswered) -> str:
    """What was answered, in one line."""
    codes = (*record.allergies, *record.medicines, *record.conditions)
    parts = [str(LABELS[code]) for code in codes]
    if record.other is not None:
        parts.append(_("and something else, in their own words"))
    return " · ".join(parts) or _("none of what was asked")


def review_words(record: HealthReviewed) -> str:
    """What the patient said, without their own words."""
    return _("something has changed, in their own words") if record.changed else _("nothing has changed")
