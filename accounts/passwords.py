"""The password validator: rule after rule, and one sentence on the first that is broken (NIST SP 800-63B-4)."""

import re
import string
import unicodedata
from collections.abc import Iterator
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator, MinimumLengthValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

#: Words that an attacker of this site tries first.
CONTEXT = ("clearfill", "ipledge", "isotretinoin", "accutane", "rems", "pharmacy", "prescriber", "patient", "password")

#: So many characters must remain when those words are taken out.
LEAST_OWN = 8

#: A name of so many letters is found wherever it stands, one of so many at either end of a word, a shorter one as a
#: word of its own: nobody sees «Ana» in «banana», or «Mora» in «amoral».
_LONG_NAME, _MIDDLING_NAME = 6, 4

#: Along these fingers run, forwards and backwards; a run of so many characters is no more than one.
_ROWS = (
    "1234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm",
    "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "qazwsxedcrfvtgbyhnujm",
)  # fmt: skip
_RUN = 4


class NotACommonOne(CommonPasswordValidator):
    """Refuses the 20,000 commonest of those that leaked, and each of them repeated or lengthened.

    None but a few of them are as long as a password must be here: long ones are made of short ones.
    """

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError for one that is."""
        super().validate(password, user)
        core = _once(_without_runs(password.lower()).strip(string.digits + string.punctuation + " "))
        if len(core) < _RUN or core in self.passwords:
            raise ValidationError(self.get_error_message(), code="password_too_common")


def _runs() -> Iterator[str]:
    for row in (*_ROWS, *(row[::-1] for row in _ROWS)):
        for length in range(_RUN, len(row) + 1):
            yield from (row[start : start + length] for start in range(len(row) - length + 1))


def _without_runs(text: str) -> str:
    for run in sorted(_runs(), key=len, reverse=True):
        text = text.replace(run, "")
    return text


def _once(text: str) -> str:
    """What is repeated, where a text is nothing but a repetition."""
    # A text that is one is found in itself, twice over, before its end.
    period = (text + text).find(text, 1)
    return text[:period]


class NotOfTheContext:
    """Refuses a password with its owner's name in it, and one that is little more than the names of this site."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError for one that is."""
        plain = _plain(password)
        if any(_is_in(name, plain) for name in _names(user)):
            raise ValidationError(
                _("Your name, your address or your user name is in it. Leave that out."), code="password_own_name"
            )
        for word in (*CONTEXT, *_host(user)):
            plain = plain.replace(word, "")
        if len(plain.strip()) < LEAST_OWN:
            raise ValidationError(
                _("This is too easy to guess here. Take a few words that have nothing to do with it."),
                code="password_of_the_context",
            )


class Passphrase:
    """The validator of every password: the first rule that is broken is what its owner is told."""

    def __init__(self, min_length: int) -> None:
        self.rules = (MinimumLengthValidator(min_length), NotACommonOne(), NotOfTheContext())

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError with one sentence."""
        for rule in self.rules:
            rule.validate(password, user)

    def get_help_text(self) -> str:
        """Said to one who chooses a password."""
        return _("Not the name of this site, of the medicine, or your own.")


def _plain(text: str) -> str:
    """Without capitals and accents, as a name is recognised."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def _is_in(name: str, plain: str) -> bool:
    if len(name) >= _LONG_NAME:
        return name in plain
    words = _words(plain)
    if len(name) >= _MIDDLING_NAME:
        return any(word.startswith(name) or word.endswith(name) for word in words)
    return name in words


def _names(user: Any) -> list[str]:
    """The words of the person's name, of the address before its @ and of the user name, from three letters on."""
    local = str(getattr(user, "email", "")).partition("@")[0]
    return _words(f"{getattr(user, 'name', '')} {local} {getattr(user, 'user_name', '')}")


def _host(user: Any) -> list[str]:
    """The words of the address behind its @."""
    return _words(str(getattr(user, "email", "")).partition("@")[2])


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\W\d_]+", _plain(text)) if len(word) > 2]
