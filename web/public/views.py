"""Invitations, new passwords, registering: what stands before signing in."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts import failed_attempts, other_reader, rate_limits, registration_link, set_password_link
from accounts.models import User
from accounts.repeats import answers_again, is_their_password
from accounts.roles import DESIGNEE, PHARMACIST, PRESCRIBER, public
from accounts.trusted_browsers import officers_of
from compliance.commands import invitations, joining, place_links, registering
from compliance.commands.certifying import APPLICATION as APPLICATION_SIGNED
from compliance.signatures import make_signature
from compliance.words.gate import invitation_words
from compliance.words.glossary import in_order
from ledger.clock import now
from ledger.idempotency import KeyReused
from patients.invitations import invitation_of_token
from patients.models import Invitation
from ui.fields import OUT_OF_DATE
from ui.forms import BaseForm
from ui.navigation import Words
from web.shared.common import form_page
from web.shared.joining_steps import ADDRESS, APPLICATION, joining_steps, step_of_all
from web.shared.tested import tests_concern

from .forms import (
    IN_USE,
    AcceptForm,
    JoinForm,
    PharmacyForm,
    PracticeForm,
    RegistrationAddressForm,
    RegistrationForm,
    SetPasswordForm,
)
from .welcome import OPEN, in_place, joined, over_page, sign_in, status_of


@require_safe
@public
def glossary(request: HttpRequest) -> HttpResponse:
    """What the program's words mean, for every reader, signed in or not."""
    reader = request.user
    tested = not isinstance(reader, User) or tests_concern(reader, now())
    context = {"title": _("What the words mean"), "terms": in_order(tested=tested)}
    return render(request, "public/glossary.html", context)


def _sign_in_again(request: HttpRequest, answer: Mapping[str, Any], token: str) -> HttpResponse | None:
    """Whoever sends the form once more is let in as at the page for signing in: by the password, which is counted."""
    user = User.objects.get(pk=answer["account"])
    if answer.get("joined"):
        row = Invitation.objects.filter(pk=invitation_of_token(token) or UUID(int=0)).first()
        return joined(request, user, row) if row is not None and request.user == user else None
    if request.user != user and not is_their_password(request, user, request.POST.get("password1", "")):
        return None
    return sign_in(request, user, OPEN)


def _invited(request: HttpRequest, token: str) -> UUID | None:
    identifier = invitation_of_token(token)
    return invitations.invited(identifier).account if identifier else None


_JOINING = gettext_lazy(
    "You are signed in as %(name)s. This becomes another place of your account; nothing of the others is shown there. "
    "To be sure that it is you, we ask for the date of birth."
)


