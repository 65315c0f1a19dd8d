"""Patient numbers: short, read aloud without mistakes, and wrong when one character is."""

import re
import secrets
import unicodedata

#: No 0 and O, no 1, I and L, no U: what is mistaken for one another is left out.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 8

#: The check character's alphabet is extended to a prime, so that every single error and every transposition shows.
_PRIME = 31


def check_character(body: str) -> str | None:
    """The last character for these seven; None for the rare body that has none."""
    total = sum((place + 2) * ALPHABET.index(character) for place, character in enumerate(body)) % _PRIME
    return ALPHABET[total] if total < len(ALPHABET) else None


def new_number() -> str:
    """A new random number; that it is unused, the database sees to."""
    while True:
        body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
        check = check_character(body)
        if check is not None:
            return body + check


def normalise(text: str) -> str:
    """The number as it is kept, from what a person typed: without spaces and dashes of any kind, in capitals."""
    typed = unicodedata.normalize("NFKC", text)
    return "".join(c for c in typed if not c.isspace() and unicodedata.category(c) != "Pd").upper()


def is_valid(number: str) -> bool:
    """Whether this, normalised, can be a number at all."""
    if len(number) != LENGTH or any(character not in ALPHABET for character in number):
        return False
    return check_character(number[:-1]) == number[-1]


#: A number in a longer text: two groups of four, and no other letter or digit beside them.
_IN_A_TEXT = re.compile(r"(?<![0-9A-Z])[2-9A-HJKMNP-TV-Z]{4}[\s-]?[2-9A-HJKMNP-TV-Z]{4}(?![0-9A-Z])")


def scanned(text: str) -> str:
    """The number that stands in what a person typed or a scanner read, as it is kept.

    A text that holds no number, or two of them, is given back as if it were one: `is_valid` refuses it.
    """
    typed = normalise(text)
    if is_valid(typed):
        return typed
    found = {normalise(part) for part in _IN_A_TEXT.findall(unicodedata.normalize("NFKC", text).upper())}
    valid = [number for number in found if is_valid(number)]
    return valid[0] if len(valid) == 1 else typed


def pretty(number: str) -> str:
    """In two groups of four, to be read aloud."""
    return f"{number[:4]}-{number[4:]}"


def npi_check_digit(body: str) -> str:
    """The tenth digit of a National Provider Identifier for these nine: Luhn's check over them, prefixed with 80840."""
    digits = [int(digit) for digit in reversed("80840" + body)]
    total = sum(sum(divmod(digit * 2, 10)) if place % 2 == 0 else digit for place, digit in enumerate(digits))
    return str(-total % 10)


def npi_is_valid(npi: str) -> bool:
    """Whether this is a National Provider Identifier: ten digits, the first of them 1 or 2, the last the check."""
    if len(npi) != 10 or not npi.isascii() or not npi.isdigit() or npi[0] not in "12":
        return False
    return npi_check_digit(npi[:9]) == npi[9]
