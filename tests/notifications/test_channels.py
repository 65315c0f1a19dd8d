"""Channels: each message once by each that its reader chose; text messages; numbers; designees."""

from datetime import date, timedelta
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import translation

import outbox
from accounts.models import TextNumber, User
from accounts.roles import DESIGNEE, GUARDIAN, OFFICER, PATIENT
from compliance.commands import text_number
from compliance.records.programs import DEFAULT
from compliance.rules.blockers import OFFICE, PRESCRIBER
from compliance.rules.notice import Notice
from compliance.rules.records import PregnancyTest
from compliance.words import notices
from compliance.words.notices import words_of
from ledger.actor import Actor
from ledger.clock import now
from notifications import numbers, preferences, recipients, reminders
from notifications.kinds import KINDS
from notifications.models import Choice
from notifications.preferences import SIDE_OF_ROLE, Box, is_required
from notifications.recipients import Recipient, of_user
from notifications.reminders import StillDue
from notifications.rendering import Content, render
from outbox import sms, unreachable
from outbox.channels import CHANNELS, EMAIL, SMS
from outbox.models import CapturedText, Message
from patients.models import Guardian, Patient, Prescriber
from patients.people import actor_of
from tests import amount, factories
from tests.factories import as_
from tests.histories import NOW, ClinicFactory

pytestmark = pytest.mark.django_db

NUMBER = "+12125550123"
OFFERED = [
    (side, kind.code) for side in dict.fromkeys(SIDE_OF_ROLE.values()) for kind in KINDS.values() if kind.is_for(side)
]


def choose(owner: UUID, side: str, kind: str, channel: str, *, is_on: bool) -> None:
    preferences.write(owner, {Box(side, kind, channel): is_on}, at=NOW)


# --- the table: every kind, on every side, by every choice, for whoever can be reached by what -----


def expected(side: str, code: str, reach: tuple[str, ...], chosen: tuple[bool | None, ...]) -> tuple[str, ...]:
    """What the page promises, said once more in other words."""
    kind = KINDS[code]
    possible = [channel for channel in CHANNELS if channel in reach and channel in kind.channels]
    if not possible and set(kind.instead) & set(reach):
        return kind.instead
    by = dict(zip(CHANNELS, chosen, strict=True))
    on = []
    for place, channel in enumerate(possible):
        wanted = by[channel]
        if wanted or (wanted is None and place == 0 and side != DESIGNEE):
            on.append(channel)
    if not on and possible and is_required(side, kind):
        return (possible[0],)
    return tuple(on)


@pytest.mark.parametrize("side", [*dict.fromkeys(side for side, _ in OFFERED)])
@pytest.mark.parametrize(("email", "number"), [*product((True, False), repeat=2)])
def test_every_kind_by_every_choice(side: str, email: bool, number: bool) -> None:
    """What is chosen of one kind says nothing of its neighbours.

    Without `--all` each kind by a third of the choices (where it can go by both channels), and each choice with a third
    of the kinds.
    """
    user = factories.account(OFFICER)
    User.objects.filter(pk=user.pk).update(email=user.email if email else "")
    user.refresh_from_db()
    if number:
        factories.text_number(user, NUMBER)
    reach = (EMAIL,) * email + (SMS,) * number
    kinds = [kind for of, kind in OFFERED if of == side]
    choices = [*product((None, True, False), repeat=2)]
    first = 2 * email + number
    for turn in range(amount.share(9, 1 + len(reach))):
        # Each kind by another choice than its neighbours, all of them at once.
        of = {kind: choices[(4 * turn + place + first) % 9] for place, kind in enumerate(kinds)}
        boxes = {
            Box(side, kind, channel): is_on
            for kind, chosen in of.items()
            for channel, is_on in zip(CHANNELS, chosen, strict=True) if is_on is not None
        }  # fmt: skip
        preferences.write(user.pk, boxes, at=NOW)
        for kind, chosen in of.items():
            found = preferences.channels(of_user(user), side, KINDS[kind])
            assert found == expected(side, kind, reach, chosen), (kind, reach, chosen)
        Choice.objects.filter(owner=user.pk).delete()


def test_text_messages_go_to_nobody_without_a_gateway(settings: Any) -> None:
    user = factories.account(OFFICER)
    factories.text_number(user, NUMBER)
    choose(user.pk, OFFICE, "signing-locked", SMS, is_on=True)
    settings.SMS_GATEWAY = {}
    assert preferences.channels(of_user(user), OFFICE, KINDS["signing-locked"]) == (EMAIL,)
    client = as_(user)
    assert "Text message" not in client.get(reverse("own_account:messages")).content.decode()
    assert client.get(reverse("own_account:text_number")).status_code == 404


