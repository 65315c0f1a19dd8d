"""The text in which a part of a name is looked for, as PostgreSQL works it out of a patient's row and keeps it indexed.

It is an expression and no column: the table is not written anew for it. `Patient` has an index of its trigrams, which
is used only where a query has the very same expression.
"""

import re
import unicodedata

from django.db.models import CharField, F, Func, Value
from django.db.models.functions import Concat, Lower

#: From so many letters on, a part of a word is looked for anywhere: as many as a trigram has.
LEAST_LETTERS = 3

#: What separates the words of a name, as PostgreSQL and Python read it.
SEPARATORS = r"[\s.,/\-‐‑–]+"
APOSTROPHES = "['’‘ʼʻ`´]"
_MARKS = "[\u0300-\u036f]"


def name_parts() -> Func:
    """Each word of the name after a space: in small letters without accents, and as names that are alike are kept."""
    parts = (Value(" "), _plain_name(), Value(" "), F("name_key"))
    return Concat(*parts, output_field=CharField())


def _plain_name() -> Func:
    """The name in small letters without accents, as `names.plain` makes it of Latin letters."""
    apart = Func(_whole_name(), template="normalize(%(expressions)s, NFKD)")
    unmarked = Func(apart, Value(_MARKS), Value(""), Value("g"), function="regexp_replace")
    latin = Func(Lower(unmarked), Value("øłđðıħŧ"), Value("olddiht"), function="translate")
    return Func(latin, Value("ß"), Value("ss"), function="replace", output_field=CharField())


def _whole_name() -> Func:
    """The name with what stands between its words as one space; with an apostrophe as a letter's part, and as a space:
    O'Neill is found as `oneill` and as `neill`.
    """
    whole = Concat(F("given_name"), Value(" "), F("family_name"), Value(" "), output_field=CharField())
    ways = [Func(whole, Value(APOSTROPHES), Value(to), Value("g"), function="regexp_replace") for to in ("", " ")]
    both = Concat(*ways, output_field=CharField())
    return Func(both, Value(SEPARATORS), Value(" "), Value("g"), function="regexp_replace", output_field=CharField())


def as_kept(word: str) -> str:
    """A word in letters of any alphabet, in small letters and without the marks that PostgreSQL leaves out."""
    return re.sub(_MARKS, "", unicodedata.normalize("NFKD", word)).lower()
