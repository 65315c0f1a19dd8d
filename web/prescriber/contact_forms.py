"""Forms that put right what is known of a person: the patient's name and contact data, and the guardians'."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from compliance.commands import contacts, guardians
from compliance.commands.contacts import Corrected
from patients.fields import PhoneField
from patients.language import language_of
from patients.models import Guardian
from ui.fields import EmailField
from ui.navigation import Words
from web.shared.common import EntryForm, PatientContext
from web.shared.languages import LANGUAGE_HELP, language_field

from .category_forms import ONE_NAME, ask_for_a_name
from .forms import WithReason

NO_EMAIL = _("No e-mail? Leave this empty: you print a letter next.")
NOTHING_CHANGED = _("Nothing is different from before.")
#: Said where a link went to a new address, which counts once it was opened.
WAITS = _("A link went to the new address. It counts once it was opened by whoever has the account; until then we "
          "write to the old one.")  # fmt: skip


def _before(name: str) -> str:
    return f"{name}_before"


class _Correcting(WithReason):
    """Fields that stand as they are known, of which those that were changed are corrected.

    What stood there when the page was opened comes along: two who correct different fields at once undo nothing of each
    other's, and the same page sent twice asks for the same.
    """

    danger: ClassVar[bool] = False
    submit: ClassVar[Words] = _("Save the correction")
    corrected: Corrected

    def __init__(self, *args: Any, known: Mapping[str, str], **kwargs: Any) -> None:
        self.known = known
        super().__init__(*args, initial={**known, **{_before(name): text for name, text in known.items()}}, **kwargs)
        for name in known:
            self.fields[_before(name)] = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)

    @property
    def changes(self) -> dict[str, str]:
        """The fields that are not as they stood when the page was opened."""
        data = self.cleaned_data
        stood = {name: data[_before(name)] if _before(name) in self.data else self.known[name] for name in self.known}
        return {name: data[name] for name, text in stood.items() if data[name] != text}

    def clean(self) -> dict[str, Any]:
        """Something was changed."""
        data = super().clean() or {}
        if not self.errors and not self.changes:
            self.add_error(None, NOTHING_CHANGED)
        return data

    def _post_clean(self) -> None:
        # No record is looked at before it is entered: what stands in the log is worked out under its lock.
        super(EntryForm, self)._post_clean()


class ContactForm(_Correcting):
    """Correct the patient's name, e-mail address, telephone number or language."""

    field_order = ["given_name", "family_name", "email", "phone", "language", "reason"]

    given_name = forms.CharField(label=_("Given name"), max_length=60, required=False)
    family_name = forms.CharField(label=_("Family name"), max_length=60, required=False, help_text=ONE_NAME)
    email = EmailField(label=_("E-mail"), required=False)
    phone = PhoneField(label=_("Mobile phone"), required=False)
    language = language_field(_("Language"), help_text=LANGUAGE_HELP)

    def __init__(self, *args: Any, ctx: PatientContext, **kwargs: Any) -> None:
        patient = ctx.patient
        known = {name: getattr(patient, name) for name in ("given_name", "family_name", "email", "phone")}
        known["language"] = language_of(patient)
        super().__init__(*args, ctx=ctx, known=known, **kwargs)
        if patient.user_id is None:
            self.fields["email"].help_text = _(
                "The invitation goes to the new address; the old link ends. No e-mail? Leave this empty, and print a "
                "letter."
            )
        else:
            self.fields["email"].help_text = _("A new address counts once the patient has opened a link sent to it.")

    def clean(self) -> dict[str, Any]:
        """A name is left."""
        data = super().clean()
        ask_for_a_name(self, data)
        return data

    def enter(self) -> None:
        self.corrected = contacts.correct_patient(
            patient=self.ctx.patient.id, contact=self.changes, reason=self.cleaned_data["reason"], by=self.ctx.by,
            at=self.ctx.at, key=self.idempotency_key,
        )  # fmt: skip


class _GuardianFields(forms.Form):
    """Who a guardian is."""

    name = forms.CharField(label=_("Guardian's name"), max_length=120)
    email = EmailField(label=_("Guardian's e-mail"), required=False, help_text=NO_EMAIL)
    phone = PhoneField(label=_("Guardian's phone"), required=False)
    language = language_field(_("Guardian's language"), help_text=LANGUAGE_HELP)


class NameGuardianForm(EntryForm, _GuardianFields):
    """Name a guardian, who is invited to sign."""

    submit: ClassVar[Words] = _("Name the guardian")
    field_order = ["name", "email", "phone", "language"]
    #: Whose part ends with it.
    instead_of: Guardian | None = None

    def clean_email(self) -> str:
        """An address of their own."""
        email: str = self.cleaned_data["email"]
        if email and email.lower() == self.ctx.patient.email:
            raise forms.ValidationError(_("The guardian needs an address of their own."))
        return email

    def enter(self) -> None:
        data, instead_of = self.cleaned_data, self.instead_of
        guardians.name_guardian(
            patient=self.ctx.patient.id, name=data["name"], email=data["email"], by=self.ctx.by, at=self.ctx.at,
            key=self.idempotency_key, instead_of=instead_of.pk if instead_of else None, reason=data.get("reason", ""),
            language=data["language"], phone=data["phone"],
        )  # fmt: skip

    def _post_clean(self) -> None:
        super(EntryForm, self)._post_clean()


class ReplaceGuardianForm(NameGuardianForm, WithReason):
    """Another guardian in the place of one whose part ends."""

    danger: ClassVar[bool] = False
    submit: ClassVar[Words] = _("Replace the guardian")
    field_order = ["name", "email", "phone", "language", "reason"]


class CorrectGuardianForm(_Correcting, _GuardianFields):
    """Correct a guardian's name, e-mail address, phone number or language."""

    field_order = ["name", "email", "phone", "language", "reason"]

    def __init__(self, *args: Any, ctx: PatientContext, guardian: Guardian, **kwargs: Any) -> None:
        self.guardian = guardian
        known = {"name": guardian.name, "email": guardian.email, "phone": guardian.phone}
        known["language"] = language_of(guardian)
        super().__init__(*args, ctx=ctx, known=known, **kwargs)

    def enter(self) -> None:
        self.corrected = guardians.correct_guardian(
            patient=self.ctx.patient.id, guardian=self.guardian.pk,
            contact=self.changes, reason=self.cleaned_data["reason"], by=self.ctx.by, at=self.ctx.at,
            key=self.idempotency_key,
        )  # fmt: skip


class EndGuardianForm(WithReason):
    """End a guardian's part."""

    submit: ClassVar[Words] = _("End the guardian's part")
    guardian: Guardian

    def enter(self) -> None:
        guardians.end_guardian(
            patient=self.ctx.patient.id, guardian=self.guardian.pk, reason=self.cleaned_data["reason"],
            by=self.ctx.by, at=self.ctx.at, key=self.idempotency_key,
        )  # fmt: skip

    def _post_clean(self) -> None:
        super(EntryForm, self)._post_clean()