@public
@answers_again(_sign_in_again, actor=_invited)
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Looking at an invitation uses nothing up; accepting it with the birth date does."""
    identifier = invitation_of_token(token)
    rows = Invitation.objects.select_related("patient", "guardian")
    row = rows.filter(pk=identifier).first() if identifier else None
    if row is None:
        raise Http404
    at = now()
    if (code := invitations.over(row, at)) is not None:
        return over_page(request, code)
    reader = request.user if isinstance(request.user, User) else None
    if (other := other_reader.refused_by_address(request, joining.address_of(row))) is not None:
        return other
    account = reader or joining.account_at(joining.address_of(row))
    if account is not None and (refused := joining.why_not(row, account)) is not None:
        return over_page(request, refused)
    if account is not None and reader is None and request.method != "POST":
        return render(request, "public/sign_in_first.html")
    form = AcceptForm(request.POST or None, guardian=row.guardian_id is not None, signed_in=reader is not None)
    if request.method == "POST" and form.is_valid():
        acceptance = invitations.Acceptance(
            born_on=form.cleaned_data["born_on"], password=form.cleaned_data.get("password1", ""), account=reader
        )
        user = _accepted(request, form, row.pk, acceptance, at)
        if user is not None:
            return sign_in(request, user, OPEN) if reader is None else joined(request, user, row)
    lead = _("To be sure that it is you, we ask for the date of birth. Opening this page uses nothing up.")
    if reader is not None:
        lead = _JOINING % {"name": reader.name}
    return form_page(request, form, title=_("You are invited"), lead=lead)


def _accepted(
    request: HttpRequest, form: AcceptForm, invitation: UUID, acceptance: invitations.Acceptance, at: datetime
) -> User | None:  # fmt: skip
    """The account; None where the form is shown again."""
    try:
        user = invitations.accept(invitation=invitation, acceptance=acceptance, at=at, key=form.idempotency_key)
    except invitations.NotAccepted as refused:
        field = "born_on" if refused.code == "birth-date-wrong" else None
        form.refuse(invitation_words(refused.code), field)
    except ValidationError as too_easy:
        form.add_error("password1", too_easy)
    except KeyReused as reused:
        if isinstance(reused, invitations.NotTheirPassword):
            failed_attempts.record_failure(reused.account.sign_in_name, request)
        form.refuse(OUT_OF_DATE)
    else:
        return user
    return None


def _chosen(request: HttpRequest, *_args: object, **_parts: object) -> HttpResponse:
    messages.success(request, _("Your password is saved. Please sign in."))
    return redirect("account_login")


def _chosen_again(request: HttpRequest, answer: Mapping[str, Any], token: str) -> HttpResponse | None:
    user = User.objects.get(pk=answer["account"])
    if "place" in answer and request.user == user:
        return in_place(request, user, answer["place"])
    return _chosen(request) if is_their_password(request, user, request.POST.get("password1", "")) else None


def _owner(request: HttpRequest, token: str) -> UUID | None:
    return set_password_link.account_of(token)


@public
@answers_again(_chosen_again, actor=_owner)
def set_password(request: HttpRequest, token: str) -> HttpResponse:
    """Choose the password of an account that has none yet; or, with an account of that address, take the place."""
    user = set_password_link.user_of_token(token)
    if user is None:
        raise Http404
    if (other := other_reader.refused_by_address(request, user.address)) is not None:
        return other
    if (owner := place_links.owner_of(user)) is not None:
        return _join(request, user, owner)
    form = SetPasswordForm(request.POST or None)
    # With the address that it is about to get: the password is not made of that either.
    form.owner = User(name=user.name, email=user.address)
    if request.method == "POST" and form.is_valid():
        password = form.cleaned_data["password1"]
        try:
            is_first = set_password_link.set_password(user, password, at=now(), key=form.idempotency_key)
        except set_password_link.LinkUsed:
            raise Http404 from None
        except set_password_link.AddressTaken:
            return _has_account(request)
        except KeyReused:
            form.refuse(OUT_OF_DATE)
        else:
            user.refresh_from_db()
            if is_first or is_their_password(request, user, password):
                return _chosen(request)
            raise Http404
    return form_page(request, form, title=_("Choose a password"))


def _join(request: HttpRequest, invited: User, owner: User) -> HttpResponse:
    """The link went to an address that has an account: its owner takes the place, signed in; or opens it again."""
    opens = place_links.what_it_opens(invited, owner)
    if opens == place_links.NOTHING:
        return _has_account(request)
    reopens = opens == place_links.REOPEN
    if not reopens and request.user != owner:
        return _has_account(request, comes_back=True)
    form: BaseForm = SetPasswordForm(request.POST or None) if reopens else JoinForm(request.POST or None)
    if isinstance(form, SetPasswordForm):
        form.owner = owner
    if request.method == "POST" and form.is_valid():
        password = form.cleaned_data["password1"] if reopens else None
        try:
            code = place_links.join(invited=invited, owner=owner, password=password, at=now(), key=form.idempotency_key)
        except place_links.NotJoined:
            raise Http404 from None
        except KeyReused:
            form.refuse(OUT_OF_DATE)
        else:
            return _chosen(request) if reopens else in_place(request, User.objects.get(pk=owner.pk), code)
    title = _("Open your account again") if reopens else _("Another place for your account")
    return form_page(request, form, title=title, lead=_JOINS[invited.opened_as, reopens])


_JOINS = {
    (DESIGNEE, False): gettext_lazy(
        "A practice has added you as a designee. This becomes another place of your account; nothing of the others is "
        "shown there."
    ),
    (PHARMACIST, False): gettext_lazy(
        "A pharmacy has added you as a pharmacist. This becomes another place of your account; nothing of the others "
        "is shown there."
    ),
    (DESIGNEE, True): gettext_lazy(
        "A practice has added you as a designee. Your account was closed when you left your last one. Choose a new "
        "password, and it opens for the new practice. Your second factor stays."
    ),
    (PHARMACIST, True): gettext_lazy(
        "A pharmacy has added you as a pharmacist. Your account was closed when you left your last one. Choose a new "
        "password, and it opens for the new pharmacy. Your second factor stays."
    ),
}


def _has_account(request: HttpRequest, *, comes_back: bool = False) -> HttpResponse:
    """To whoever opened a link that went to an address with an account; `comes_back`: the link goes on after that."""
    context = {"has_account": True, "next": request.path if comes_back else ""}
    return render(request, "public/registration_over.html", context, status=status_of(request))


@public
def register_practice(request: HttpRequest) -> HttpResponse:
    """Ask for the link by which a practice is registered."""
    return _ask(request, "practice", PracticeForm.title)


@public
def register_pharmacy(request: HttpRequest) -> HttpResponse:
    """Ask for the link by which a pharmacy is registered."""
    return _ask(request, "pharmacy", PharmacyForm.title)


def _ask(request: HttpRequest, what: registering.What, title: Words) -> HttpResponse:
    """The same answer whosever the address is: an address counts once a link that went to it is opened."""
    form = RegistrationAddressForm(request.POST or None)
    lead = _("We send a link to this address. Open it to go on.")
    page = partial(form_page, request, form, title=title, lead=lead, **_step(ADDRESS, _ROLES[what]))
    if request.method == "POST" and form.is_valid():
        if rate_limits.consume(request, "registered") is None:
            form.refuse(TOO_MANY)
            return page(status=429)
        try:
            registering.ask(email=form.cleaned_data["email"], what=what, at=now(), key=form.idempotency_key)
        except KeyReused:
            form.refuse(OUT_OF_DATE)
        else:
            return redirect("public:registration_letter")
    return page()


#: Who registers what.
_ROLES = {"practice": PRESCRIBER, "pharmacy": PHARMACIST}


def _step(here: int, role: str) -> dict[str, Any]:
    """What a page of the registration says about the way: which step it is, and what comes next."""
    return {"template": "public/register.html", "eyebrow": step_of_all(here), "steps": joining_steps(here, role)}


TOO_MANY = gettext_lazy("Too many have registered from your network. Please try again in an hour.")


@public
@require_safe
def registration_letter(request: HttpRequest) -> HttpResponse:
    """What happens next, whosever the address is."""
    context = {"eyebrow": step_of_all(ADDRESS), "steps": joining_steps(ADDRESS)}
    return render(request, "public/registration_letter.html", context)


@public
def practice_registration(request: HttpRequest, token: str) -> HttpResponse:
    """Register a practice; a program officer approves it."""
    return _register(request, token, PracticeForm, registering.practice)


@public
def pharmacy_registration(request: HttpRequest, token: str) -> HttpResponse:
    """Register a pharmacy; a program officer approves it."""
    return _register(request, token, PharmacyForm, registering.pharmacy)


def _register(
    request: HttpRequest, token: str, form_class: type[RegistrationForm], action: Callable[..., User]
) -> HttpResponse:
    try:
        email = registration_link.email_of_token(token)
    except registration_link.LinkOver:
        return render(request, "public/registration_over.html", {"has_account": False}, status=status_of(request))
    if email is None:
        raise Http404
    if (other := other_reader.refused_by_address(request, email)) is not None:
        return other
    if request.method != "POST" and User.objects.filter(email=email).exists():
        return _has_account(request)
    at = now()
    form = form_class(request.POST or None, at=at, email=email)
    lead = _("You register with the address %(email)s.") % {"email": email}
    page = partial(form_page, request, form, title=form.title, lead=lead, **_step(APPLICATION, form.role))
    if request.method == "POST" and form.is_valid():
        if rate_limits.consume(request, "registered") is None:
            form.refuse(TOO_MANY)
            return page(status=429)
        key, who = form.idempotency_key, replace(form.applicant, officers=tuple(officers_of(request)))
        # The password that signs is chosen in this very form.
        signature = make_signature(
            form.document, form.printed_name, APPLICATION_SIGNED,
            subject=who.id, by=who.actor(form.role), key=key,
        )  # fmt: skip
        try:
            user = action(who=who, signature=signature, at=at, key=key)
        except registering.Taken:
            form.refuse(IN_USE)
        except KeyReused:
            form.refuse(OUT_OF_DATE)
        else:
            if user.pk == who.account or is_their_password(request, user, who.password):
                return sign_in(request, user, _("Thank you. The program office reviews your application."))
            form.refuse(OUT_OF_DATE)
    return page()
