"""Names, brought to a form in which two ways to write the same name are equal. For the search, never to be shown."""

import re
import unicodedata
from collections.abc import Mapping

from .nicknames import NICKNAMES

_PARTICLES = "al ap bin da das de del den der di do dos du el ibn la las le los of te ten ter van von y zu"
_SUFFIXES = "ii iii iv jr sr junior senior"

#: What is left out of a family name where something else remains.
PARTICLES = frozenset(f"{_PARTICLES} {_SUFFIXES}".split())

#: Particles that are often written in one word with what follows, and how long what follows must be.
_JOINED_PARTICLES = re.compile(r"^(?:dela|delos|delas|vander|vanden|van|von)(?=[a-z]{4})")

#: Letters that Unicode does not take apart.
_LETTERS = str.maketrans({
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "a", "œ": "o", "ı": "i", "ŋ": "n", "ħ": "h", "ŧ": "t",
    "ə": "a",
    "а": "a", "б": "b", "в": "v", "г": "g", "ґ": "g", "д": "d", "е": "e", "є": "ie", "ж": "zh", "з": "z", "и": "i",
    "і": "i", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u",
    "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e",
    "ю": "yu", "я": "ya",
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i", "κ": "k", "λ": "l",
    "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s", "τ": "t", "υ": "y", "φ": "f", "χ": "ch",
    "ψ": "ps", "ω": "o",
})  # fmt: skip
#: The umlauts as they are spelt out, and å as aa.
_SPELT_OUT = re.compile(r"(?<=[aou])e|(?<=a)a")
_APOSTROPHES = re.compile(r"['’‘ʼʻ`´]")
#: One word with what follows it: O Neil, St. John, Mac Donald.
_JOINED = re.compile(r"\b(o|d|ma?c|sainte?|ste?)[ .-]+(?=\w{2})")
_SAINT = re.compile(r"^sainte?(?=\w{2})")
_MAC = re.compile(r"^ma?c(?=\w{3})")

#: As long as the column.
LONGEST = 130


def plain(name: str) -> str:
    """The name in small Latin letters, without accents; what separates its words stands as it is."""
    return _unmarked(_unmarked(name).casefold().translate(_LETTERS))


def _unmarked(name: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))


def name_key(given_name: str, family_name: str) -> str:
    """The given and the family name, each in one word, in alphabetical order: equal for two spellings of one name.

    A family name goes without its particles, a given name without initials, a nickname stands as the name that it is
    short for. Which of the two names was typed into which field does not matter.
    """
    given, family = "".join(given_words(given_name)), "".join(family_words(family_name))
    return " ".join(sorted(filter(None, (_ONLY_FULL_NAME.get(given, given), family))))[:LONGEST]


def given_words(name: str) -> list[str]:
    """The words of a given name; initials only where there is nothing else."""
    words = _words(name)
    return [word for word in words if len(word) > 1] or words


def family_words(name: str) -> list[str]:
    """The words of a family name without its particles, with Saint and Mac written in one way."""
    text = _JOINED.sub(lambda found: "st" if found[1].startswith("s") else found[1], _separate(name))
    words = [_family_word(word) for word in _folded(text)]
    return [word for word in words if word not in PARTICLES] or words


def _family_word(word: str) -> str:
    """One word of a family name: `St` and `Saint`, `Mac` and `Mc` alike, a particle in one word with it left out."""
    return _JOINED_PARTICLES.sub("", _MAC.sub("mc", _SAINT.sub("st", word)))


def _separate(name: str) -> str:
    return _APOSTROPHES.sub("", plain(name))


def _words(name: str) -> list[str]:
    return _folded(_separate(name))


def _folded(text: str) -> list[str]:
    return [_SPELT_OUT.sub("", word) for word in re.findall(r"[^\W_]+", text)]


def joined(name: str) -> str:
    """All of a name in one word, particles included: equal however its parts are separated."""
    return "".join(_words(name))


def full_names(word: str) -> frozenset[str]:
    """The word of a given name, and the full names that it may be short for."""
    return _FULL_NAMES.get(word, frozenset()) | {word}


def _read_nicknames() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for line in NICKNAMES.split("\n"):
        full, *short = _words(line) or [""]
        for word in (full, *short):
            found.setdefault(word, set()).add(full)
    return {word: frozenset(names) for word, names in found.items()}


#: By short form the full names, and the full name of those that have one only.
_FULL_NAMES = _read_nicknames()
_ONLY_FULL_NAME = {word: min(names) for word, names in _FULL_NAMES.items() if len(names) == 1}
