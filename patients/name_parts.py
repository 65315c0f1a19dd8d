"""The text in which a part of a name is looked for, as PostgreSQL works it out of a patient's row and keeps it indexed.

`Patient` has an index of its trigrams (`accounts.plain_words`).
"""

import re
import unicodedata

from django.db.models import CharField, F, Func, Value
from django.db.models.functions import Concat

from accounts.plain_words import MARKS, plain_words

#: From so many letters on, a part of a word is looked for anywhere: as many as a trigram has.
LEAST_LETTERS = 3


def name_parts() -> Func:
    """Each word of the name after a space: in small letters without accents, and as names that are alike are kept."""
    parts = (Value(" "), plain_words("given_name", "family_name"), Value(" "), F("name_key"))
    return Concat(*parts, output_field=CharField())


def as_kept(word: str) -> str:
    """A word in letters of any alphabet, in small letters and without the marks that PostgreSQL leaves out."""
    return re.sub(MARKS, "", unicodedata.normalize("NFKD", word)).lower()
