"""The prescription: from product and weight to capsules, which the page shows before they are entered."""

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from compliance.commands.entries import EntryRefused
from compliance.documents import products
from compliance.rules import days
from compliance.rules.care import dose
from compliance.rules.care.course_dose import last_prescribed
from compliance.rules.care.prescription import Prescribed
from compliance.rules.records import Record
from compliance.words import dose as words
from ui.navigation import Words
from web.shared.common import EntryForm, PatientContext
from web.shared.signed_text_forms import NeverEchoedField

from .forms import radio
from .health_form import FlagLine, flag_lines, last_answered

#: In mg for each kg and day, where nothing was prescribed before: the label's first dose.
FIRST_TARGET = Decimal("0.5")


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """What follows of the form, as the page shows it before it is entered."""

    capsules: str
    first_dose: str
    second_dose: str
    food: Words
    weight: str
    #: From the dose that was asked for to that which the strengths allow.
    target: str
    daily: str
    of_target: str
    number: int
    #: Where strengths, food and table of doses of the product are said, a line for each source.
    sources: tuple[words.SourceLine, ...]
    ingredients: str
    warnings: tuple[str, ...]
    #: What the answers about health say against the product; and whether anybody asked.
    flags: tuple[FlagLine, ...]
    was_asked: bool


