"""The text of a form that is signed: its points, each with a box, and the name with which it is signed below it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from compliance import documents
from compliance.documents import Document, Item
from compliance.records.programs import program_day
from compliance.signatures import ATTEST
from compliance.words.choices import MEANING
from ui.forms import BaseForm
from ui.navigation import Words
from web.shared.page_language import document_language

#: The fields of the signature itself, where an account signs; it may be left to a passkey.
SIGNATURE_FIELDS = ("signer_password",)

#: The step of a form in which only what is above the text is sent, to learn what it opens.
TELL = "tell"


def item_name(item: str) -> str:
    """The field of one item of the text."""
    return f"item_{item}"


#: The box of all items together, where one is given for them.
ALL_ITEMS = item_name("all")


def boxes(document: Document, *, together: bool = False) -> dict[str, forms.BooleanField]:
    """The box of each item of the text, by its field's name: an answer is recorded for each, so each is given.

    `together`: one box gives all the answers, for a text that is read and confirmed as one.
    """
    missing = {"required": _("Tick this box to go on.")}
    if together:
        return {ALL_ITEMS: forms.BooleanField(label=_("I confirm each of these points."), error_messages=missing)}
    return {
        item_name(item.id): forms.BooleanField(label=item.statement, error_messages=missing) for item in document.items
    }


def with_boxes(fields: Mapping[str, forms.Field], boxes: Mapping[str, forms.Field]) -> dict[str, forms.Field]:
    """The fields of a signed form in the order of its page: the boxes stand above the signature."""
    place = list(fields).index("displayed_sha256")
    entries = list(fields.items())
    return dict([*entries[:place], *boxes.items(), *entries[place:]])


class NeverEchoedField(forms.CharField):
    """A hidden field that shows what is so now: never again what was sent, be it an old text or an answer used up."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.HiddenInput(attrs={"id": False}), **kwargs)

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What is shown next is worked out anew."""
        return initial


TEXT_CHANGED = _("The text has changed since you opened this page. Please read it again.")


class DisplayedTextField(NeverEchoedField):
    """The SHA-256 of the text that is on the screen: of the present one, whenever the form is shown."""

    def __init__(self) -> None:
        super().__init__(
            max_length=64, error_messages={"required": _("Please read the text on this page, and send it once more.")}
        )


class SignedTextForm(BaseForm):
    """A form that ends in a text to sign, with the name of the signer in print: the account's own, never typed."""

    document_code: str = ""
    meaning: str = ATTEST
    #: Whether each item of the text has its box here; a consent's were answered section by section before.
    has_boxes: ClassVar[bool] = True
    #: Whether one box is given for all items: where no law asks for an answer to each by itself.
    one_box: ClassVar[bool] = False
    #: Whether the page first tells what the entry opens, and shows the text and the signature only then.
    tells_first: ClassVar[bool] = False

    displayed_sha256 = DisplayedTextField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["displayed_sha256"].initial = lambda: self.document.sha256
        if self.has_boxes:
            self.fields = with_boxes(self.fields, self.boxes)

    @cached_property
    def boxes(self) -> Mapping[str, forms.Field]:
        """The boxes of the text, by their fields' names."""
        return boxes(self.document, together=self.one_box)

    @property
    def printed_name(self) -> str:
        """The name of the signer in print: the form that inherits says it."""
        raise NotImplementedError

    @property
    def signed_at(self) -> datetime:
        """The instant of the signature: the form that inherits says it."""
        raise NotImplementedError

    @cached_property
    def document(self) -> Document:
        """The text that is signed, in the reader's language."""
        return documents.current(self.document_code, document_language(), on=program_day(self.signed_at))

    @property
    def is_signed(self) -> bool:
        """Whether this reader signs the form."""
        return "displayed_sha256" in self.fields

    @property
    def is_before_signature(self) -> bool:
        """Whether only the fields above the text were sent, to learn what they open."""
        return self.tells_first and bool(self.data.get("step") == TELL)

    @property
    def waits(self) -> bool:
        """Whether something is asked once more, or only what is above the text was sent."""
        return super().waits or (self.is_signed and self.is_before_signature)

    @property
    def is_just_told(self) -> bool:
        """Whether nothing waits but the signature: what the entry opens was told, and no day is asked about."""
        return self.is_before_signature and not self.asks_about_days

    @property
    def shows_signature(self) -> bool:
        """Whether the text and the signature are on the page: not before the reader was told what the entry opens."""
        return not self.tells_first or (self.is_bound and not (self.is_before_signature and self.errors))

    @property
    def with_passkey(self) -> bool:
        """Whether the reader can sign with a passkey."""
        return False

    @cached_property
    def helper(self) -> FormHelper:
        """What `{% crispy form %}` draws by: its own fields, then the text and the signature."""
        helper = super().helper
        if self.is_signed:
            helper.template = "components/signed_form.html"
        return helper

    @property
    def own_fields(self) -> list[forms.BoundField]:
        """The fields above the text."""
        below = {*SIGNATURE_FIELDS, *self.boxes}
        return [field for field in self.visible_fields() if field.name not in below]

    @property
    def signature_fields(self) -> list[forms.BoundField]:
        """The fields of the signature."""
        return [self[name] for name in SIGNATURE_FIELDS if name in self.fields]

    @property
    def points(self) -> list[tuple[Item, forms.BoundField | None]]:
        """What is signed, point by point, each with its own box, if it has one."""
        names = [(item, item_name(item.id)) for item in self.document.items]
        return [(item, self[name] if name in self.fields else None) for item, name in names]

    @property
    def common_box(self) -> forms.BoundField | None:
        """The box of all points together."""
        return self[ALL_ITEMS] if ALL_ITEMS in self.fields else None

    @property
    def meaning_words(self) -> Words:
        """What the signature means, in the reader's language."""
        return MEANING[self.meaning]

    def clean_displayed_sha256(self) -> str:
        """A text that was replaced, or another language than was read, is read before it is signed."""
        displayed: str = self.cleaned_data["displayed_sha256"]
        if self.is_before_signature:
            return displayed
        if displayed != self.document.sha256:
            raise forms.ValidationError(TEXT_CHANGED)
        return displayed
