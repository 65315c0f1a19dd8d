"""Invitations, new passwords, registering: what stands before signing in."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts import tokens
from accounts.models import User
from accounts.roles import GUARDIAN, public
from compliance import documents
from compliance.actions import invitations, registering
from compliance.actions.registering import Applicant
from compliance.desks.attesting import attested_by
from compliance.desks.common import form_page
from compliance.words.gate import invitation_words
from ledger.clock import now
from patients.invitations import of_token
from patients.models import Invitation

from .forms import AcceptForm, ChoosePasswordForm, PharmacyForm, PracticeForm, _RegisterForm

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@public
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Looking at an invitation uses nothing up; accepting it with the birth date does."""
    identifier = of_token(token)
    found = Invitation.objects.filter(pk=identifier).first() if identifier else None
    if found is None:
        raise Http404
    account = request.user if isinstance(request.user, User) and request.user.role == GUARDIAN else None
    guardian = found.guardian_id is not None
    form = AcceptForm(request.POST or None, guardian=guardian, signed_in=guardian and account is not None)
    if request.method == "POST" and form.is_valid():
        given = invitations.Acceptance(
            born_on=form.cleaned_data["born_on"],
            password=form.cleaned_data.get("password1", ""),
            account=account if guardian else None,
        )
        try:
            user = invitations.accept(invitation=found.pk, given=given, at=now(), key=form.idempotency_key)
        except invitations.NotAccepted as refused:
            field = "born_on" if refused.code == "birth-date-wrong" else None
            form.refuse(invitation_words(refused.code), field)
        else:
            login(request, user, backend=BACKEND)
            messages.success(request, _("Welcome. Your account is open."))
            return redirect("home")
    lead = _("To be sure that it is you, we ask for the date of birth. Opening this page uses nothing up.")
    return form_page(request, form, title=_("You are invited"), lead=lead)


@public
def choose_password(request: HttpRequest, token: str) -> HttpResponse:
    """Choose the password of an account that has none yet."""
    account = tokens.of_token(token)
    user = User.objects.filter(pk=account, is_active=True).first() if account else None
    if user is None or user.has_usable_password():
        raise Http404
    form = ChoosePasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user.set_password(form.cleaned_data["password1"])
        user.save(update_fields=["password"])
        messages.success(request, _("Your password is saved. Please sign in."))
        return redirect("account_login")
    return form_page(request, form, title=_("Choose a password"))


@public
def register_practice(request: HttpRequest) -> HttpResponse:
    """Register a practice; a program officer approves it."""
    return _register(request, PracticeForm, "prescriber-attestation", "practice_name", registering.practice)


@public
def register_pharmacy(request: HttpRequest) -> HttpResponse:
    """Register a pharmacy; a program officer approves it."""
    return _register(request, PharmacyForm, "pharmacy-attestation", "pharmacy_name", registering.pharmacy)


def _register(
    request: HttpRequest, form_class: type[_RegisterForm], code: str, place: str, action: Callable[..., User]
) -> HttpResponse:
    document = documents.current(code, "en")
    form = form_class(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data, at = form.cleaned_data, now()
        attested, name = attested_by(document, data["name"], UUID(int=0), at)
        who = Applicant(
            name=data["name"], email=data["email"], password=data["password1"], place=data[place], npi=data["npi"],
            phone=data["phone"], address=data["address"],
        )  # fmt: skip
        try:
            user = action(who=who, attested=attested, sealed=name, at=at, key=form.idempotency_key)
        except registering.Taken:
            form.refuse(_("This NPI is registered already. Ask the program office."), "npi")
        else:
            login(request, user, backend=BACKEND)
            messages.success(request, _("Thank you. The program office looks at your application."))
            return redirect("home")
    title = _("Register a practice") if code.startswith("prescriber") else _("Register a pharmacy")
    return form_page(request, form, title=title, template="desk/attest.html", document=document)