class PrescriptionForm(EntryForm):
    """A prescription. Sent once it shows the capsules, sent again it enters them."""

    submit: ClassVar[Words] = _("Show the capsules")
    #: The template says it in the place of the general sentence.
    is_just_told: ClassVar[bool] = True

    product = forms.ChoiceField(label=_("Product"))
    weight = forms.DecimalField(
        label=_("Weight"), max_digits=4, decimal_places=1, min_value=1,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "0.1", "class": "input-short"}),
    )  # fmt: skip
    unit = radio(_("In"), [("kg", _("kilograms")), ("lb", _("pounds"))], initial="kg")
    target = forms.DecimalField(
        label=_("Dose, in mg for each kg and day"), max_digits=5, decimal_places=2, min_value=0, required=False,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "0.05", "class": "input-short"}),
    )  # fmt: skip
    daily_mg = forms.IntegerField(
        label=_("Or in mg a day"), min_value=1, max_value=999, required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "input-short"}),
    )  # fmt: skip
    very_severe = forms.BooleanField(
        label=_("Very severe disease: scarring, or above all of the trunk"), required=False
    )
    days_supply = forms.IntegerField(
        label=_("Days"), min_value=1, max_value=dose.LONGEST_DAYS, initial=dose.LONGEST_DAYS,
        help_text=_("30 at most."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "input-short"}),
    )  # fmt: skip
    told = NeverEchoedField(required=False, max_length=64)

    #: What follows of it, where it is in order.
    computed: Computed | None = None

    def __init__(self, *args: Any, ctx: PatientContext, **kwargs: Any) -> None:
        super().__init__(*args, ctx=ctx, **kwargs)
        choice = self.fields["product"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [("", _("Choose")), *((code, words.PRODUCTS[code]) for code in products.all_products())]
        self.fields["target"].initial = FIRST_TARGET
        self.last = last_prescribed(ctx.file.history(ctx.at))
        if self.last is not None:
            self._as_last(self.last)

    def _as_last(self, last: Prescribed) -> None:
        """Most months only the weight is new."""
        self.fields["product"].initial = last.product
        self.fields["weight"].initial = dose.rounded(Fraction(last.weight_g, 1000), "0.1")
        self.fields["target"].initial = None
        self.fields["daily_mg"].initial = last.daily_mg
        self.fields["very_severe"].initial = last.very_severe
        self.fields["days_supply"].initial = last.days_supply

    def clean(self) -> dict[str, Any]:
        """The dose one way or the other."""
        data = super().clean() or {}
        given = [name for name in ("target", "daily_mg") if data.get(name)]
        if not given and not self.errors.keys() & {"target", "daily_mg"}:
            self.add_error("target", _("Enter the dose, one way or the other."))
        elif len(given) == 2:
            self.add_error("daily_mg", _("Enter the dose one way only, and leave the other empty."))
        return data

    # --- the arithmetic ----------------------------------------------------------------------
    @cached_property
    def _weight_g(self) -> int:
        return dose.in_grams(self.cleaned_data["weight"], self.cleaned_data["unit"])

    @cached_property
    def _target_mg(self) -> Fraction:
        """mg a day, as asked for."""
        if daily := self.cleaned_data["daily_mg"]:
            return Fraction(daily)
        return Fraction(self.cleaned_data["target"]) * self._weight_g / 1000

    @cached_property
    def _capsules(self) -> dose.Capsules:
        data = self.cleaned_data
        product = products.all_products()[data["product"]]
        bounds = dose.RANGES[product.table]
        most = bounds.very_severe if data["very_severe"] else bounds.high
        kg = Fraction(self._weight_g, 1000)
        return dose.capsules_for(product.strengths, self._target_mg, (bounds.low * kg, most * kg))

    @property
    def _is_possible(self) -> bool:
        """Whether capsules are to be looked for at all: beyond it the rules refuse the weight or the dose."""
        kg = Fraction(self._weight_g, 1000)
        bounds = dose.RANGES[products.all_products()[self.cleaned_data["product"]].table]
        heavy = dose.WEIGHTS_G[0] <= self._weight_g <= dose.WEIGHTS_G[1]
        return heavy and bounds.least * kg <= self._target_mg <= bounds.most * kg

    def records(self) -> list[Record]:
        """The prescription."""
        data = self.cleaned_data
        # What is not possible is handed on as it is: the rules name the field, and say why.
        capsules = self._capsules if self._is_possible else (max(1, round(self._target_mg)),)
        return [Prescribed(data["product"], capsules, self._weight_g, data["days_supply"], data["very_severe"])]

    # --- shown before it is entered ----------------------------------------------------------
    def _post_clean(self) -> None:
        super()._post_clean()
        if self.errors or self.was_sent_before:
            return
        if self.refusals:
            self.show(EntryRefused(self.refusals))
            return
        self.computed = self._compute()
        self.fields["told"].initial = self._told_now

    def _compute(self) -> Computed:
        data, capsules = self.cleaned_data, self._capsules
        product = products.all_products()[data["product"]]
        first, second = dose.two_doses(capsules)
        daily = sum(capsules)
        return Computed(
            capsules=words.capsules_words(capsules),
            first_dose=words.capsules_words(first),
            second_dose=words.capsules_words(second),
            food=words.food_words(product),
            weight=words.kilograms(self._weight_g),
            target=words.short(self._target_mg),
            daily=words.number(daily),
            of_target=words.number(dose.rounded(dose.per_kg(daily, self._weight_g))),
            number=len(capsules) * data["days_supply"],
            ingredients=words.ingredients_words(product.ingredients),
            sources=tuple(words.source_lines(product, products.title)),
            warnings=tuple(self._warnings(product.table)),
            flags=tuple(flag_lines(self.ctx, data["product"])),
            was_asked=last_answered(self.ctx) is not None,
        )

    def _warnings(self, table: str) -> list[str]:
        born_on = self.ctx.file.history(self.ctx.at).born_on
        age = days.age(born_on, self.today) if born_on else None
        codes = dose.concerns(
            table, self._capsules, self._weight_g, very_severe=self.cleaned_data["very_severe"], age=age
        )
        said = (words.concern_words(table, code) for code in codes)
        return [*self._doubts(age), *said]

    def _doubts(self, age: int | None) -> list[str]:
        """Whether the weight looks like the other unit."""
        data, last_g = self.cleaned_data, self.last.weight_g if self.last else None
        doubt = dose.weight_doubt(self._weight_g, data["unit"], age=age, last_g=last_g)
        if not doubt:
            return []
        return [
            str(words.DOUBTS[doubt])
            % {
                "typed": words.kilograms(self._weight_g),
                "pounds": words.number(dose.in_pounds(self._weight_g)),
                "kg": words.kilograms(dose.in_grams(data["weight"], "lb")),
                "last": words.kilograms(last_g or 0),
            }
        ]

    @property
    def _told_now(self) -> str:
        """The hash of what the page tells, and of what would be entered."""
        return hashlib.sha256(repr((self.computed, self.built_records)).encode()).hexdigest()

    @property
    def waits(self) -> bool:
        """Whether the reader has not seen these capsules yet."""
        return super().waits or (self.computed is not None and self.cleaned_data.get("told", "") != self._told_now)

    @property
    def button(self) -> Words:
        """The text of the button that sends it."""
        return _("Enter the prescription") if self.computed is not None else super().button
