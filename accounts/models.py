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

    def get_by_natural_key(self, username: str | None) -> "User":
        """The account with that e-mail address, however it is written."""
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser):
    """An account: one person in one role, set once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
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
        ]

    def __str__(self) -> str:
        """The id: nothing that names a person may reach a log by way of a string."""
        return str(self.id)

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
