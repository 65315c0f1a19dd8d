"""Forms that may open a stop: what they would enter is repeated on a page of its own before it is signed."""

import hashlib
from typing import Any

from django.http import HttpRequest

from compliance.rules.history import is_stop
from compliance.words.records import describe
from ui.navigation import Words
from web.shared.common import EntryForm
from web.shared.signed_text_forms import SIGNATURE_FIELDS, TELL, NeverEchoedField

#: The step of that page by which one goes back to what was typed.
BACK = "back"

_NOT_CARRIED = frozenset({"csrfmiddlewaretoken", "repeated", "step", "displayed_sha256", "assertion", "nonce",
                          *SIGNATURE_FIELDS})  # fmt: skip


class StoppingForm(EntryForm):
    """A form whose records may stop treatment. Such a one is taken once it was repeated: `repeated` is its hash."""

    repeated = NeverEchoedField(required=False, max_length=64)

    def _post_clean(self) -> None:
        super()._post_clean()
        if not self.errors and self.stopping and not self.is_unrepeated:
            self.fields["repeated"].initial = self.repetition

    @property
    def stopping(self) -> list[tuple[Words, str]]:
        """The records that open a stop, in words; empty while the form is not in order."""
        if not self.is_bound or self.errors:
            return []
        return [describe(record) for record in self.previewed if is_stop(record)]

    @property
    def repetition(self) -> str:
        """The hash of what is repeated: of another result, or another patient, it says nothing."""
        rows = [str(self.ctx.patient.pk), *(f"{title} {text}" for title, text in self.stopping)]
        return hashlib.sha256("\n".join(rows).encode()).hexdigest()

    @property
    def is_unrepeated(self) -> bool:
        """Whether it would open a stop, and the reader has not read it once more."""
        if not self.stopping or self.was_sent_before:
            return False
        return bool(self.cleaned_data.get("repeated") != self.repetition) or self.data.get("step") == BACK

    @property
    def waits(self) -> bool:
        """Whether something is asked once more."""
        return super().waits or self.is_unrepeated

    @property
    def carried(self) -> list[tuple[str, str]]:
        """All that was typed, but for the signature, to be sent along: nothing is lost on the way back."""
        data: Any = self.data
        names = [name for name in data if name not in _NOT_CARRIED and not name.startswith("item_")]
        return [(name, value) for name in names for value in data.getlist(name)]

    @property
    def next_step(self) -> str:
        """With which step the form is sent once it was repeated: a signed one shows its text then."""
        return TELL if getattr(self, "tells_first", False) and getattr(self, "is_signed", False) else ""


def asks_to_repeat(request: HttpRequest, form: EntryForm) -> bool:
    """Whether the page that repeats the entry is shown now."""
    if request.method != "POST" or request.POST.get("step") == BACK or not isinstance(form, StoppingForm):
        return False
    return form.is_unrepeated and not form.refusals
