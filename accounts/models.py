"""The account of a person who signs in."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from .languages import LISTED, UNKNOWN
from .places import Place, places_of
from .plain_words import words_found
from .roles import NAMES, OFFICER, PRESCRIBER, ROLES, STAFF
from .user_names import LONGEST, PATTERN

#: Under these names a user, who is loaded anew with each request, keeps the places and which of them is chosen.
_PLACES, _CHOSEN = "_places", "_chosen_place"


class UserManager(BaseUserManager["User"]):
    """Makes accounts."""

    def create_user(
        self, *, password: str | None, name: str, role: str, email: str = "", user_name: str = "",
        id: uuid.UUID | None = None,
    ) -> "User":  # fmt: skip
        """A new account; without a password nobody can sign in to it until one is set.

        It signs in by its address, or, where its owner has none, by a user name.
        """
        user = self.model(
            id=id or uuid.uuid4(), email=email.lower(), user_name=user_name.lower(), name=name, opened_as=role
        )
        user.set_password(password)
        user.save(using=self._db)
        return user

    def invite(self, *, email: str, name: str, role: str) -> "User":
        """A new account of somebody else: the address becomes its own when the link that goes there is opened.

        Any address can be named so, also one that has an account: nobody learns which.
        """
        user = self.model(invited_email=email.lower(), name=name, opened_as=role)
        user.set_unusable_password()
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """The account with that e-mail address, however it is written."""
        return self.exclude(email="").get(email=(username or "").lower())


class User(AbstractBaseUser):
    """An account: one person, who holds one place or several (`accounts.places`) and acts in one at a time."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    #: Empty until the link that went to `invited_email` was opened.
    email = models.EmailField(blank=True)
    #: Where the link goes by which an account that somebody else made is opened; empty once it was.
    invited_email = models.EmailField(blank=True, db_default="")
    #: By what somebody signs in who has no address: in place of one, never beside it (`accounts.user_names`).
    user_name = models.CharField(max_length=LONGEST, blank=True, db_default="", default="")
    name = models.CharField(max_length=120)
    #: In which the owner wants to be addressed (`accounts.languages`); empty while it is not known.
    language = models.CharField(max_length=2, blank=True, default=UNKNOWN, db_default=UNKNOWN)
    #: An IANA name: in which the owner reads (`accounts.zones`); empty while it is not known.
    zone = models.CharField(max_length=64, blank=True, default="", db_default="")
    #: The role in which the account was opened: its first place. Set once; only an officer's says what it may do.
    opened_as = models.CharField(max_length=12, choices=list(NAMES.items()))
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
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name", "opened_as"]

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(opened_as__in=ROLES), name="user_opened_as_listed"),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_lower_case"),
            models.CheckConstraint(
                condition=Q(invited_email=Lower("invited_email")), name="user_invited_email_lower_case"
            ),
            models.CheckConstraint(condition=Q(language__in=LISTED), name="user_language_listed"),
            models.CheckConstraint(condition=Q(zone__regex=r"^[A-Za-z0-9_+/-]*$"), name="user_zone_form"),
            models.CheckConstraint(condition=Q(email="") | Q(invited_email=""), name="user_email_or_invited_email"),
            models.UniqueConstraint(fields=["email"], condition=~Q(email=""), name="user_email_once"),
            models.CheckConstraint(condition=Q(user_name="") | Q(user_name__regex=PATTERN), name="user_user_name_form"),
            models.CheckConstraint(condition=Q(user_name="") | Q(email=""), name="user_email_or_user_name"),
            models.UniqueConstraint(fields=["user_name"], condition=~Q(user_name=""), name="user_user_name_once"),
            # Django marks a password that opens nothing by this sign.
            models.CheckConstraint(
                condition=Q(("password__startswith", "!")) | ~Q(email="") | ~Q(user_name=""),
                name="user_signs_in_by_something",
            ),
        ]
        indexes: ClassVar = [
            # Prescribers are found by parts of their names; their accounts alone are few.
            GinIndex(
                OpClass(words_found("name"), name="gin_trgm_ops"), condition=Q(opened_as=PRESCRIBER),
                name="user_prescriber_words",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        """The id: nothing that names a person may reach a log by way of a string."""
        return str(self.id)

    @property
    def address(self) -> str:
        """Where mail for the owner goes: the account's own address, or the one to which its link goes."""
        return self.email or self.invited_email

    @property
    def sign_in_name(self) -> str:
        """What its owner types to sign in: the address, or the user name; empty while there is neither."""
        return self.email or self.user_name

    @property
    def address_is_taken(self) -> bool:
        """Whether the link goes to an address that another account has by now: it opens nothing then."""
        return bool(self.invited_email) and User.objects.filter(email=self.invited_email).exists()

    def take_address(self) -> None:
        """The link was opened: the address to which it went is the account's own. The caller saves."""
        if self.invited_email:
            self.email, self.invited_email = self.invited_email, ""

    @property
    def places(self) -> tuple[Place, ...]:
        """The places that the account holds, looked up once for this object."""
        if self._state.adding:
            return ()
        if self.opened_as == OFFICER:
            return (Place(OFFICER, self.pk),)
        if _PLACES not in self.__dict__:
            self.__dict__[_PLACES] = places_of(self.pk)
        places: tuple[Place, ...] = self.__dict__[_PLACES]
        return places

    def act_in(self, code: str | None) -> None:
        """Act in the place of that code from now on; without one, in the only place that there is."""
        self.__dict__[_CHOSEN] = code

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        """Read the account anew, and its places when they are asked for."""
        self.__dict__.pop(_PLACES, None)
        super().refresh_from_db(*args, **kwargs)

    @property
    def place(self) -> Place | None:
        """The place in which the account acts; None while it holds several and none of them is chosen."""
        code, places = self.__dict__.get(_CHOSEN), self.places
        if code is not None:
            return next((place for place in places if place.code == code), None)
        return places[0] if len(places) == 1 else None

    @property
    def role(self) -> str:
        """The role of the place in which the account acts; empty, which opens nothing, while there is none.

        An account that never had a place says as what it was opened: it acts for nobody.
        """
        place = self.place
        if place is not None:
            return place.role
        return "" if self.places or self.__dict__.get(_CHOSEN) else self.opened_as

    @property
    def role_name(self) -> str:
        """What the role is called on a page."""
        return str(NAMES.get(self.role, ""))

    @property
    def is_staff_account(self) -> bool:
        """Whether any of the places is one of staff: the strictest one decides on second factor and session limits."""
        return any(place.role in STAFF for place in self.places) or (not self.places and self.opened_as in STAFF)

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Nothing here is governed by Django's permissions."""
        return False

    def has_module_perms(self, app_label: str) -> bool:
        """Nor by its modules."""
        return False


class CalendarFeed(models.Model):
    """A secret address at which a calendar program reads the dates of one place of an account. One a place.

    The address stands nowhere: the row has its hash (`accounts.calendar_feeds`).
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="calendar_feeds")
    #: The code of the place (`accounts.places.Place.code`).
    place = models.CharField(max_length=50)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    #: The program's day on which it was read last; None while it never was.
    read_on = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "place"], name="calendar_feed_once_a_place")]

    def __str__(self) -> str:
        """No more than that there is one."""
        return "calendar feed"


class TextNumber(models.Model):
    """The telephone number to which text messages to an account go, once its owner typed a code that went there."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="text_number")
    #: Empty while none is confirmed.
    number = models.CharField(max_length=16, blank=True, default="")
    confirmed_at = models.DateTimeField(null=True)
    #: The number that is being confirmed, a keyed hash of the code that went there, until when it is good, and how
    #: often a wrong one was typed.
    asked_number = models.CharField(max_length=16, blank=True, default="")
    code = models.CharField(max_length=64, blank=True, default="")
    code_until = models.DateTimeField(null=True)
    wrong = models.PositiveSmallIntegerField(default=0)
    #: How many codes were sent since then: so many go in a day.
    sent = models.PositiveSmallIntegerField(default=0)
    sent_since = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["asked_number"], name="text_number_asked", condition=~Q(asked_number="")),
        ]


class SigningLockout(models.Model):
    """Wrong credentials of one account at signing, in a row, and until when signing is locked."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="signing_lockout")
    failed_attempts = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)


class SurveyOffer(models.Model):
    """From which day an account is offered a survey again: it has taken it, or has put it off. Nothing it answered."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="survey_offers")
    survey = models.CharField(max_length=32)
    #: The version that was taken; None where it was put off.
    version = models.PositiveSmallIntegerField(null=True)
    again_on = models.DateField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "survey"], name="survey_offer_once")]


class RateLimitCount(models.Model):
    """Attempts that are counted until a time; written by `accounts.rate_limit_store`. The key names nobody."""

    key = models.TextField(primary_key=True)
    value = models.JSONField()
    expires_at = models.DateTimeField(db_index=True)
