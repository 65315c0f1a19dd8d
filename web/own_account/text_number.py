"""The number to which text messages to the reader go: asked for, confirmed by a code, taken back."""

from typing import ClassVar

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts import rate_limits
from accounts.models import User
from accounts.roles import GUARDIAN, PATIENT, ROLES, for_roles
from compliance.commands import text_number
from ledger.clock import now
from ledger.idempotency import KeyReused
from notifications import numbers
from patients.fields import PhoneField
from ui.fields import OUT_OF_DATE
from ui.forms import BaseForm
from ui.navigation import Words
from web.shared.common import form_page, pressed, reader_of

from .views import own_phone, owner_of


class NumberForm(BaseForm):
    """To which number text messages go."""

    submit: ClassVar[Words] = gettext_lazy("Send me a code")
    about_self: ClassVar[bool] = True

    phone = PhoneField(label=gettext_lazy("Mobile phone number"))


class FileNumberForm(BaseForm):
    """The number in the file: nothing to type."""

    submit: ClassVar[Words] = gettext_lazy("Send me a code")


class CodeForm(BaseForm):
    """The code that came as a text message."""

    submit: ClassVar[Words] = gettext_lazy("Confirm the number")
    about_self: ClassVar[bool] = True

    code = forms.CharField(
        label=gettext_lazy("Code"), max_length=12, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )


_TOO_MANY = gettext_lazy("We sent several codes already. Try again tomorrow.")


def _back() -> tuple[Words, str]:
    return (_("Your messages"), reverse("own_account:messages"))


@for_roles(*ROLES)
def number(request: HttpRequest) -> HttpResponse:
    """Have a code sent: a patient and a guardian to the number in the file, all others to the one they type."""
    _there_are_text_messages()
    reader = reader_of(request)
    of_file = own_phone(reader) if reader.role in (PATIENT, GUARDIAN) else None
    if of_file == "":
        messages.info(request, _("Enter your phone number first. Then we can send you text messages."))
        return redirect("own_account:phone")
    form: BaseForm = NumberForm(request.POST or None) if of_file is None else FileNumberForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _asked(request, form, reader, of_file or ""):
        return redirect("own_account:text_code")
    lead = _("Text messages say little: that something needs you, and a link to sign in.")
    if of_file is not None:
        lead = _("%(said)s They go to %(number)s, the number in your file, once it is confirmed.") % {
            "said": lead, "number": of_file,
        }  # fmt: skip
    return form_page(
        request, form, title=_("Text messages"), lead=lead, back=_back(), template="own_account/text_number.html",
        number=numbers.number_of(reader.pk), of_file=of_file,
    )  # fmt: skip


def _there_are_text_messages() -> None:
    if not settings.SMS_GATEWAY:
        raise Http404


def _asked(request: HttpRequest, form: BaseForm, reader: User, of_file: str) -> bool:
    field = None if of_file else "phone"
    if rate_limits.consume(request, "code_asked") is None:
        form.refuse(_TOO_MANY, field)
        return False
    wanted = of_file or form.cleaned_data["phone"]
    try:
        text_number.ask(user=reader, number=wanted, by=owner_of(reader), at=now(), key=form.idempotency_key)
    except text_number.TooManyCodes:
        form.refuse(_TOO_MANY, field)
    except KeyReused:
        form.refuse(OUT_OF_DATE)
    else:
        return True
    return False


@for_roles(*ROLES)
def code(request: HttpRequest) -> HttpResponse:
    """Type the code that was sent."""
    _there_are_text_messages()
    reader, at = reader_of(request), now()
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            text_number.confirm(
                user=reader, code=form.cleaned_data["code"], by=owner_of(reader), at=at, key=form.idempotency_key
            )
        except text_number.WrongCode:
            form.refuse(_("This is not the code that we sent."), "code")
        except text_number.CodeOver:
            form.refuse(_("This code is over. Have another one sent."), "code")
        except KeyReused:
            form.refuse(OUT_OF_DATE)
        else:
            messages.success(request, _("The number is confirmed. Choose below what we send you there."))
            return redirect("own_account:messages")
    lead = _("We sent six digits to your phone. They are good for ten minutes.")
    back = (_("Text messages"), reverse("own_account:text_number"))
    return form_page(request, form, title=_("Type the code"), lead=lead, back=back)


@require_POST
@for_roles(*ROLES)
def remove(request: HttpRequest) -> HttpResponse:
    """Take the number back: a button of the page of the number."""
    _there_are_text_messages()
    if (key := pressed(request)) is not None:
        reader = reader_of(request)
        try:
            text_number.remove(user=reader, by=owner_of(reader), at=now(), key=key)
        except KeyReused:
            messages.error(request, OUT_OF_DATE)
        else:
            messages.success(request, _("We send you no more text messages."))
    return redirect("own_account:messages")
