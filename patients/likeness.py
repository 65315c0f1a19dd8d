"""Whether two names may be those of one person who was born on one day."""

from itertools import product

from .names import family_words, full_names, given_words, joined, name_key

Name = tuple[str, str]

#: How long a family name must be that is found inside another word: `Jones` in `Lloydjones`, not `Lee` in `Ashlee`.
_LONG_ENOUGH = 4


def names_alike(one: Name, other: Name) -> bool:
    """Whether two names (given, family) may be of one person, if their birth dates are the same.

    They are where they are equal but for their writing, where one family name is a part of the other, and where the
    family names are equal and the given names do not contradict one another. Twins have other given names.
    """
    if name_key(*one) == name_key(*other) != "" or _same_in_one_word(one, other):
        return True
    if _within(set(family_words(one[1])), set(family_words(other[1]))):
        return True
    # As they were typed, and with the names of either in each other's field.
    pairs = ((one, other), (one, other[::-1]), (one[::-1], other))
    return any(_families_alike(a[1], b[1]) and given_names_agree(a[0], b[0]) for a, b in pairs)


def _same_in_one_word(one: Name, other: Name) -> bool:
    """However it is separated, and in whichever field each part was typed."""
    turned = {joined(f"{other[0]} {other[1]}"), joined(f"{other[1]} {other[0]}")}
    return joined(f"{one[0]} {one[1]}") in turned - {""}


def _within(one: set[str], other: set[str]) -> bool:
    return bool(one and other) and (one < other or other < one)


def _families_alike(one: str, other: str) -> bool:
    """Whether two family names are the same, or one is a part of the other, written in one word or in several."""
    words, others = set(family_words(one)), set(family_words(other))
    if not words or not others:
        return False
    return words == others or _within(words, others) or _inside(one, other) or _inside(other, one)


def _inside(one: str, other: str) -> bool:
    """Whether the other family name begins or ends with the one, both written in one word."""
    word, whole = "".join(family_words(one)), "".join(family_words(other))
    return len(word) >= _LONG_ENOUGH and (whole.startswith(word) or whole.endswith(word))


def given_names_agree(one: str, other: str) -> bool:
    """Whether two given names may be of one person: a word in common, a nickname, an initial, the beginning."""
    words, others = given_words(one), given_words(other)
    if not words or not others:
        return True
    if joined(one) == joined(other):
        return True
    return any(_words_agree(*pair) for pair in product(words, others))


def _words_agree(one: str, other: str) -> bool:
    if one.startswith(other) or other.startswith(one):
        return True
    return bool(full_names(one) & full_names(other))
