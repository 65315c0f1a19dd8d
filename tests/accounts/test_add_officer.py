"""`manage.py add_officer`: the first two officers, each by a link that works once."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from accounts.roles import OFFICER, PATIENT
from ledger.models import LogRecord
from tests import factories
from tests.factories import PASSWORD
from tests.web.opened import send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_time_passes", "empty_cache")]


def add(email: str = "first@example.org", name: str = "First Officer") -> str:
    """The path of the link that is printed."""
    printed = StringIO()
    call_command("add_officer", email, name, stdout=printed, stderr=StringIO())
    return "/" + printed.getvalue().strip().split("/", 3)[3]


def test_link_chooses_the_password_once_and_a_second_factor_comes_before_the_first_page() -> None:
    path, client = add(), Client()
    user = User.objects.get(invited_email="first@example.org")
    assert (user.role, user.name, user.has_usable_password()) == (OFFICER, "First Officer", False)
    assert LogRecord.objects.get(subject=user.pk).kind == "account_opened"
    assert send(client, path, {"password1": PASSWORD, "key": "0" * 32}).status_code == 302
    assert Client().get(path).status_code == 404
    client.post("/account/login/", {"login": "first@example.org", "password": PASSWORD})
    assert client.get("/office/")["Location"] == "/account/2fa/"


REFUSED = {
    "a third": (("third@example.org", "Third"), "There are two officers."),
    "no address": (("nobody", "Nobody"), "This is no e-mail address."),
    "no name": (("other@example.org", "  "), "Name the officer"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_officer_who_cannot_be_added_is_refused_in_one_sentence(name: str) -> None:
    if name == "a third":
        add()
        add("second@example.org", "Second Officer")
    (values, sentence), before = REFUSED[name], User.objects.count()
    with pytest.raises(CommandError, match=sentence):
        add(*values)
    assert User.objects.count() == before


def test_address_that_has_an_account_is_refused() -> None:
    with pytest.raises(CommandError, match="This address has an account"):
        add(factories.account(PATIENT).email.upper())


@pytest.mark.parametrize("options", [{}, {"interactive": False, "email": "x@example.org"}])
def test_createsuperuser_names_the_command_that_there_is(options: dict[str, object]) -> None:
    with pytest.raises(CommandError, match="add_officer"):
        call_command("createsuperuser", **options)
    assert not User.objects.exists()
