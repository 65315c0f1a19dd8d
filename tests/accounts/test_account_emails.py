"""E-mails about an account: all are enqueued, in the request's transaction, and no page waits for a mail server."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import allauth
import pytest
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.core import context
from allauth.mfa.models import Authenticator
from django.conf import LazySettings
from django.contrib.auth.models import AnonymousUser
from django.core import mail
from django.db import OperationalError, connection
from django.test import Client, RequestFactory
from django.urls import reverse

import outbox
from accounts.models import User
from accounts.roles import PATIENT
from config.sessions import SessionStore
from devtools.demo.codes import code_for
from devtools.demo.second_factors import activate_app
from ledger.clock import now
from outbox.models import CapturedEmail, Message
from tests import factories
from tests.clocks import Clock
from tests.factories import PASSWORD
from tests.mailbox import emails
from tests.smtp import serving

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_cache")]

NEW = "another long pass phrase"


@pytest.fixture
def user() -> User:
    return factories.account(PATIENT, password=PASSWORD)


def signed_in(client: Client, user: User) -> None:
    """Signed in, and asked a moment ago who one is."""
    factories.sign_in(client, user)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def ask_for_link(client: Client, user: User) -> Any:
    return client.post(reverse("account_reset_password"), {"email": user.email})


def ask_as_nobody(client: Client, user: User) -> Any:
    return client.post(reverse("account_reset_password"), {"email": "nobody@example.org"})


def change_password(client: Client, user: User) -> Any:
    signed_in(client, user)
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    return client.post(reverse("account_change_password"), form)


def add_app(client: Client, user: User) -> Any:
    signed_in(client, user)
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    secret = str(*re.findall(r"<samp>([A-Z2-7]+)</samp>", page))
    return client.post(reverse("mfa_activate_totp"), {"code": code_for(secret)})


def remove_app(client: Client, user: User) -> Any:
    signed_in(client, user)
    activate_app(user, "JBSWY3DPEHPK3PXP")
    return client.post(reverse("remove_app"))


def make_recovery_codes(client: Client, user: User) -> Any:
    signed_in(client, user)
    activate_app(user, "JBSWY3DPEHPK3PXP")
    return client.post(reverse("mfa_generate_recovery_codes"))


def remove_passkey(client: Client, user: User) -> Any:
    signed_in(client, user)
    row = Authenticator.objects.create(user=user, type="webauthn", data={"name": "Mine"})
    return client.post(reverse("remove_passkey", args=[row.pk]))


#: What is done on a page of which an e-mail tells, and what of it is then so.
DONE: dict[str, tuple[Callable[[Client, User], Any], Callable[[User], bool]]] = {
    "a link is asked for": (ask_for_link, lambda user: True),
    "a link is asked for by nobody": (ask_as_nobody, lambda user: True),
    "the password is changed": (change_password, lambda user: user.check_password(NEW)),
    "an app is added": (add_app, lambda user: Authenticator.objects.filter(type="totp").exists()),
    "an app is removed": (remove_app, lambda user: not Authenticator.objects.filter(type="totp").exists()),
    "recovery codes are made": (
        make_recovery_codes, lambda user: Authenticator.objects.filter(type="recovery_codes").exists(),
    ),
    "a passkey is removed": (remove_passkey, lambda user: not Authenticator.objects.filter(type="webauthn").exists()),
}  # fmt: skip


@pytest.mark.parametrize("name", DONE)
def test_no_page_waits_for_a_mail_server_that_hangs(
    client: Client, user: User, settings: LazySettings, name: str
) -> None:
    do, is_done = DONE[name]
    with serving(settings, timeout=10) as server:
        server.silent.set()
        begun = time.monotonic()
        answer = do(client, user)
        assert time.monotonic() - begun < 5
        assert answer.status_code == 302
        assert is_done(User.objects.get(pk=user.pk))
        server.silent.clear()
        assert server.taken == []
        assert outbox.deliver(at=now()) == Message.objects.count() == len(server.taken) > 0
    assert client.get(reverse("live")).status_code == 200


@pytest.mark.parametrize("name", DONE)
def test_a_mail_server_that_is_down_is_no_fault_of_a_page(
    client: Client, user: User, settings: LazySettings, name: str
) -> None:
    do, is_done = DONE[name]
    settings.EMAIL_BACKEND = "no.such.Backend"
    assert do(client, user).status_code == 302
    assert is_done(User.objects.get(pk=user.pk))
    assert outbox.deliver(at=now()) == 0
    assert Message.objects.filter(delivered_at=None).count() == Message.objects.count() > 0


@pytest.mark.parametrize("keyed", [False, True])
def test_what_is_not_told_is_not_done(client: Client, user: User, monkeypatch: pytest.MonkeyPatch, keyed: bool) -> None:
    """The change and the e-mail that tells its owner are one transaction, with a key on the form and without."""
    signed_in(client, user)

    def broken(*_: object, **__: object) -> None:
        raise OperationalError

    monkeypatch.setattr("accounts.adapter.enqueue_rendered", broken)
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    client.raise_request_exception = False
    answer = client.post(
        reverse("account_change_password"), form | ({"key": "7f3a5c1e-9f58-4a2c-8d60-0d9f0f3b5a11"} if keyed else {})
    )
    assert answer.status_code == 503
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)


#: Every e-mail that allauth can send.
TEMPLATES = sorted(
    f"{folder}/email/{file.name.removesuffix('_message.txt')}"
    for folder in ("account", "mfa")
    for file in (Path(allauth.__file__).parent / "templates" / folder / "email").glob("*_message.txt")
    if file.name != "base_message.txt"
)


def a_request() -> Any:
    request: Any = RequestFactory().get("/")
    request.user, request.session, request._messages = AnonymousUser(), SessionStore(), []
    return request


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_email_of_allauth_is_enqueued_and_stands_nowhere_in_clear(
    user: User, settings: LazySettings, template: str
) -> None:
    settings.EMAIL_BACKEND = "no.such.Backend"
    secret = "s3cr3t-of-this-link"
    about = dict.fromkeys(("password_reset_url", "activate_url", "code", "key", "signup_url"), f"http://x/{secret}")
    with context.request_context(a_request()):
        get_adapter().send_mail(template, user.email, about | {"user": user})
    row = Message.objects.get()
    assert row.kind == template.rpartition("/")[2]
    with connection.cursor() as cursor:
        cursor.execute("SELECT outbox_message::text FROM outbox_message")
        (written,) = cursor.fetchone()
    assert secret not in written
    assert user.email not in written


def test_a_confirmation_of_an_address_is_enqueued(user: User) -> None:
    address = EmailAddress.objects.create(user=user, email="new@example.org")
    with context.request_context(a_request()):
        EmailConfirmationHMAC(address).send(a_request(), signup=True)
    assert mail.outbox == []
    assert [email.to for email in emails()] == [["new@example.org"]]


def test_nothing_of_a_link_is_left_once_it_was_sent(client: Client, user: User) -> None:
    ask_for_link(client, user)
    assert "sealed" in Message.objects.get().data
    (email,) = emails()
    assert "/password/reset/key/" in str(email.body)
    row = Message.objects.get()
    assert (row.delivered_at is not None, "sealed" in row.data) == (True, False)


def test_a_link_that_has_ended_is_not_sent(client: Client, user: User, clock: Clock) -> None:
    ask_for_link(client, user)
    clock.forward(hours=2)
    assert emails() == []
    row = Message.objects.get()
    assert (row.dropped_at is not None, "sealed" in row.data) == (True, False)


def test_a_notice_is_sent_however_late(client: Client, user: User, clock: Clock) -> None:
    change_password(client, user)
    clock.forward(days=2)
    assert [email.to for email in emails()] == [[user.email]]


def test_no_officer_reads_a_link_before_it_is_sent(client: Client, user: User) -> None:
    ask_for_link(client, user)
    officer = Client()
    factories.sign_in(officer, factories.account("officer"))
    page = officer.get(reverse("office:outbox")).content.decode()
    assert "password_reset_key" in page
    assert user.email not in page
    assert "password/reset" not in page
    assert not CapturedEmail.objects.exists()
