"""Names as a search compares them, worked out by PostgreSQL: in small letters without accents, each word after a space.

It is an expression and no column: no table is written anew for it. An index of its trigrams is used only where a query
has the very same expression.
"""

from django.db.models import CharField, F, Func, Value
from django.db.models.functions import Concat, Lower

#: What separates the words of a name, as PostgreSQL and Python read it.
SEPARATORS = r"[\s.,/\-‐‑–]+"
APOSTROPHES = "['’‘ʼʻ`´]"
MARKS = "[\u0300-\u036f]"


def plain_words(*columns: str) -> Func:
    """The words of these columns as `patients.names.plain` makes them of Latin letters."""
    apart = Func(_separate(columns), template="normalize(%(expressions)s, NFKD)")
    unmarked = Func(apart, Value(MARKS), Value(""), Value("g"), function="regexp_replace")
    latin = Func(Lower(unmarked), Value("øłđðıħŧ"), Value("olddiht"), function="translate")
    return Func(latin, Value("ß"), Value("ss"), function="replace", output_field=CharField())


def _separate(columns: tuple[str, ...]) -> Func:
    """The columns with what stands between words as one space; with an apostrophe as a letter's part, and as a space:
    O'Neill is found as `oneill` and as `neill`.
    """
    spaced = [part for column in columns for part in (F(column), Value(" "))]
    whole = Concat(*spaced, output_field=CharField())
    ways = [Func(whole, Value(APOSTROPHES), Value(to), Value("g"), function="regexp_replace") for to in ("", " ")]
    both = Concat(*ways, output_field=CharField())
    return Func(both, Value(SEPARATORS), Value(" "), Value("g"), function="regexp_replace", output_field=CharField())


def words_found(*columns: str) -> Func:
    """The words of these columns, the first after a space as well: a part that begins with one begins a word."""
    return Concat(Value(" "), plain_words(*columns), output_field=CharField())
