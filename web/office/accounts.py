"""One account before the office: whose it is, what happened to it, and closing it."""

from typing import ClassVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.erased import is_erased
from accounts.models import User
from accounts.recovery import account_of
from accounts.repeats import answers_again
from accounts.roles import OFFICER, for_roles
from compliance.commands import people
from compliance.words.kinds import ACCOUNT_EVENTS
from ledger.clock import now
from ledger.idempotency import KeyReused
from ledger.models import LogRecord
from patients.models import Prescriber
from patients.people import actor_of
from patients.places import labels
from ui.fields import OUT_OF_DATE, EmailField
from ui.forms import BaseForm
from ui.navigation import Words
from web.shared.common import form_page, reader_of
from web.shared.deactivation import closed, deactivation_page, opened, reactivation_page
from web.shared.lists import page_of


class FindForm(BaseForm):
    """Whose account."""

    submit: ClassVar[Words] = gettext_lazy("Find the account")

    email = forms.CharField(label=gettext_lazy("E-mail address or user name of the account"), max_length=254)


@for_roles(OFFICER)
def find(request: HttpRequest) -> HttpResponse:
    """Find an account by its address or user name, which is never put into a link."""
    form = FindForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = account_of(form.cleaned_data["email"])
        if user is not None:
            return redirect("office:account", account=user.pk)
        form.refuse(_("No account has that address or user name."), "email")
    return form_page(request, form, title=_("Find an account"), back=(_("Accounts"), reverse("office:accounts")))


class OfficerForm(BaseForm):
    """Another officer."""

    submit: ClassVar[Words] = gettext_lazy("Add the officer")

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    email = EmailField(label=gettext_lazy("E-mail"))


@for_roles(OFFICER)
def add_officer(request: HttpRequest) -> HttpResponse:
    """Make another officer's account, which a second officer opens."""
    form = OfficerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = people.add_officer(
                name=data["name"], email=data["email"], by=actor_of(reader_of(request)), at=now(),
                key=form.idempotency_key,
            )  # fmt: skip
        except KeyReused:
            form.refuse(OUT_OF_DATE)
        else:
            messages.info(
                request,
                _("The account is made, and closed. Another officer opens it within a week, and the link goes out."),
            )
            return redirect(_url(made))
    return form_page(request, form, title=_("Add an officer"), back=(_("Accounts"), reverse("office:accounts")))


@require_safe
@for_roles(OFFICER)
def account(request: HttpRequest, account: UUID) -> HttpResponse:
    """Whose it is, whether it is open, and what happened to it, newest first."""
    user = get_object_or_404(User, pk=account)
    page = page_of(request, LogRecord.objects.filter(subject_kind="account", subject=user.pk), "-number")
    names = dict(User.objects.filter(pk__in=[row.actor for row in page]).values_list("pk", "name"))
    lines = [
        {"entry": row, "words": ACCOUNT_EVENTS[row.kind], "by": names.get(row.actor, _("Clearfill"))} for row in page
    ]
    places = list(labels(user).values())
    context = {"account": user, "places": places, "page": page, "lines": lines, "own": user == reader_of(request)}
    context["prescriber"] = Prescriber.objects.filter(user=user).values_list("pk", flat=True).first()
    context["erased"] = is_erased(user)
    return render(request, "office/account.html", context)


def _back(account: User) -> tuple[Words, str]:
    return _("Account"), _url(account.pk)


def _url(account: UUID) -> str:
    return reverse("office:account", kwargs={"account": account})


def _closed(request: HttpRequest, _answer: object, account: UUID) -> HttpResponse:
    return closed(request, _url(account))


@for_roles(OFFICER)
@answers_again(_closed)
def deactivate(request: HttpRequest, account: UUID) -> HttpResponse:
    """Close it, on the day on which its owner leaves; one's own another officer closes."""
    user = get_object_or_404(User, pk=account, is_active=True)
    return deactivation_page(request, user, back=_back(user))


def _opened(request: HttpRequest, _answer: object, account: UUID) -> HttpResponse:
    return opened(request, _url(account))


@for_roles(OFFICER)
@answers_again(_opened)
def reactivate(request: HttpRequest, account: UUID) -> HttpResponse:
    """Open it again."""
    user = get_object_or_404(User, pk=account, is_active=False)
    return reactivation_page(request, user, back=_back(user))
