"""Password validators: rules beside the length and the list of common passwords (NIST SP 800-63B-4)."""

import re
import string
from collections.abc import Iterator
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

#: Words that an attacker of this site tries first.
CONTEXT = ("clearfill", "ipledge", "isotretinoin", "accutane", "rems", "pharmacy", "prescriber", "patient", "password")

#: So many characters must remain when those words and the person's own are taken out.
LEAST_OWN = 8

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
    """Refuses a password that is little more than the site's name, the person's own, or a run of one character."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError for one that is."""
        rest = password.lower()
        for word in (*CONTEXT, *_own(user)):
            rest = rest.replace(word, "")
        if len(rest.strip()) < LEAST_OWN or len(set(password)) < 5:
            raise ValidationError(
                _("This is too easy to guess here. Take a few words that have nothing to do with it.")
            )

    def get_help_text(self) -> str:
        """Said to one who chooses a password."""
        return _("Not the name of this site, of the medicine, or your own.")


def _own(user: Any) -> list[str]:
    """The words of the person's name and address, those of three letters and more."""
    text = f"{getattr(user, 'name', '')} {getattr(user, 'email', '')}".lower()
    return [word for word in re.split(r"[^\w]+", text) if len(word) > 2]