def test_a_number_that_takes_nothing_gives_way_to_the_address() -> None:
    user = factories.account(OFFICER)
    factories.text_number(user, NUMBER)
    choose(user.pk, OFFICE, "log-alarm", SMS, is_on=True)
    choose(user.pk, OFFICE, "log-alarm", EMAIL, is_on=False)
    assert preferences.channels(of_user(user), OFFICE, KINDS["log-alarm"]) == (SMS,)
    unreachable.note(NUMBER, at=NOW, answer="21610")
    assert preferences.channels(of_user(user), OFFICE, KINDS["log-alarm"]) == (EMAIL,)


# --- once by each ----------------------------------------------------------------------------------


def due(officer: User) -> Message:
    message = Message(
        key=str(uuid4()), kind="signing-locked", subject=None, data={"officer": str(officer.pk)}, due_at=NOW
    )
    outbox.enqueue([message], at=NOW)
    return message


@pytest.fixture
def officer() -> User:
    user = factories.officer()
    factories.text_number(user, NUMBER)
    return user


def by_channel(message: Message) -> list[tuple[str, str]]:
    rows = Message.objects.filter(key__startswith=message.key).order_by("channel")
    return [(row.channel, row.outcome) for row in rows]


def test_both_channels_get_one_each(officer: User) -> None:
    choose(officer.pk, OFFICE, "signing-locked", SMS, is_on=True)
    message = due(officer)
    for minutes in (0, 2, 20):
        outbox.deliver(at=NOW + timedelta(minutes=minutes))
    assert by_channel(message) == [(EMAIL, "delivered"), (SMS, "delivered")]
    (text,) = CapturedText.objects.all()
    assert (text.to, len(mail.outbox)) == (NUMBER, 1)


def test_text_alone_takes_the_message_itself(officer: User) -> None:
    choose(officer.pk, OFFICE, "signing-locked", SMS, is_on=True)
    choose(officer.pk, OFFICE, "signing-locked", EMAIL, is_on=False)
    message = due(officer)
    outbox.deliver(at=NOW)
    assert by_channel(message) == [(SMS, "delivered")]
    assert mail.outbox == []


#: Four choices in a row; without `--all` half of them, in which any three are all that three can be.
CHANGES = [*product((True, False), repeat=4)]


@pytest.mark.parametrize("changes", [one for one in CHANGES if amount.EVERYTHING or sum(one) % 2 == 0])
def test_changing_ones_mind_between_tries_sends_none_twice(
    officer: User, monkeypatch: pytest.MonkeyPatch, changes: tuple[bool, ...]
) -> None:
    """Both gateways fail at first; the choice changes; both work again, and it changes once more."""
    message = due(officer)
    sent: list[str] = []

    def failing(*_: object) -> None:
        raise OSError

    with monkeypatch.context() as broken:
        broken.setattr("outbox.delivery._send", failing)
        for place, minutes in ((0, 0), (2, 2)):
            choose(officer.pk, OFFICE, "signing-locked", EMAIL, is_on=changes[place])
            choose(officer.pk, OFFICE, "signing-locked", SMS, is_on=changes[place + 1])
            outbox.deliver(at=NOW + timedelta(minutes=minutes))
    for minutes in (30, 120, 600):
        outbox.deliver(at=NOW + timedelta(minutes=minutes))
        choose(officer.pk, OFFICE, "signing-locked", SMS, is_on=minutes == 30)
    sent = [*(["email"] * len(mail.outbox)), *(["sms"] * CapturedText.objects.count())]
    assert len(sent) == len(set(sent))
    assert sent, "what is required goes by one of them"
    rows = Message.objects.filter(key__startswith=message.key)
    assert len({row.channel for row in rows}) == len(rows)


# --- what a text message says ----------------------------------------------------------------------


