"""Accounts: one address, one role, set once."""

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, transaction

import config.settings
from accounts.models import User
from accounts.roles import OFFICER, PATIENT
from tests import factories

pytestmark = pytest.mark.django_db


def test_an_address_is_kept_in_small_letters_and_found_however_it_is_written() -> None:
    user = User.objects.create_user(email="Ana@Example.org", password=None, name="Ana", role=PATIENT)
    assert user.email == "ana@example.org"
    assert User.objects.get_by_natural_key("ANA@example.ORG") == user


def test_an_account_without_a_password_opens_to_none() -> None:
    user = factories.account(PATIENT)
    assert not user.has_usable_password()
    assert not user.check_password("")


def test_two_accounts_never_share_an_address() -> None:
    user = factories.account(PATIENT)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user(email=user.email.upper(), password=None, name="", role=PATIENT)


def test_the_database_refuses_an_address_in_capitals() -> None:
    user = factories.account(PATIENT)
    with pytest.raises(IntegrityError, match="user_email_lower_case"), transaction.atomic():
        User.objects.filter(pk=user.pk).update(email="A@example.org")


def test_the_database_refuses_a_role_that_there_is_not() -> None:
    with pytest.raises(IntegrityError, match="user_opened_as_listed"), transaction.atomic():
        factories.account("admin")


def test_the_database_refuses_a_language_that_there_is_not() -> None:
    user = factories.account(PATIENT)
    with pytest.raises(IntegrityError, match="user_language_listed"), transaction.atomic():
        User.objects.filter(pk=user.pk).update(language="de")


def test_the_database_refuses_another_role() -> None:
    user = factories.account(PATIENT)
    with pytest.raises(IntegrityError, match="the role of an account is set once"), transaction.atomic():
        User.objects.filter(pk=user.pk).update(opened_as=OFFICER)
    user.name = "Another"
    user.save()


def test_nothing_here_goes_by_djangos_permissions() -> None:
    user = factories.account(OFFICER)
    assert not user.has_perm("accounts.change_user")
    assert not user.has_module_perms("accounts")


def test_a_password_is_kept_as_argon2_of_the_size_that_was_measured(settings: LazySettings) -> None:
    settings.PASSWORD_HASHERS = config.settings.PASSWORD_HASHERS
    user = factories.account(PATIENT, password=factories.PASSWORD)
    assert user.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert user.check_password(factories.PASSWORD)
