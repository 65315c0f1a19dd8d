"""Deactivation and reactivation of an account: one page for every role that may do it. It first states the effects."""

from typing import ClassVar

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.roles import OFFICER
from compliance.commands import people
from ledger.clock import now
from ledger.idempotency import KeyReused
from patients.people import actor_of
from ui.fields import OUT_OF_DATE
from ui.forms import BaseForm
from ui.navigation import Words

from .common import form_page, reader_of


class DeactivateForm(BaseForm):
    """Close it."""

    submit: ClassVar[Words] = gettext_lazy("Close the account")
    danger: ClassVar[bool] = True


class ReactivateForm(BaseForm):
    """Open it again."""

    submit: ClassVar[Words] = gettext_lazy("Open the account again")


def closed(request: HttpRequest, to: str, *, still: bool = True) -> HttpResponse:
    """The answer to whoever has closed an account; `still`: whether it is closed now."""
    if still:
        messages.success(request, _("The account is closed."))
    else:
        messages.info(request, _("You closed the account, and it has been opened again since."))
    return redirect(to)


def _asked(request: HttpRequest, to: str) -> HttpResponse:
    """The answer to the first of two officers."""
    messages.info(request, _("Asked for. It is done once another officer asks for it too, within a week."))
    return redirect(to)


def opened(request: HttpRequest, to: str, *, still: bool = True) -> HttpResponse:
    """The answer to whoever has opened one again; `still`: whether it is open now."""
    if still:
        messages.success(request, _("The account is open again."))
    else:
        messages.info(request, _("You opened the account again, and it has been closed since."))
    return redirect(to)


def _is_open(account: User) -> bool:
    """As it stands now: the request may be one of before that came once more."""
    return User.objects.filter(pk=account.pk, is_active=True).exists()


def deactivation_page(request: HttpRequest, account: User, *, back: tuple[Words, str]) -> HttpResponse:
    """Close that account, and go back. Not found by whoever may not."""
    by = actor_of(reader_of(request))
    if not people.may_deactivate(account, by):
        raise Http404
    form = DeactivateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            done = people.deactivate(account=account, by=by, at=now(), key=form.idempotency_key)
        except people.NotChanged:
            form.refuse(_("This account is closed already."))
        except KeyReused:
            form.refuse(OUT_OF_DATE)
        else:
            # Who closed one place of several reads the same as who closed the account: the others are nobody's to know.
            still = not _is_open(account) or not people.may_deactivate(account, by)
            return closed(request, back[1], still=still) if done else _asked(request, back[1])
    lead = str(_BY_OFFICE if by.role == OFFICER else _BY_THEIRS) % {"name": account.name}
    return form_page(request, form, title=_("Close an account"), lead=lead, back=back)


_BY_OFFICE = gettext_lazy(
    "%(name)s is signed out at once and cannot sign in any more. What they entered and signed stays. "
    "Only the program office can open the account again."
)
_BY_THEIRS = gettext_lazy(
    "%(name)s is signed out at once, and sees and enters nothing of yours any more. What they entered and signed "
    "stays. To take this back, add them anew, or ask the program office."
)


def reactivation_page(request: HttpRequest, account: User, *, back: tuple[Words, str]) -> HttpResponse:
    """Open that account again, and go back."""
    form = ReactivateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            by = actor_of(reader_of(request))
            done = people.reactivate(account=account, by=by, at=now(), key=form.idempotency_key)
        except people.NotChanged as refused:
            erased = _("Its name and address were erased. Nobody opens it again.")
            form.refuse(erased if str(refused) == "erased" else _("This account is open already."))
        except KeyReused:
            form.refuse(OUT_OF_DATE)
        else:
            return opened(request, back[1], still=_is_open(account)) if done else _asked(request, back[1])
    lead = _("%(name)s can sign in again, with the password and the second factor from before.") % {
        "name": account.name
    }
    return form_page(request, form, title=_("Open an account again"), lead=lead, back=back)
