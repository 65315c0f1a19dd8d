"""Methods of contraception as a prescriber declares them: two short lists, whose accepted pairs are the rules' own."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from compliance.rules.contraception import Method
from compliance.rules.editions import Program
from compliance.rules.records import ContraceptionDeclared, Record
from compliance.words.methods import METHOD_LABELS, NOT_ACCEPTED_REASONS
from ui.fields import DateField
from ui.navigation import Words
from web.shared.confirm_entry import TellingForm
from web.shared.help import explain
from web.shared.signature_forms import SignedEntryForm

from .forms import clean_methods

#: An option, or a group of them with its name, as Django's select draws them.
type Options = Sequence[tuple[Any, Any]]


def first_options(methods: Mapping[str, Method]) -> Options:
    """The first list: each primary method, and what stands alone."""
    return [
        ("", _("Choose")),
        (_("Primary"), _of_tier(methods, "primary")),
        (_("Alone, without a second"), _of_tier(methods, "alone")),
    ]


def second_options(methods: Mapping[str, Method]) -> Options:
    """The second list: each secondary method, and the primary ones once more: two of different kinds go together."""
    return [
        ("", _("None")),
        (_("Secondary"), _of_tier(methods, "secondary")),
        (_("Another primary, of a different kind"), _of_tier(methods, "primary")),
    ]


def _of_tier(methods: Mapping[str, Method], tier: str) -> list[tuple[str, Words]]:
    return [(code, METHOD_LABELS[code]) for code, method in methods.items() if method.tier == tier]


class MethodPair(forms.Widget):
    """Two lists that send one field: the codes that were chosen in them."""

    template_name = "components/method_pair.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.lists = (forms.Select(), forms.Select())
        #: Of the field: the second list holds all of them but what stands alone.
        self.choices: Options = ()

    def offer(self, methods: Mapping[str, Method]) -> None:
        """Fill both lists with the methods of a program."""
        first, second = self.lists
        first.choices, second.choices = first_options(methods), second_options(methods)
        self.primary = [code for code, method in methods.items() if method.tier != "secondary"]

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """What was chosen, without the lists in which nothing was."""
        sent = data.getlist(name) if isinstance(data, MultiValueDict) else data.get(name, [])
        return [code for code in ([sent] if isinstance(sent, str) else sent) if code]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Whether the page had no such lists."""
        return name not in data

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Both lists, each with its label and the method that stands in it."""
        context = super().get_context(name, value, attrs)
        context["lists"] = list(self.subwidgets(name, value, attrs))
        return context

    def subwidgets(self, name: str, value: Any, attrs: dict[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        """Both lists, as their templates draw them."""
        own = self.build_attrs(self.attrs, attrs) | {"class": "form-select"}
        labels = (_("First method"), _("Second method"))
        for place, (widget, chosen) in enumerate(zip(self.lists, self._placed(value or []), strict=True)):
            shown = own | {"id": f"{own.get('id', 'id_' + name)}_{place}"}
            yield widget.get_context(name, chosen, shown)["widget"] | {"label": labels[place]}

    def _placed(self, chosen: Sequence[str]) -> tuple[str, str]:
        """Which method stands in which list: a primary one first."""
        first = next((code for code in chosen if code in self.primary), "")
        return first, next((code for code in chosen if code != first), "")


class MethodsFields(TellingForm):
    """Both methods of contraception, as a prescriber declares them."""

    submit: ClassVar[Words] = _("Save the methods")

    methods = forms.MultipleChoiceField(
        label=_("Methods in use"),
        widget=MethodPair,
        help_text=_(
            "One primary and one secondary, or two primary of different kinds: pill, patch, injection, implant and "
            "ring are one kind. Or abstinence alone."
        ),
        error_messages={"required": _("Choose both methods, or abstinence alone.")},
    )
    started_on = DateField(label=_("Both in use since"))

    def offer(self, program: Program) -> None:
        super().offer(program)
        explain(self, methods=("primary-method", "secondary-method", "abstinence"), started_on=("lead-in",))
        field = self.fields.get("methods")
        if isinstance(field, forms.MultipleChoiceField) and isinstance(field.widget, MethodPair):
            field.choices = [(code, METHOD_LABELS[code]) for code in program.methods]
            field.widget.offer(program.methods)

    @property
    def not_accepted(self) -> list[tuple[Words, Words]]:
        """What is often looked for in the lists, and why it is not in them."""
        if "methods" not in self.fields:
            return []
        return [(METHOD_LABELS[code], reason) for code, reason in NOT_ACCEPTED_REASONS.items()]

    def clean_methods(self) -> list[str]:
        """Two methods that go together, or abstinence alone, in the order of the program's table."""
        chosen = clean_methods(self.cleaned_data["methods"], self.ctx.program)
        return sorted(chosen, key=list(self.ctx.program.methods).index)

    def records(self) -> list[Record]:
        data = self.cleaned_data
        return [ContraceptionDeclared("prescriber", tuple(data["methods"]), data["started_on"])]


class MethodsForm(SignedEntryForm, MethodsFields):
    """The methods alone, signed."""

    document_code = "monthly-prescriber"
    tells_first: ClassVar[bool] = True
    one_box: ClassVar[bool] = True
