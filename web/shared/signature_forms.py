"""A form that is signed: the text, the signer's name, and the password or passkey, in the same form and each time."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.core import signing
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
from compliance.rules.records import Record
from compliance.signatures import Pair, Signature, Statement, agreed, pairs
from ledger.erasable_text import make_erasable
from ledger.models import ErasableText
from ui import times
from web.shared.common import EntryForm
from web.shared.signed_text_forms import SIGNATURE_FIELDS, NeverEchoedField, SignedTextForm

#: For so many seconds a passkey may take to answer.
PASSKEY_TIMEOUT = 300

_NONCE = "web.signing"


class SignatureMixin(SignedTextForm):
    """The signature of a form: its text, the account's own name in print, password or passkey, and what they sign.

    The e-mail address is not typed again: signing in has taken it (21 CFR 11.200, see `docs/part11.md`).

    With `passkey=begin` it only answers what the browser is to ask of the passkey (`passkey_options`), and nothing is
    entered.
    """

    #: What the browser asks of the passkey, when that is what was sent.
    passkey_options: dict[str, Any] | None = None

    signer_password = forms.CharField(
        label=_("Your password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        strip=False,
        help_text=_("Signing asks for it each time, so that nobody else can sign for you."),
    )
    assertion = NeverEchoedField(required=False, max_length=8000)
    nonce = NeverEchoedField(required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ask_for_password(not self._begins_passkey and not self.data.get(self.add_prefix("assertion")))
        if self.is_before_signature:
            self._ask_for_signature(False)

    # --- what is signed, by whom: the form that inherits says so -----------------------------
    @property
    def signer(self) -> User:
        """The person who signs."""
        raise NotImplementedError

    @property
    def printed_name(self) -> str:
        """The name of the account that signs."""
        return self.signer.name

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

    # --- proving it --------------------------------------------------------------------------
    def unsigned(self) -> None:
        """Take the signature off: for a reader who does not attest."""
        for name in (*self.boxes, *SIGNATURE_FIELDS, "assertion", "nonce", "displayed_sha256"):
            self.fields.pop(name, None)

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
        for name in SIGNATURE_FIELDS:
            if name in self.fields:
                self.fields[name].required = required

    def _ask_for_signature(self, required: bool) -> None:
        for name in (*self.boxes, "displayed_sha256", *SIGNATURE_FIELDS):
            if name in self.fields:
                self.fields[name].required = required

    @cached_property
    def _nonce(self) -> str:
        sent = self.data.get(self.add_prefix("nonce"), "")
        if self._begins_passkey or not sent or not self.data.get(self.add_prefix("assertion")):
            return secrets.token_hex(16)
        return signing.TimestampSigner(salt=_NONCE).unsign(sent, max_age=PASSKEY_TIMEOUT)

    def _post_clean(self) -> None:
        super()._post_clean()
        # Shown again, the form takes either: the passkey's answer is not sent a second time.
        self._ask_for_password(True)
        self._ask_for_signature(True)

    def prove(self) -> bool:
        """Check the credentials of this valid form, which counts as a try. False with what is wrong beside its field.

        No part of the validation: that writes nothing.
        """
        if not self.is_signed or self._proof is not None:
            return True
        try:
            self._prove()
        except signing.BadSignature:
            self.add_error(None, _now("Your passkey took too long. Please sign again."))
        except WrongCredentials:
            self._credentials_were_wrong()
        except LockedOut as locked:
            self.add_error(
                None,
                _now("Signing is locked until %(time)s after failed attempts. The program office is told.")
                % {"time": times.clock_time(locked.until)},
            )
        return not self.errors

    def _credentials_were_wrong(self) -> None:
        if self.cleaned_data.get("assertion"):
            self.add_error(None, _now("Your passkey did not sign this. Try again, or use your password."))
        else:
            self.add_error("signer_password", _now("This is not your password."))

    def _prove(self) -> None:
        if self._begins_passkey:
            options = passkey_challenge(self.signer, self.statement.sha256)
            self.passkey_options = {"options": options, "nonce": signing.TimestampSigner(salt=_NONCE).sign(self._nonce)}
            # Not valid, so that nothing is entered: the browser asks first, and sends the form again.
            self.add_error(None, _now("Your passkey is asked."))
            return
        data = self.cleaned_data
        credentials = Credentials(password=data.get("signer_password", ""), assertion=data.get("assertion", ""))
        self._proof = prove(self.signer, credentials, statement=self.statement.sha256, at=self.signed_at)

    _proof: Proof | None = None

    @cached_property
    def statement(self) -> Statement:
        """All that is signed."""
        name: ErasableText = make_erasable(
            self.printed_name, subject=self.subject, at=self.signed_at, salt=self.salt_for(-1)
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

    @property
    def previewed(self) -> list[Record]:
        try:
            return super().previewed
        except signing.BadSignature:
            return []  # The passkey took too long: `prove` says so.
