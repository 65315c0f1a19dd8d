"""The yearly survey of patients, prescribers with their designees, and pharmacists: five to seven questions."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from cryptography.fernet import InvalidToken
from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.roles import DESIGNEE, PATIENT, PHARMACIST, PRESCRIBER, for_roles
from compliance import documents
from compliance.commands import surveys
from compliance.documents import Question
from compliance.records.file import read_file
from compliance.records.programs import program_day
from compliance.records.surveys import SURVEY_OF, offer_of, questions_of
from ledger.clock import now
from ledger.encryption import cipher
from ledger.idempotency import KeyReused
from patients.people import actor_of
from ui.fields import OUT_OF_DATE
from ui.forms import BaseForm
from ui.navigation import Words
from web.shared.approval import approved_first
from web.shared.common import are_tests_asked, form_page, pressed, reader_of
from web.shared.page_language import document_language

_READERS = (PATIENT, PRESCRIBER, DESIGNEE, PHARMACIST)

#: For how long the reader's own browser keeps what they answered, for the page that follows.
_KEPT_SECONDS = 600
_PURPOSE = "web.surveys.answers"


class SurveyForm(BaseForm):
    """The questions of a survey, each with a few answers to choose from."""

    submit: ClassVar[Words] = gettext_lazy("Send without my name")

    version = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, questions: Sequence[Question], version: int, **kwargs: Any) -> None:
        super().__init__(*args, initial={"version": version}, **kwargs)
        self._version, self._questions = version, questions
        for number, question in enumerate(questions, 1):
            self.fields[question.id] = forms.TypedChoiceField(
                label=f"{number}. {question.question}", coerce=int, widget=forms.RadioSelect,
                choices=list(enumerate(question.choices)),
                error_messages={"required": gettext_lazy("Choose an answer.")},
            )  # fmt: skip

    def clean_version(self) -> str:
        """The version whose questions were on the page, if they are asked still; else it shows those of today."""
        version: str = self.cleaned_data["version"]
        if version != str(self._version):
            self.data = dict(self.data.items()) | {"version": str(self._version)}
            raise ValidationError(OUT_OF_DATE)
        return version

    @property
    def choices(self) -> dict[str, int]:
        """What was chosen, by the id of each question."""
        return {question.id: self.cleaned_data[question.id] for question in self._questions}


@for_roles(*_READERS)
@approved_first
def survey(request: HttpRequest) -> HttpResponse:
    """The survey; who has taken it this year sees what is right."""
    reader, at = reader_of(request), now()
    code, today = SURVEY_OF[reader.role], program_day(at)
    if request.method != "POST" and offer_of(reader.pk, code).is_taken(today):
        return redirect("surveys:answers")
    version = documents.version_on(code, today)
    questions = _questions(reader, code, version, at)
    form = SurveyForm(request.POST or None, questions=questions, version=version)
    if request.method == "POST" and form.is_valid():
        try:
            counted = surveys.answer(
                version=version, choices=form.choices, by=actor_of(reader), at=at, key=form.idempotency_key
            )
        except KeyReused:
            form.refuse(OUT_OF_DATE)
        else:
            if not counted:
                messages.info(request, _("You have answered this survey already. Nothing was counted twice."))
            return _to_answers(reader, form.choices if counted else {})
    lead = _(
        "It takes about a minute. Nobody has to answer: nothing depends on it. What you choose is only counted, and "
        "kept without your name."
    )
    back = (_first_page(reader), reverse("home"))
    return form_page(request, form, title=_("A short survey"), lead=lead, back=back)


def _first_page(reader: User) -> Words:
    return {PATIENT: _("Today"), PHARMACIST: _("Counter")}.get(reader.role, _("Patients"))


def _questions(reader: User, code: str, version: int, at: datetime) -> list[Question]:
    """In the reader's language; to a patient, what fits the own file."""
    place = reader.place
    is_untested = reader.role == PATIENT and place is not None and not are_tests_asked(read_file(place.id, at), at)
    return questions_of(code, document_language(), version=version, tested=not is_untested)


@require_POST
@for_roles(*_READERS)
@approved_first
def later(request: HttpRequest) -> HttpResponse:
    """Not now."""
    key = pressed(request)
    if key is not None:
        try:
            surveys.put_off(by=actor_of(reader_of(request)), at=now(), key=key)
        except KeyReused:
            messages.error(request, OUT_OF_DATE)
        else:
            messages.success(request, _("We ask you again in 30 days."))
    return redirect("home")


# --- what is right ------------------------------------------------------------------------------------
@require_safe
@for_roles(*_READERS)
@approved_first
def answers(request: HttpRequest) -> HttpResponse:
    """What is right, with a sentence why; beside it what the reader chose a moment ago."""
    reader, at = reader_of(request), now()
    code, today = SURVEY_OF[reader.role], program_day(at)
    offer = offer_of(reader.pk, code)
    if offer.version is None or not offer.is_taken(today):
        return redirect("surveys:survey")
    questions, chosen = _questions(reader, code, offer.version, at), _chosen(request, reader)
    context = {
        "lines": [(question, question.choices[question.right], _own(question, chosen)) for question in questions],
        "text_language": document_language(),
        "back_label": _first_page(reader),
    }
    return render(request, "surveys/answers.html", context)


def _own(question: Question, chosen: Mapping[str, int]) -> str | None:
    """What the reader chose: nothing where it was right, None where that is not known any more."""
    choice = chosen.get(question.id)
    if choice is None or choice >= len(question.choices):
        return None
    return "" if choice == question.right else question.choices[choice]


def _to_answers(reader: User, choices: Mapping[str, int]) -> HttpResponse:
    """To what is right. What was chosen waits in the reader's own browser, encrypted: no table has it, no address."""
    response = redirect("surveys:answers")
    if choices:
        text = json.dumps({"account": str(reader.pk), "choices": dict(choices)})
        response.set_cookie(
            settings.SURVEY_COOKIE_NAME, cipher(_PURPOSE).encrypt(text.encode()).decode(), max_age=_KEPT_SECONDS,
            secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax",
        )  # fmt: skip
    return response


def _chosen(request: HttpRequest, reader: User) -> Mapping[str, int]:
    try:
        text = cipher(_PURPOSE).decrypt(request.COOKIES.get(settings.SURVEY_COOKIE_NAME, ""), ttl=_KEPT_SECONDS)
    except InvalidToken:
        return {}
    kept = json.loads(text)
    choices: Mapping[str, int] = kept["choices"] if kept["account"] == str(reader.pk) else {}
    return choices
