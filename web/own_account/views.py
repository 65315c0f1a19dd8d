"""What its owner changes about an account: name, language, the address by which it signs in, a patient's telephone
number.
"""

from contextlib import suppress
from typing import ClassVar
from uuid import uuid4

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts import other_reader
from accounts.address_change import Change, change_of_token
from accounts.fields import UserNameField
from accounts.languages import LANGUAGES
from accounts.models import User
from accounts.registration_link import LinkOver
from accounts.roles import DESIGNEE, GUARDIAN, OFFICER, PATIENT, PHARMACIST, PRESCRIBER, ROLES, for_roles, public
from compliance.commands import address_change, contacts
from compliance.commands.decide import NotPermitted
from compliance.commands.entries import EntryRefused
from compliance.words.refusals import refusal_words
from ledger.actor import Actor
from ledger.clock import now
from ledger.idempotency import KeyReused
from patients.fields import PhoneField
from patients.models import Guardian, Patient
from patients.people import actor_of
from ui import theme
from ui.fields import OUT_OF_DATE, EmailField
from ui.forms import BaseForm
from ui.navigation import Words
from web.shared import page_language
from web.shared.common import form_page, reader_of
from web.shared.languages import language_field


class NameForm(BaseForm):
    """One's own name."""

    submit: ClassVar[Words] = gettext_lazy("Save the name")
    about_self: ClassVar[bool] = True

    name = forms.CharField(label=gettext_lazy("Your name"), max_length=120)


class AddressForm(BaseForm):
    """Another address for one's own account."""

    submit: ClassVar[Words] = gettext_lazy("Send the link")
    about_self: ClassVar[bool] = True

    email = EmailField(label=gettext_lazy("New e-mail address"))


class UserNameForm(BaseForm):
    """By what one signs in from now on who has no e-mail address any more."""

    submit: ClassVar[Words] = gettext_lazy("Sign in by this from now on")
    about_self: ClassVar[bool] = True

    user_name = UserNameField()


class PhoneForm(BaseForm):
    """One's own telephone number."""

    submit: ClassVar[Words] = gettext_lazy("Save the number")
    about_self: ClassVar[bool] = True

    phone = PhoneField(required=False)


class LanguageForm(BaseForm):
    """The language in which one wants to be addressed."""

    submit: ClassVar[Words] = gettext_lazy("Save the language")
    about_self: ClassVar[bool] = True

    language = language_field(gettext_lazy("Language"), unknown=gettext_lazy("As my browser asks for it"))


class ConfirmForm(BaseForm):
    """The new address is mine."""

    submit: ClassVar[Words] = gettext_lazy("Use this address")


def _back() -> tuple[Words, str]:
    return (_("Your account"), reverse("mfa_index"))


def owner_of(reader: User) -> Actor:
    """The owner of an account that holds several places, on a page that is shown before one is chosen."""
    return actor_of(reader) if reader.role else Actor(reader.pk, reader.opened_as)


@for_roles(PRESCRIBER, DESIGNEE, GUARDIAN, PHARMACIST, OFFICER)
def name(request: HttpRequest) -> HttpResponse:
    """Correct one's own name. A patient's is corrected by the practice."""
    reader = reader_of(request)
    form = NameForm(request.POST or None, initial={"name": reader.name})
    if request.method == "POST" and form.is_valid():
        try:
            address_change.correct_name(
                user=reader, name=form.cleaned_data["name"], by=actor_of(reader), at=now(), key=form.idempotency_key
            )
        except address_change.NothingChanged:
            form.refuse(refusal_words("nothing-changed"), "name")
        except KeyReused:
            form.refuse(OUT_OF_DATE)
        else:
            messages.success(request, _("Your name is saved. What you signed before keeps the name it has."))
            return redirect("mfa_index")
    lead = _("It is printed with what you sign from now on.")
    return form_page(request, form, title=_("Correct your name"), lead=lead, back=_back())


@for_roles(*ROLES)
def address(request: HttpRequest) -> HttpResponse:
    """Ask for another address to sign in by, after saying once more who one is."""
    answer: HttpResponse = reauthentication_required(_address)(request)
    return answer


