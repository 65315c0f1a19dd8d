"""The code of a printed letter: typed with the birth date, it leads to the same acceptance as a link.

Code and birth date are posted, and tries are limited. What was typed right is remembered in the session and in the
form, encrypted and for a short time; the code itself is not.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from cryptography.fernet import InvalidToken
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import failed_attempts, other_reader, rate_limits
from accounts.models import User
from accounts.repeats import answers_again, is_their_password
from accounts.roles import public
from compliance.commands import invitations, joining, letters
from compliance.words.gate import invitation_words
from ledger.clock import now
from ledger.encryption import cipher
from ledger.idempotency import KeyReused
from patients.models import Invitation
from patients.names import plain
from ui.fields import OUT_OF_DATE
from ui.forms import BaseForm
from web.shared.common import form_page

from .forms import JoinForm, LetterAccountForm, LetterForm
from .welcome import OPEN, joined, over_page, sign_in

#: Where in the session stands which letter was typed, and for how long it counts.
_SESSION_KEY, _LIFETIME = "letter", timedelta(minutes=30)
_PURPOSE = "public.letter"

NOT_FOUND = gettext_lazy(
    "No letter that counts has this code with this date of birth. Check both. After five wrong dates, or when it is "
    "over, the practice prints a new letter: call them."
)
TOO_MANY = gettext_lazy("Too many wrong codes have come from your network. Please try again in an hour.")


@public
def letter(request: HttpRequest) -> HttpResponse:
    """Type the code and the birth date. A wrong code, a wrong date and a letter that is over are answered alike."""
    form = LetterForm(request.POST or None)
    lead = _("It stands on the letter that your practice printed for you.")
    if isinstance(request.user, User):
        lead = _("You are signed in as %(name)s. Is the letter for somebody else? Then sign out first.")
        lead %= {"name": request.user.name}
    if request.method == "POST" and form.is_valid():
        usage = rate_limits.consume(request, "letter_failed")
        if usage is None:
            form.refuse(TOO_MANY)
            return form_page(request, form, title=_TITLE, lead=lead, status=429)
        data = form.cleaned_data
        found = letters.find(code=data["code"], born_on=data["born_on"], at=now())
        if found is not None:
            usage.rollback()
            _remember(request, found.pk, data["born_on"])
            return redirect("public:letter_account")
        form.refuse(NOT_FOUND)
    return form_page(request, form, title=_TITLE, lead=lead)


_TITLE = gettext_lazy("I have a letter with a code")


def _remember(request: HttpRequest, invitation: UUID, born_on: date) -> None:
    payload = {"invitation": str(invitation), "born_on": born_on.isoformat()}
    request.session[_SESSION_KEY] = cipher(_PURPOSE).encrypt(json.dumps(payload).encode()).decode()


def _remembered(request: HttpRequest) -> tuple[UUID, date] | None:
    """The invitation whose code was typed here a little while ago, and the birth date.

    The form has it too: signing in ends the session in which its page was shown, and the form may come twice.
    """
    for token in (request.POST.get(_SESSION_KEY, ""), request.session.get(_SESSION_KEY, "")):
        with suppress(InvalidToken, ValueError):
            payload = json.loads(cipher(_PURPOSE).decrypt(token, ttl=int(_LIFETIME.total_seconds())))
            return UUID(payload["invitation"]), date.fromisoformat(payload["born_on"])
    return None


def _again(request: HttpRequest, answer: Mapping[str, Any]) -> HttpResponse | None:
    """Whoever sends the form once more is let in as at the page for signing in: by the password, which is counted."""
    user, remembered = User.objects.get(pk=answer["account"]), _remembered(request)
    if answer.get("joined"):
        row = Invitation.objects.filter(pk=remembered[0] if remembered else UUID(int=0)).first()
        return joined(request, user, row) if row is not None and request.user == user else None
    if request.user != user and not is_their_password(request, user, request.POST.get("password1", "")):
        return None
    return sign_in(request, user, OPEN)


def _holder(request: HttpRequest, **_parts: object) -> UUID | None:
    remembered = _remembered(request)
    return invitations.invited(remembered[0]).account if remembered else None


@public
@answers_again(_again, actor=_holder)
def account(request: HttpRequest) -> HttpResponse:
    """After the code: a user name and a password; or another place of the account of who is signed in."""
    remembered = _remembered(request)
    rows = Invitation.objects.select_related("patient__user", "guardian__user")
    row = rows.filter(pk=remembered[0]).first() if remembered else None
    if remembered is None or row is None:
        return render(request, "public/letter_first.html", status=422 if request.POST else 200)
    if (code := invitations.over(row, now())) is not None:
        return over_page(request, code)
    reader = request.user if isinstance(request.user, User) else None
    if reader is not None and not _is_theirs(row, reader):
        return other_reader.page(request)
    if reader is not None and (refused := joining.why_not(row, reader)) is not None:
        return over_page(request, refused)
    form = _form_of(request, row, reader)
    if request.method == "POST" and form.is_valid():
        user = _accept(request, form, row, remembered[1], reader)
        if user is not None:
            return sign_in(request, user, OPEN) if reader is None else joined(request, user, row)
    return _account_page(request, form, row, reader)


def _is_theirs(row: Invitation, reader: User) -> bool:
    """Whether the letter is for who is signed in. No mailbox says so: the name of the account does."""
    person = invitations.person_of(row)
    return person.user_id is None and _words(person.name) == _words(reader.name)


def _words(name: str) -> list[str]:
    return sorted(plain(name).split())


def _form_of(request: HttpRequest, row: Invitation, reader: User | None) -> BaseForm:
    if reader is not None:
        form: BaseForm = JoinForm(request.POST or None)
    else:
        person = invitations.person_of(row)
        known = person.user.user_name if person.user is not None else ""
        form = LetterAccountForm(request.POST or None, person=person.name, known=known)
    token = request.session.get(_SESSION_KEY, "")
    form.fields[_SESSION_KEY] = forms.CharField(required=False, initial=token, widget=forms.HiddenInput)
    return form


def _account_page(request: HttpRequest, form: BaseForm, row: Invitation, reader: User | None) -> HttpResponse:
    template = "shared/form.html"
    if reader is not None:
        lead = _("You are signed in as %(name)s. This becomes another place of your account; nothing of the others is "
                 "shown there.") % {"name": reader.name}  # fmt: skip
    elif isinstance(form, LetterAccountForm) and form.known:
        lead = _("You sign in as %(name)s, as before. Choose a new password.") % {"name": form.known}
    else:
        lead = _("By these two you sign in from now on. Keep them for yourself.")
        template = "public/letter_account.html"
    return form_page(request, form, title=_("You are invited"), lead=lead, template=template)


def _accept(
    request: HttpRequest, form: BaseForm, row: Invitation, born_on: date, reader: User | None
) -> User | None:  # fmt: skip
    """The account; None where the form is shown again."""
    data = form.cleaned_data
    acceptance = invitations.Acceptance(
        born_on=born_on, password=data.get("password1", ""), account=reader, user_name=data.get("user_name", "")
    )
    try:
        return invitations.accept(invitation=row.pk, acceptance=acceptance, at=now(), key=form.idempotency_key)
    except invitations.NotAccepted as refused:
        is_name = refused.code == "user-name-taken"
        # Whose a user name is can be tried: by whom holds a letter, and so often.
        limited = is_name and rate_limits.consume(request, "letter_failed") is None
        form.refuse(TOO_MANY if limited else invitation_words(refused.code), "user_name" if is_name else None)
    except ValidationError as too_easy:
        form.add_error("password1", too_easy)
    except KeyReused as reused:
        if isinstance(reused, invitations.NotTheirPassword):
            failed_attempts.record_failure(reused.account.sign_in_name, request)
        form.refuse(OUT_OF_DATE)
    return None
