"""A form that is signed: the text, the printed name, and the credentials, in the same form and each time."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from crispy_forms.helper import FormHelper
from django import forms
from django.core import signing
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.signature_credentials import (
    Credentials,
    LockedOut,
    Proof,
    WrongCredentials,
    has_passkey,
    passkey_challenge,
    prove,
)
from compliance import documents
from compliance.documents import Document, Item
from compliance.records.programs import program_day
from compliance.signatures import ATTEST, Pair, Signature, Statement, agreed, pairs
from compliance.words.choices import MEANING
from ledger.erasable_text import make_erasable
from ledger.models import ErasableText
from ui.forms import BaseForm
from ui.navigation import Words
from web.shared.common import EntryForm
from web.shared.document_language import document_language

#: For so many seconds a passkey may take to answer.
PASSKEY_TIMEOUT = 300

_NONCE = "web.signing"

#: The fields of the signature itself, which every signed form has; the last two may be left to a passkey.
PASSWORD_FIELDS = ("signer_email", "signer_password")
SIGNATURE_FIELDS = ("printed_name", *PASSWORD_FIELDS)


def item_name(item: str) -> str:
    """The field of one item of the text."""
    return f"item_{item}"


def boxes(document: Document) -> dict[str, forms.BooleanField]:
    """The box of each item of the text, by its field's name: an answer is recorded for each, so each is given."""
    missing = {"required": _("Tick this box to go on.")}
    return {
        item_name(item.id): forms.BooleanField(label=item.statement, error_messages=missing) for item in document.items
    }


def with_boxes(fields: Mapping[str, forms.Field], document: Document) -> dict[str, forms.Field]:
    """The fields of a signed form in the order of its page: the boxes stand above the name in print."""
    place = list(fields).index("printed_name")
    entries = list(fields.items())
    return dict([*entries[:place], *boxes(document).items(), *entries[place:]])


def points(form: BaseForm, document: Document) -> list[tuple[Item, forms.BoundField]]:
    """The text, point by point, each with its own box."""
    return [(item, form[item_name(item.id)]) for item in document.items]


def fields_above(form: BaseForm, document: Document) -> list[forms.BoundField]:
    """The fields that a signed form has above the text."""
    below = {*SIGNATURE_FIELDS, *(item_name(item.id) for item in document.items)}
    return [field for field in form.visible_fields() if field.name not in below]