def _address(request: HttpRequest) -> HttpResponse:
    reader = reader_of(request)
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        if email.lower() == reader.email:
            form.refuse(_("This is the address that you have."), "email")
        elif _ask(form, reader, email):
            messages.success(request, _("We sent a link to the new address. Open it within three days."))
            return redirect("mfa_index")
    lead = _("You sign in as %(email)s. The new address counts once you have opened a link that we send to it.")
    lead %= {"email": reader.sign_in_name}
    return form_page(request, form, title=_("Change your address"), lead=lead, back=_back())


def _ask(form: BaseForm, reader: User, email: str) -> bool:
    try:
        address_change.ask(user=reader, email=email, by=owner_of(reader), at=now(), key=form.idempotency_key)
    except KeyReused:
        form.refuse(OUT_OF_DATE)
        return False
    return True


@for_roles(*ROLES)
def user_name(request: HttpRequest) -> HttpResponse:
    """Go on without an e-mail address, after saying once more who one is."""
    answer: HttpResponse = reauthentication_required(_user_name)(request)
    return answer


def _user_name(request: HttpRequest) -> HttpResponse:
    reader = reader_of(request)
    if reader.is_staff_account:
        messages.error(request, _STAFF_NEED_AN_ADDRESS)
        return redirect("mfa_index")
    form = UserNameForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _given_up(request, form, reader):
        messages.success(request, _("From now on you sign in by your user name. You are signed out elsewhere."))
        return redirect("mfa_index")
    lead = _(
        "You sign in as %(name)s. In its place choose a user name. We write to you no more. If you forget your "
        "password, your practice prints a letter for you, once the program office has made sure who you are."
    )
    lead %= {"name": reader.sign_in_name}
    return form_page(request, form, title=_("I have no e-mail any more"), lead=lead, back=_back())


_STAFF_NEED_AN_ADDRESS = gettext_lazy("Whoever works at a practice, a pharmacy or the office needs an e-mail address.")


def _given_up(request: HttpRequest, form: BaseForm, reader: User) -> bool:
    try:
        address_change.give_up(
            user=reader, user_name=form.cleaned_data["user_name"], by=owner_of(reader), at=now(),
            key=form.idempotency_key, session=request.session.session_key or "",
        )  # fmt: skip
    except address_change.AddressTaken:
        form.refuse(_("Somebody has this user name already. Choose another one."), "user_name")
    except address_change.LinkOver:
        form.refuse(_("You sign in by a user name already."))
    except NotPermitted:
        form.refuse(_STAFF_NEED_AN_ADDRESS)
    except KeyReused:
        form.refuse(OUT_OF_DATE)
    else:
        return True
    return False


@public
def confirm_address(request: HttpRequest, token: str) -> HttpResponse:
    """The link that went to the new address. It asks its owner to sign in, and does nothing for anybody else."""
    try:
        change = change_of_token(token)
    except LinkOver:
        return _over(request)
    if change is None:
        raise Http404
    reader = request.user
    if not isinstance(reader, User):
        messages.info(
            request, _("Sign in to confirm your new address. Use the address or the user name that you had before.")
        )
        return redirect(f"{reverse('account_login')}?next={request.path}")
    if reader.pk != change.account:
        return other_reader.page(request)
    if request.method != "POST" and reader.email == change.email:
        return _over(request)
    return _confirm(request, reader, change, token)


def _over(request: HttpRequest) -> HttpResponse:
    return render(request, "own_account/link_over.html", status=410)


def _confirm(request: HttpRequest, reader: User, change: Change, token: str) -> HttpResponse:
    form = ConfirmForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        session = request.session.session_key or ""
        try:
            address_change.confirm(
                token=token, by=owner_of(reader), at=now(), key=form.idempotency_key, session=session
            )
        except address_change.LinkOver:
            return _over(request)
        except address_change.AddressTaken:
            form.refuse(_("Another account has this address. Ask for another one."))
        except KeyReused:
            form.refuse(OUT_OF_DATE)
        else:
            messages.success(request, _("From now on you sign in by your new address. You are signed out elsewhere."))
            return redirect("mfa_index")
    lead = _("You sign in as %(old)s. From now on it is %(new)s.") % {"old": reader.sign_in_name, "new": change.email}
    return form_page(request, form, title=_("Your new e-mail address"), lead=lead, back=_back())


