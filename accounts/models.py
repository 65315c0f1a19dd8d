"""The account of a person who signs in."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from .roles import NAMES, ROLES


class UserManager(BaseUserManager["User"]):
    """Makes accounts."""

    def create_user(
        self, *, email: str, password: str | None, name: str, role: str, id: uuid.UUID | None = None
    ) -> "User":
        """A new account; without a password nobody can sign in to it until one is set."""
        user = self.model(id=id or uuid.uuid4(), email=email.lower(), name=name, role=role)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def invite(self, *, email: str, name: str, role: str) -> "User":
        """A new account of somebody else: the address becomes its own when the link that goes there is opened.

        Any address can be named so, also one that has an account: nobody learns which.
        """
        user = self.model(invited_email=email.lower(), name=name, role=role)
        user.set_unusable_password()
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """The account with that e-mail address, however it is written."""
        return self.exclude(email="").get(email=(username or "").lower())


class User(AbstractBaseUser):
    """An account: one person in one role, set once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    #: Empty until the link that went to `invited_email` was opened.
    email = models.EmailField(blank=True)
    #: Where the link goes by which an account that somebody else made is opened; empty once it was.
    invited_email = models.EmailField(blank=True, db_default="")
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=12, choices=list(NAMES.items()))
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    #: Until when look-ups at the counter are paused for this person, after many wrong ones.
    lookups_paused_until = models.DateTimeField(null=True)

    #: Wrong passwords and codes at sign-in, in a row: from browsers that are not trusted, and from those that are.
    failed_attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    failed_attempts_trusted = models.PositiveSmallIntegerField(default=0, db_default=0)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name", "role"]

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(role__in=ROLES), name="user_role_listed"),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_lower_case"),
            models.CheckConstraint(
                condition=Q(invited_email=Lower("invited_email")), name="user_invited_email_lower_case"
            ),
            models.CheckConstraint(condition=Q(email="") | Q(invited_email=""), name="user_email_or_invited_email"),
            models.UniqueConstraint(fields=["email"], condition=~Q(email=""), name="user_email_once"),
        ]

    def __str__(self) -> str:
        """The id: nothing that names a person may reach a log by way of a string."""
        return str(self.id)

    @property
    def address(self) -> str:
        """Where mail for the owner goes: the account's own address, or the one to which its link goes."""
        return self.email or self.invited_email

    @property
    def address_is_taken(self) -> bool:
        """Whether the link goes to an address that another account has by now: it opens nothing then."""
        return bool(self.invited_email) and User.objects.filter(email=self.invited_email).exists()

    def take_address(self) -> None:
        """The link was opened: the address to which it went is the account's own. The caller saves."""
        if self.invited_email:
            self.email, self.invited_email = self.invited_email, ""

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Nothing here is governed by Django's permissions."""
        return False

    def has_module_perms(self, app_label: str) -> bool:
        """Nor by its modules."""
        return False


class SigningLockout(models.Model):
    """Wrong credentials of one account at signing, in a row, and until when signing is locked."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="signing_lockout")
    failed_attempts = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)
