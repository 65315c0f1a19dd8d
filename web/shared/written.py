"""What was typed into records in somebody's own words, as it stands behind the line of each record."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from compliance.rules.records import Entry
from compliance.words.written import digest_for
from ledger.erasable_text import read_texts


def written_in(entries: Iterable[Entry], role: str) -> dict[int, str]:
    """By record, the words that a reader of that role reads, in quotation marks. One query where there are any."""
    digests = {entry.number: digest for entry in entries if (digest := digest_for(entry.record, role))}
    texts = read_texts(digests.values()) if digests else {}
    # Translators: what somebody typed, in quotation marks.
    quoted = _("“%(words)s”")
    return {number: quoted % {"words": texts[one]} for number, one in digests.items() if texts.get(one)}


def with_words(text: str, words: str) -> str:
    """The line of a record, with those words behind it."""
    return " · ".join(filter(None, (str(text), words)))
