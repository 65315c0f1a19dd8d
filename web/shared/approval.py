"""Until the program office has approved a practice or a pharmacy, its people ask about nobody and add nobody.

Whoever registers gets an account at once, and is a stranger until then: that a person is in the program, or that an
address has an account, is told to none.
"""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import PHARMACIST, PRESCRIBER
from patients.models import DECLINED, NOT_APPROVED
from ui.navigation import Words

from .common import reader_of
from .joining_steps import DECISION, joining_steps, step_of_all

NOT_YET: dict[str, Words] = {
    PRESCRIBER: _("The program office has not approved your practice yet. Until then nobody can be enrolled or added."),
    PHARMACIST: _(
        "The program office has not approved your pharmacy yet. Until then nobody can be looked up or added. "
        "Do not dispense."
    ),
}


#: The same where the office has said no.
TURNED_DOWN: dict[str, Words] = {
    PRESCRIBER: _("The program office turned the application of your practice down. Nobody can be enrolled or added."),
    PHARMACIST: _(
        "The program office turned the application of your pharmacy down. Nobody can be looked up or added. "
        "Do not dispense."
    ),
}

#: Where an applicant reads why, and applies again.
_PAGES = {PRESCRIBER: "prescriber:practice", PHARMACIST: "pharmacy:profile"}


def is_waiting(reader: User) -> bool:
    """Whether the reader's practice or pharmacy was not approved, or not yet."""
    place = reader.place
    return place is not None and place.state in NOT_APPROVED


def words_of(state: str, role: str) -> Words:
    """Why that role can do nothing yet in a place of that state."""
    return (TURNED_DOWN if state == DECLINED else NOT_YET)[role]


def approved_first[**P](view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """Marks a view that asks about somebody: before the approval it says so, and looks nothing up."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        request = args[0]
        assert isinstance(request, HttpRequest)
        return not_yet(request) if is_waiting(reader_of(request)) else view(*args, **kwargs)

    return guarded


def not_yet(request: HttpRequest) -> HttpResponse:
    """Who waits is told so; what they sent is refused."""
    reader = reader_of(request)
    state = reader.place.state if reader.place else ""
    words = words_of(state, reader.role)
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"error": "not-approved", "words": str(words)}, status=403)
    way = reverse(_PAGES[reader.role]) if state == DECLINED else ""
    context = {
        "words": words,
        "is_turned_down": state == DECLINED,
        "way": way,
        "eyebrow": step_of_all(DECISION) if state != DECLINED else "",
        "steps": joining_steps(DECISION, reader.role),
    }
    return render(request, "shared/not_yet.html", context, status=403 if request.method == "POST" else 200)
