"""Forms that say what they open before they are signed, or why they open nothing; and what is said afterwards."""

import hashlib
from typing import ClassVar

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from compliance.rules.editions import NoEdition
from compliance.rules.outlook import Outlook
from compliance.words.outlook import EffectWords, outlook_words, saved_words
from compliance.words.records import describe
from ui.navigation import Words
from web.shared.common import EntryForm
from web.shared.signed_text_forms import NeverEchoedField

#: On the button, once the reader was told that the entry opens nothing: a fact may be entered all the same.
ALL_THE_SAME = _("Enter it all the same")


class TellingForm(EntryForm):
    """A form that tells what its records open. What opens nothing is taken once the reader was told so.

    `told` comes back with what the page told, as a hash: what was told about another entry tells nothing of this one.
    """

    #: Whether what opens nothing is asked about; else the page has said so before anything was typed.
    asks_first: ClassVar[bool] = True

    told = NeverEchoedField(required=False, max_length=64)

    #: What follows of the records, where the form is in order and an edition is in force.
    outlook: Outlook | None = None

    def _post_clean(self) -> None:
        super()._post_clean()
        if self.errors or self.was_sent_before or self.refusals or not self.previewed:
            return
        try:
            outlook = self.ctx.file.outlook(self.previewed, self.ctx.at)
        except NoEdition:
            return
        self.check(outlook)
        if not self.errors:
            self.outlook = outlook
            self.fields["told"].initial = self._told_now

    def check(self, outlook: Outlook) -> None:
        """Refuse what only the outlook shows to be missing, for a form that has such a thing."""

    @property
    def outlook_words(self) -> list[EffectWords]:
        """What the page tells of each record."""
        return outlook_words(self.outlook) if self.outlook is not None else []

    @property
    def opens_nothing(self) -> bool:
        """Whether a record of it counts for nothing."""
        return self.outlook is not None and not self.outlook.counts

    @property
    def waits(self) -> bool:
        """Whether something is asked once more, or the reader was not told yet."""
        return super().waits or self._is_untold

    @property
    def _is_untold(self) -> bool:
        """Whether it opens nothing, or something else than the page had told, and the reader was not told so."""
        told = self.cleaned_data.get("told", "")
        if self.outlook is None or not self.asks_first:
            return False
        return (self.opens_nothing or bool(told)) and told != self._told_now

    @property
    def _told_now(self) -> str:
        """The hash of what the page tells, and of what about."""
        rows = [repr(describe(record)) for record in self.built_records]
        rows += [repr((str(words.title), words.sentence, words.reasons)) for words in self.outlook_words]
        return hashlib.sha256("\n".join(rows).encode()).hexdigest()

    @property
    def button(self) -> Words:
        """The text of the button that sends it."""
        return ALL_THE_SAME if self.opens_nothing else super().button


def tell_saved(request: HttpRequest, form: EntryForm, done: Words, *, about: str = "") -> None:
    """Say what follows of what was entered; in green only where it counts for something.

    `about` is the number of the patient, where the next page is another patient's.
    """
    before, outlook = f"{about}: " if about else "", _entered(form)
    if outlook is None:
        messages.success(request, f"{before}{done}")
        return
    words = saved_words(outlook, done, form.ctx.reader.role)
    (messages.success if words.good else messages.warning)(request, f"{before}{words.text}")


def _entered(form: EntryForm) -> Outlook | None:
    """What followed of the records when they were entered, also by an earlier press of the same button."""
    if not isinstance(form, TellingForm) or not form.numbers:
        return None
    try:
        return form.ctx.file.before(form.numbers[0]).outlook(form.built_records, form.ctx.at)
    except NoEdition:
        return None
