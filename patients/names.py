"""Names, brought to a form in which two ways to write the same name are equal. For the search, never to be shown."""

import re
import unicodedata

_PARTICLES = "al ap bin da das de del den der di do dos du el ibn la las le los of te ten ter van von y zu"
_SUFFIXES = "ii iii iv jr sr junior senior"

#: What is left out of a family name where something else remains.
PARTICLES = frozenset(f"{_PARTICLES} {_SUFFIXES}".split())

#: Letters that Unicode does not take apart, and the spelt-out umlauts.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "a", "œ": "o", "ı": "i", "ŋ": "n"})
_SPELT_OUT = re.compile(r"(?<=[aou])e")
_APOSTROPHES = re.compile(r"['’ʼ`´]")

#: As long as the column.
LONGEST = 130


def name_key(given_name: str, family_name: str) -> str:
    """The words of the name in alphabetical order, without case, accents and punctuation.

    A family name goes without its particles, a given name without initials. Which of the two names was typed into
    which field does not matter.
    """
    values, family = _words(given_name), _words(family_name)
    words = [word for word in values if len(word) > 1] or values
    words += [word for word in family if word not in PARTICLES] or family
    return " ".join(sorted(words))[:LONGEST]


def _words(name: str) -> list[str]:
    plain = _APOSTROPHES.sub("", name)  # O'Neil is one word, Lloyd-Jones two
    plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    plain = plain.casefold().translate(_LETTERS)
    return [_SPELT_OUT.sub("", word) for word in re.findall(r"[^\W_]+", plain)]