@pytest.mark.parametrize(("side", "kind"), [(side, kind) for side, kind in OFFERED if SMS in KINDS[kind].channels])
def test_a_text_message_is_one_short_neutral_sentence(settings: Any, side: str, kind: str) -> None:
    settings.SITE_URL = "https://clearfill.example.org"
    prescriber = Prescriber(practice_name="Harbor Skin", program=DEFAULT.code)
    patient = Patient(
        given_name="Ramona", family_name="Lindgren", number="22222222", prescriber=prescriber, program=DEFAULT.code
    )
    of_words = PRESCRIBER if side == DESIGNEE else side
    path = reverse("prescriber:patient", kwargs={"patient": patient.pk})
    place = OFFERED.index((side, kind))
    months = range(1, 13) if amount.EVERYTHING else sorted({9, 1 + place % 12, 1 + (place + 5) % 12})
    for month, language in product(months, ("en", "es")):
        content = Content(path=path, on=NOW.date().replace(month=month), patient=patient)
        to = Recipient(str(uuid4()), "", language, account=uuid4())
        text = render(words_of(kind, of_words), to, of_words, content).text
        assert sms.letters_left(text) >= 0, text
        assert text.startswith("Clearfill")
        assert "https://clearfill.example.org/prescriber/" in text
        assert "{" not in text
        said = text.partition("https")[0].lower()
        assert not [word for word in notices.FORBIDDEN if word in said]
        names = (patient.given_name, patient.family_name, patient.number, patient.prescriber.practice_name)
        assert not [name for name in names if name.lower() in said]


def test_a_link_that_makes_two_of_it_leads_to_the_front_page(settings: Any) -> None:
    to = Recipient(str(uuid4()), "", "es", account=uuid4())
    text = render(words_of("test-due", "patient"), to, "patient", Content(path="/" + "x" * 150)).text
    assert text.endswith(settings.SITE_URL)


def test_the_words_of_text_messages_are_written_in_the_letters_of_160() -> None:
    for language, text in product(("en", "es"), (notices.NEWS, notices.TO_DO, notices.TO_DO_UNTIL, notices.URGENT)):
        with translation.override(language):
            assert sms.letters_left(str(text).replace("{", "").replace("}", "")) > 80


# --- confirming a number ---------------------------------------------------------------------------

PAGE, CODE = "own_account:text_number", "own_account:text_code"


def code_sent() -> str:
    outbox.deliver(at=now())
    return factories.code_in_newest_text()


def post(user: User, name: str, **form: str) -> Any:
    return as_(user).post(reverse(name), {"key": str(uuid4()), **form})


def test_staff_type_a_number_and_confirm_it(clinic: ClinicFactory, empty_cache: None) -> None:
    user = clinic.prescriber.user
    assert post(user, PAGE, phone="212 555 0123")["Location"] == reverse(CODE)
    assert numbers.number_of(user.pk) == "", "nothing goes there before its owner has typed the code"
    code = code_sent()
    (text,) = CapturedText.objects.all()
    assert (text.to, code in text.text) == (NUMBER, True)
    assert post(user, CODE, code="000000" if code != "000000" else "111111").status_code == 422
    assert post(user, CODE, code=f"{code[:3]} {code[3:]}").status_code == 302
    assert numbers.number_of(user.pk) == NUMBER
    assert NUMBER in as_(user).get(reverse("own_account:messages")).content.decode()
    assert post(user, CODE, code=code).status_code == 422, "it works once"
    assert post(user, "own_account:remove_text_number").status_code == 302
    assert numbers.number_of(user.pk) == ""


def test_the_code_stands_in_no_row_and_is_gone_once_it_was_sent(clinic: ClinicFactory, empty_cache: None) -> None:
    post(clinic.prescriber.user, PAGE, phone="212 555 0123")
    row = Message.objects.get(kind="number-confirm")
    assert NUMBER not in str(row.data)
    code = code_sent()
    row.refresh_from_db()
    assert "sealed" not in row.data
    assert code not in str(TextNumber.objects.values().get())


def test_a_patient_confirms_the_number_in_the_file_and_no_other(clinic: ClinicFactory, empty_cache: None) -> None:
    patient = clinic.ready()
    user = patient.user
    assert user is not None
    Patient.objects.filter(pk=patient.pk).update(phone="", email=user.email)
    assert post(user, PAGE)["Location"] == reverse("own_account:phone")
    Patient.objects.filter(pk=patient.pk).update(phone=NUMBER)
    assert post(user, PAGE, phone="212 555 0999")["Location"] == reverse(CODE)
    assert post(user, CODE, code=code_sent()).status_code == 302
    who = recipients.about(patient.pk)
    assert who is not None
    assert preferences.channels(who.patients[0], PATIENT, KINDS["supply-ending"]) == (EMAIL,)
    choose(user.pk, PATIENT, "supply-ending", SMS, is_on=True)
    assert preferences.channels(who.patients[0], PATIENT, KINDS["supply-ending"]) == (EMAIL, SMS)
    # Another number in the file is not confirmed, whoever wrote it there.
    Patient.objects.filter(pk=patient.pk).update(phone="+12125550999")
    who = recipients.about(patient.pk)
    assert who is not None
    assert preferences.channels(who.patients[0], PATIENT, KINDS["supply-ending"]) == (EMAIL,)


