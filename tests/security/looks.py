"""What is looked for on each page that a reader is shown, whatever it is about.

A page is dear to render: it is asked once, and all the looks are at that answer.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any

from django.utils.html import strip_tags
from django.utils.translation import override

from compliance.words.corrections import correction_sentences
from config.logs import formatter
from tests.spanish import english_in, names_in_the_data
from web.shared.put_right import ENTERED_ON

from .addresses import ROLE, Row
from .fixtures import SiteFixture
from .marked import OF_SOMEBODY, MarkedPage
from .reading import words_of

#: What may stand in no address, title, line of a log, count or e-mail.
HEALTH = r"negative|positive|indeterminate|pregnan|condom|vasectomy|combined.pill|steriliz|isotretinoin|accutane|rems\b"
PERSON = rf"@example\.org|{OF_SOMEBODY}|Lindgren|2001-04-0|04/02/2001|2011-02-0|\+1212555"
#: Nor in a title, in English or in Spanish.
_RESULT = "negativ|positiv"
#: Addresses of ours that are words of the program and not about anybody: which page, which text.
SAYS_WHICH_PAGE = re.compile(r"/(pregnan\w+|methods|birth-date|birth-defects)(?=/|$)|/static/.*")


def is_page(answer: Any) -> bool:
    """Whether there is something to look at."""
    return bool(answer.headers.get("Content-Type", "").startswith("text/html") and answer.content)


class Looks:
    """One reader's, in one language, at what they get: the faults; and what was seen at all."""

    def __init__(self, site: SiteFixture, reader: str, language: str) -> None:
        self.site, self.role, self.language = site, ROLE.get(reader, ""), language
        self.data = names_in_the_data() if language == "es" else frozenset()
        #: The free texts that were seen; the pages that say how to put right.
        self.marked: set[str] = set()
        self.put_right = 0
        self._seen: set[str] = set()

    def at(self, row: Row, answer: Any) -> Iterator[str]:
        """What is wrong with an answer to GET."""
        if answer.status_code == 200 and is_page(answer):
            page = MarkedPage(answer.wsgi_request.path, answer.content.decode())
            yield from self._disclosed(page)
            yield from self._unsaid(row, page)
            yield from self._at_the_words(answer, page)
        else:
            yield from self.at_what_comes_back(answer)

    def at_what_comes_back(self, answer: Any) -> Iterator[str]:
        """What is wrong with a form that is shown again, or a page that says no; the same page once."""
        if is_page(answer) and (words := words_of(answer)) not in self._seen:
            self._seen.add(words)
            yield from self._at_the_words(answer, MarkedPage(answer.wsgi_request.path, answer.content.decode()))

    def _at_the_words(self, answer: Any, page: MarkedPage) -> Iterator[str]:
        self.marked |= page.marked
        said = list(page.faults())
        if self.language == "es":
            said += english_in(page.visible, self.data) + ["not in Spanish"] * ('<html lang="es">' not in page.text)
        yield from (f"{page.path}, {answer.status_code}: {fault}" for fault in said)

    def _disclosed(self, page: MarkedPage) -> Iterator[str]:
        """Who or what stands where it is kept and passed on: in addresses and titles."""
        # A number to be called is dialled, and sent to no server.
        asked = [address for address in page.addresses if not address.startswith("tel:")]
        where = " ".join(SAYS_WHICH_PAGE.sub("", address) for address in (page.path, *asked))
        yield from (f"{page.path}: {it} in an address" for it in re.findall(f"(?i){PERSON}|{HEALTH}", where))
        yield from (f"{page.path}: {it} in the title" for it in re.findall(f"(?i){PERSON}|{_RESULT}", page.title))

    def _unsaid(self, row: Row, page: MarkedPage) -> Iterator[str]:
        """What a page on which something is entered should say of how it is put right, and does not."""
        about = row.about(self.site)
        kinds = ENTERED_ON.get(f"{row.name}/{about['slug']}" if row.name == "prescriber:entry" else row.name, ())
        # A no: nothing was authorized, and nothing is handed over.
        if not kinds or about.get("key") == self.site.answer_key:
            return
        self.put_right += 1
        said = unescape(strip_tags(page.text))
        with override(self.language):
            sentences = [str(sentence) for sentence in correction_sentences(kinds, self.role)]
        yield from (f"{page.path}: does not say {sentence!r}" for sentence in sentences if sentence not in said)


class Lines(logging.Handler):
    """Every line that is written within `heard`, as it stands in the log."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[str] = []
        self._formatter = formatter()

    def emit(self, record: logging.LogRecord) -> None:
        if record.name != "django.db.backends":
            self.written.append(SAYS_WHICH_PAGE.sub("", self._formatter.format(record)))

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Listen, to the least of them; nobody else does."""
        root, off = logging.getLogger(), logging.root.manager.disable
        handlers, level = root.handlers, root.level
        root.handlers = [self]
        root.setLevel(logging.DEBUG)
        logging.disable(logging.NOTSET)
        try:
            yield
        finally:
            root.handlers = handlers
            root.setLevel(level)
            logging.disable(off)

    def about_somebody(self) -> list[str]:
        return [line for line in self.written if re.search(f"(?i){PERSON}", line)]
