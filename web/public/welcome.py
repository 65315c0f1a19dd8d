"""What comes after an invitation: into the account that was opened, into the new place of one, or why there is none."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import place_choice
from accounts.models import User
from accounts.repeats import let_in
from accounts.roles import GUARDIAN, PATIENT
from compliance.words.gate import invitation_words
from patients.models import Invitation
from ui.navigation import Words

OPEN = gettext_lazy("Welcome. Your account is open.")


def sign_in(request: HttpRequest, user: User, words: Words) -> HttpResponse:
    """Into the account that was just opened; to the page for signing in, where that asks for more than a password."""
    if not let_in(request, user):
        return redirect("account_login")
    messages.success(request, words)
    return redirect("home")


def joined(request: HttpRequest, user: User, row: Invitation) -> HttpResponse:
    """Into the new place, as its owner has just asked for."""
    role, owner = (GUARDIAN, user.pk) if row.guardian_id is not None else (PATIENT, row.patient_id)
    return in_place(request, user, f"{role}:{owner}")


def in_place(request: HttpRequest, user: User, code: str) -> HttpResponse:
    """Into the place of that code, which the account holds from now on."""
    place = place_choice.held(user, code)
    if place is not None:
        place_choice.choose(request, user, place)
    messages.success(request, _("Welcome. This is another place of your account now."))
    return redirect("home")


def over_page(request: HttpRequest, code: str) -> HttpResponse:
    """Says so before anything is typed; whoever types nonsense learns as much, and no birth date."""
    context = {"text": invitation_words(code), "used": code == "invitation-used"}
    return render(request, "public/invitation_over.html", context, status=status_of(request))


def status_of(request: HttpRequest) -> int:
    """Of a page that says what there is instead of a form: what was sent was not taken."""
    return 422 if request.method == "POST" else 200