def test_a_code_is_over_after_ten_minutes_and_five_wrong_ones(clinic: ClinicFactory) -> None:
    user = clinic.prescriber.user
    by = actor_of(user)
    text_number.ask(user=user, number=NUMBER, by=by, at=NOW, key=uuid4())
    code = outbox.facts_of(Message.objects.get(kind="number-confirm"))["code"]

    def confirm(typed: str, *, at: Any = NOW) -> None:
        text_number.confirm(user=user, code=typed, by=by, at=at, key=uuid4())

    with pytest.raises(text_number.CodeOver):
        confirm(code, at=NOW + timedelta(minutes=11))
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(5):
        with pytest.raises(text_number.WrongCode):
            confirm(wrong)
    with pytest.raises(text_number.CodeOver):
        confirm(code)


def test_codes_are_limited_by_account_and_by_number(clinic: ClinicFactory) -> None:
    def ask(user: User) -> None:
        text_number.ask(user=user, number=NUMBER, by=Actor(user.pk, OFFICER), at=NOW, key=uuid4())

    first, second = factories.officer(), factories.officer()
    for _ in range(5):
        ask(first)
    with pytest.raises(text_number.TooManyCodes):
        ask(first)
    for _ in range(3):
        ask(second)
    with pytest.raises(text_number.TooManyCodes):
        ask(second)
    text_number.ask(user=first, number=NUMBER, by=Actor(first.pk, OFFICER), at=NOW + timedelta(days=2), key=uuid4())


@pytest.mark.parametrize("typed", ["", "x", "911", "+1", "212 555 01234567890", "'; --", "\u202e2125550123"])
def test_what_is_no_number_gets_no_code(clinic: ClinicFactory, empty_cache: None, typed: str) -> None:
    answer = post(clinic.prescriber.user, PAGE, phone=typed)
    assert answer.status_code == 422
    assert not Message.objects.filter(kind="number-confirm").exists()


def test_another_cannot_confirm_with_a_code_that_is_not_theirs(clinic: ClinicFactory) -> None:
    first, second = factories.officer(), factories.officer()
    for user in (first, second):
        text_number.ask(user=user, number=NUMBER, by=Actor(user.pk, OFFICER), at=NOW, key=uuid4())
    codes = [outbox.facts_of(row)["code"] for row in Message.objects.filter(kind="number-confirm").order_by("id")]
    accounts = [outbox.facts_of(row)["account"] for row in Message.objects.filter(kind="number-confirm").order_by("id")]
    by_account = dict(zip(accounts, codes, strict=True))
    if len(set(codes)) == 2:
        with pytest.raises(text_number.WrongCode):
            text_number.confirm(
                user=second, code=by_account[str(first.pk)], by=Actor(second.pk, OFFICER), at=NOW, key=uuid4()
            )


# --- whom nothing reaches --------------------------------------------------------------------------


def page_of(clinic: ClinicFactory, patient: Patient) -> str:
    path = reverse("prescriber:patient", kwargs={"patient": patient.pk})
    return as_(clinic.prescriber.user).get(path).content.decode()