@for_roles(PATIENT, GUARDIAN)
def phone(request: HttpRequest) -> HttpResponse:
    """One's own telephone number: a patient's, or a guardian's beside each of their minors."""
    reader = reader_of(request)
    form = PhoneForm(request.POST or None, initial={"phone": own_phone(reader)})
    if request.method == "POST" and form.is_valid():
        try:
            _save_phone(reader, form)
        except (EntryRefused, address_change.NothingChanged):
            form.refuse(refusal_words("nothing-changed"), "phone")
        except KeyReused:
            form.refuse(OUT_OF_DATE)
        else:
            messages.success(request, _("Your phone number is saved."))
            return redirect("mfa_index")
    return form_page(request, form, title=_("Your phone number"), back=_back())


def own_phone(reader: User) -> str:
    """The number in the file of a patient or a guardian."""
    if reader.role == GUARDIAN:
        return Guardian.objects.filter(user=reader).order_by("id").values_list("phone", flat=True).first() or ""
    return get_object_or_404(Patient, pk=actor_of(reader).acting_for, user=reader).phone


def _save_phone(reader: User, form: PhoneForm) -> None:
    by, number, at, key = actor_of(reader), form.cleaned_data["phone"], now(), form.idempotency_key
    if by.role == GUARDIAN:
        address_change.correct_own_phone(user=reader, phone=number, by=by, at=at, key=key)
    elif by.acting_for is not None:
        contacts.correct_patient(patient=by.acting_for, contact={"phone": number}, reason="", by=by, at=at, key=key)


@for_roles(*ROLES)
def language(request: HttpRequest) -> HttpResponse:
    """The language in which one wants to be addressed. The header's switch does the same, and needs no page."""
    reader = reader_of(request)
    form = LanguageForm(request.POST or None, initial={"language": reader.language})
    if request.method == "POST" and form.is_valid():
        chosen, key = form.cleaned_data["language"], form.idempotency_key
        try:
            address_change.choose_language(user=reader, language=chosen, by=owner_of(reader), at=now(), key=key)
        except address_change.NothingChanged:
            form.refuse(refusal_words("nothing-changed"), "language")
        except KeyReused:
            form.refuse(OUT_OF_DATE)
        else:
            page_language.speak(chosen)
            messages.success(request, _("Your language is saved. What you signed before stays as it is."))
            answer = redirect("mfa_index")
            page_language.remember(answer, chosen)
            return answer
    lead = _("Pages, texts to sign and messages are in it.")
    return form_page(request, form, title=_("Your language"), lead=lead, back=_back())


@public
@require_http_methods(["GET", "HEAD", "POST"])
def switch_language(request: HttpRequest) -> HttpResponse:
    """The other language, pressed in the header of any page: a link that sets a cookie for who is not signed in, else a
    form, by which the account keeps it too.
    """
    answer, chosen = redirect(_page_before(request)), (request.POST or request.GET).get("to", "")
    if chosen not in LANGUAGES:
        return answer
    if request.method == "POST" and isinstance(request.user, User) and request.user.language != chosen:
        # It needs no key of its own: the same twice is nothing new. The header would bring one to every page.
        with suppress(address_change.NothingChanged):
            address_change.choose_language(
                user=request.user, language=chosen, by=owner_of(request.user), at=now(), key=uuid4()
            )
    page_language.remember(answer, chosen)
    return answer


@public
@require_safe
def switch_theme(request: HttpRequest) -> HttpResponse:
    """Light or dark, pressed in the footer of any page: a link that sets a cookie."""
    answer, chosen = redirect(_page_before(request)), request.GET.get("to", "")
    if chosen in theme.THEMES:
        theme.remember(answer, chosen)
    return answer


def _page_before(request: HttpRequest) -> str:
    """The page on which the switch was pressed, as the browser says; or else the first one."""
    page = request.headers.get("Referer", "")
    return page if url_has_allowed_host_and_scheme(page, {request.get_host()}, request.is_secure()) else reverse("home")