class NeverEchoedField(forms.CharField):
    """A hidden field that shows what is so now: never again what was sent, be it an old text or an answer used up."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.HiddenInput(attrs={"id": False}), **kwargs)

    def bound_data(self, data: Any, initial: Any) -> Any:
        """The next display is derived anew."""
        return initial


TEXT_CHANGED = _("The text has changed since you opened this page. Please read it again.")


class DisplayedTextField(NeverEchoedField):
    """The SHA-256 of the text that is on the screen: of the present one, whenever the form is shown."""

    def __init__(self) -> None:
        super().__init__(
            max_length=64, error_messages={"required": _("Please read the text on this page, and send it once more.")}
        )


def check_displayed(sha256: str, document: Document) -> str:
    """The hash of the text that was shown, if it is the one to be signed. Raises ValidationError."""
    if sha256 != document.sha256:
        raise forms.ValidationError(TEXT_CHANGED)
    return sha256


class SignatureMixin(BaseForm):
    """The signature of a form: its text, printed name, credentials, and what they sign.

    With `passkey=begin` it only answers what the browser is to ask of the passkey (`passkey_options`), and nothing is
    entered.
    """

    document_code: str = ""
    meaning: str = ATTEST
    #: Whether each item of the text has its box here; a consent's were answered section by section before.
    has_boxes: ClassVar[bool] = True
    #: What the browser asks of the passkey, when that is what was sent.
    passkey_options: dict[str, Any] | None = None

    printed_name = forms.CharField(label=_("Print your full name"), max_length=120)
    signer_email = forms.CharField(
        label=_("Your e-mail address"), max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )  # fmt: skip
    signer_password = forms.CharField(
        label=_("Your password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        strip=False,
        help_text=_("Signing asks for both each time, so that nobody else can sign for you."),
    )
    assertion = NeverEchoedField(required=False, max_length=8000)
    nonce = NeverEchoedField(required=False, max_length=200)
    displayed_sha256 = DisplayedTextField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["displayed_sha256"].initial = lambda: self.document.sha256
        self._ask_for_password(not self._begins_passkey and not self.data.get(self.add_prefix("assertion")))
        if self.has_boxes:
            self.fields = with_boxes(self.fields, self.document)

    # --- what is signed, by whom: the form that inherits says so -----------------------------
    @property
    def signer(self) -> User:
        """The person who signs."""
        raise NotImplementedError

    @property
    def signed_at(self) -> datetime:
        """The instant of the signature."""
        raise NotImplementedError

    @property
    def subject(self) -> UUID:
        """The subject of the log in which the signature is recorded."""
        raise NotImplementedError

    def signed_records(self) -> tuple[Pair, ...]:
        """The records that are signed."""
        raise NotImplementedError

    def item_answers(self) -> Mapping[str, bool]:
        """The answer to each item of the text."""
        return agreed(self.document)

    @cached_property
    def document(self) -> Document:
        """The text that is signed, in the reader's language."""
        return documents.current(self.document_code, document_language(), on=program_day(self.signed_at))

    @cached_property
    def helper(self) -> FormHelper:
        """The crispy layout: the form's own fields, then the text and the signature."""
        helper = super().helper
        if self.is_signed:
            helper.template = "components/signed_form.html"
        return helper

    @property
    def own_fields(self) -> list[forms.BoundField]:
        """The fields above the text."""
        return fields_above(self, self.document)

    @property
    def signature_fields(self) -> list[forms.BoundField]:
        """The fields of the signature."""
        return [self[name] for name in SIGNATURE_FIELDS if name in self.fields]

    @property
    def points(self) -> list[tuple[Item, forms.BoundField]]:
        """The statements that are signed, item by item."""
        return points(self, self.document)

    @property
    def meaning_words(self) -> Words:
        """The meaning of the signature, in the reader's language."""
        return MEANING[self.meaning]

    # --- proving it --------------------------------------------------------------------------
    def unsigned(self) -> None:
        """Take the signature off: for a reader who does not attest."""
        for name in (*boxes(self.document), *SIGNATURE_FIELDS, "assertion", "nonce", "displayed_sha256"):
            self.fields.pop(name, None)

    @property
    def is_signed(self) -> bool:
        """Whether this reader signs the form."""
        return "printed_name" in self.fields

    @property
    def with_passkey(self) -> bool:
        """Whether the reader can sign with a passkey."""
        return has_passkey(self.signer)

    def salt_for(self, place: int) -> bytes:
        """The salt of an erasable text: the same when the passkey is asked and when its answer comes."""
        return hashlib.sha256(f"{self._nonce}:{place}".encode()).digest()[:16]

    @property
    def _begins_passkey(self) -> bool:
        """Whether the browser wants to know what to ask of the passkey; an older answer is then none."""
        return bool(self.data.get("passkey") == "begin")

    def _ask_for_password(self, required: bool) -> None:
        for name in PASSWORD_FIELDS:
            if name in self.fields:
                self.fields[name].required = required

    @cached_property
    def _nonce(self) -> str:
        sent = self.data.get(self.add_prefix("nonce"), "")
        if self._begins_passkey or not sent or not self.data.get(self.add_prefix("assertion")):
            return secrets.token_hex(16)
        return signing.TimestampSigner(salt=_NONCE).unsign(sent, max_age=PASSKEY_TIMEOUT)

    def clean_displayed_sha256(self) -> str:
        """A text that was replaced, or another language than was read, is read before it is signed."""
        return check_displayed(self.cleaned_data["displayed_sha256"], self.document)

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        # Shown again, the form takes either: the passkey's answer is not sent a second time.
        self._ask_for_password(True)
        if self.errors or not self.is_signed:
            return
        try:
            self._prove()
        except signing.BadSignature:
            self.add_error(None, _now("Your passkey took too long. Please sign again."))
        except WrongCredentials:
            self._credentials_were_wrong()
        except LockedOut as locked:
            until = date_format(timezone.localtime(locked.until), "g:i A")
            self.add_error(
                None,
                _now("Signing is locked until %(time)s after failed attempts. The program office is told.")
                % {"time": until},
            )

    def _credentials_were_wrong(self) -> None:
        if self.cleaned_data.get("assertion"):
            self.add_error(None, _now("Your passkey did not sign this. Try again, or use your password."))
        else:
            self.add_error("signer_password", _now("This is not your e-mail address and password."))

    def _prove(self) -> None:
        if self._begins_passkey:
            options = passkey_challenge(self.signer, self.statement.sha256)
            self.passkey_options = {"options": options, "nonce": signing.TimestampSigner(salt=_NONCE).sign(self._nonce)}
            # Not valid, so that nothing is entered: the browser asks first, and sends the form again.
            self.add_error(None, _now("Your passkey is asked."))
            return
        data = self.cleaned_data
        credentials = Credentials(
            email=data.get("signer_email", ""),
            password=data.get("signer_password", ""),
            assertion=data.get("assertion", ""),
        )
        self._proof = prove(self.signer, credentials, statement=self.statement.sha256, at=self.signed_at)

    _proof: Proof | None = None

    @cached_property
    def statement(self) -> Statement:
        """All that is signed."""
        name: ErasableText = make_erasable(
            self.cleaned_data["printed_name"].strip(), subject=self.subject, at=self.signed_at, salt=self.salt_for(-1)
        )
        return Statement(
            document=self.document,
            answers=self.item_answers(),
            meaning=self.meaning,
            name=name,
            records=self.signed_records(),
            subject=self.subject,
            account=self.signer.pk,
            key=self.idempotency_key,
        )

    def signature(self) -> Signature | None:
        """The signature, once it is proved."""
        return Signature(self.statement, self._proof) if self._proof is not None else None


class SignedEntryForm(SignatureMixin, EntryForm):
    """Entries about a patient that are signed by whoever enters them."""

    @property
    def signer(self) -> User:
        """The reader."""
        return self.ctx.reader

    @property
    def signed_at(self) -> datetime:
        """The instant of the request."""
        return self.ctx.at

    @property
    def subject(self) -> UUID:
        """The patient."""
        return self.ctx.patient.id

    def signed_records(self) -> tuple[Pair, ...]:
        """The records that the form enters."""
        return pairs(self.built_records)