def test_who_has_a_number_alone_is_reached_by_text(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    user = patient.user
    assert user is not None
    Patient.objects.filter(pk=patient.pk).update(email="", phone=NUMBER)
    nobody = "The patient has no e-mail address: no reminder reaches them."
    assert nobody in page_of(clinic, patient)
    who = recipients.about(patient.pk)
    assert who is not None
    assert who.patients == []
    factories.text_number(user, NUMBER)
    assert nobody not in page_of(clinic, patient)
    who = recipients.about(patient.pk)
    assert who is not None
    (to,) = who.patients
    assert preferences.channels(to, PATIENT, KINDS["window-closing"]) == (SMS,)
    unreachable.note(NUMBER, at=NOW, answer="21610")
    assert "Text messages to the patient cannot be delivered since" in page_of(clinic, patient)
    Patient.objects.filter(pk=patient.pk).update(phone="+12125550999")
    page = page_of(clinic, patient)
    assert "Text messages to the patient" not in page
    assert nobody in page


def test_a_guardian_with_a_number_alone_is_reached_by_text(clinic: ClinicFactory) -> None:
    patient = clinic.ready(born_on=date(2011, 4, 2))
    account = factories.account(GUARDIAN)
    guardian = Guardian.objects.create(patient=patient, user=account, name="Paula", email="", phone=NUMBER)
    nobody = "The guardian Paula has no e-mail address"
    assert nobody in page_of(clinic, patient)
    who = recipients.about(patient.pk)
    assert who is not None
    assert who.guardians(besides=()) == []
    factories.text_number(account, NUMBER)
    assert nobody not in page_of(clinic, patient)
    assert [one.code for one in who.guardians(besides=())] == [str(guardian.pk)]


def test_pages_say_through_what_it_went(clinic: ClinicFactory, officer: User) -> None:
    patient = clinic.ready()
    data = {"to": "patient"}
    rows = [
        Message(key=str(uuid4()), kind="test-due", channel=channel, subject=patient.pk, data=data, due_at=NOW)
        for channel in CHANNELS
    ]
    outbox.enqueue(rows, at=NOW)
    page = page_of(clinic, patient)
    assert "by text message" in page
    assert "by e-mail" in page
    client = as_(officer)
    for channel, count in ((SMS, 1), ("", Message.objects.count()), ("x", Message.objects.count())):
        answer = client.get(reverse("office:delivery"), {"channel": channel})
        assert len(list(answer.context["page"])) == min(count, 25)


# --- designees by choice ---------------------------------------------------------------------------


@pytest.fixture
def always_due(monkeypatch: pytest.MonkeyPatch) -> None:
    def still_due(row: Message, *_: Any) -> StillDue:
        until = NOW + timedelta(days=1)
        return StillDue(Notice(row.kind, row.key, row.data["to"], NOW, until, NOW.date(), ""))

    monkeypatch.setattr(reminders, "still_due", still_due)


def told() -> list[str]:
    for minutes in (0, 2):
        outbox.deliver(at=NOW + timedelta(minutes=minutes))
    return sorted(email.to[0] for email in mail.outbox)


def of_practice(patient: Patient, kind: str) -> Message:
    data = {"to": "prescriber"}
    return Message(key=f"{kind}:{uuid4()}", kind=kind, subject=patient.pk, data=data, due_at=NOW)


@pytest.mark.usefixtures("at_any_hour")
@pytest.mark.parametrize("kind", ["test-due", "declined"])
def test_designees_get_what_they_chose_and_nothing_else(clinic: ClinicFactory, always_due: None, kind: str) -> None:
    patient = clinic.ready()
    Message.objects.all().delete()
    chose, did_not, elsewhere = (
        factories.designee(clinic.prescriber).user, factories.designee(clinic.prescriber).user,
        factories.designee(clinic.other).user,
    )  # fmt: skip
    for user in (chose, elsewhere):
        choose(user.pk, DESIGNEE, kind, EMAIL, is_on=True)
    choose(did_not.pk, DESIGNEE, "owed-late", EMAIL, is_on=True)
    outbox.enqueue([of_practice(patient, kind)], at=NOW)
    assert told() == sorted([clinic.prescriber.user.email, chose.email])


@pytest.mark.usefixtures("at_any_hour")
def test_a_designee_who_left_gets_nothing(clinic: ClinicFactory, always_due: None) -> None:
    patient = clinic.ready()
    Message.objects.all().delete()
    gone = factories.designee(clinic.prescriber)
    choose(gone.user.pk, DESIGNEE, "test-due", EMAIL, is_on=True)
    gone.ended_at = NOW
    gone.save()
    outbox.enqueue([of_practice(patient, "test-due")], at=NOW)
    assert told() == [clinic.prescriber.user.email]


def test_designees_who_chose_it_hear_of_a_stop_at_once(clinic: ClinicFactory) -> None:
    patient = clinic.ready()
    user = factories.designee(clinic.prescriber).user
    choose(user.pk, DESIGNEE, "stop-by-test", EMAIL, is_on=True)
    choose(user.pk, DESIGNEE, "stop-by-test", SMS, is_on=True)
    factories.text_number(user, NUMBER)
    clinic._enter(patient, NOW, PregnancyTest(NOW.date(), "positive", "laboratory", None))
    assert set(Message.objects.filter(kind="stop-by-test").values_list("data__as", flat=True)) >= {"prescriber"}
    emails = told()
    assert emails.count(user.email) == 1
    assert [text.to for text in CapturedText.objects.all()] == [NUMBER]
    (email,) = [email for email in mail.outbox if email.to == [user.email]]
    assert "List-Unsubscribe" in email.extra_headers, "a designee may end what a designee chose"
    assert reverse("prescriber:patient", kwargs={"patient": patient.pk}) in str(email.body)
