"""Why an entry is refused: the field and the rule, by their codes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """The field at fault (empty where it is the entry as a whole) and the code of the rule."""

    field: str
    rule: str


class Refused(ValueError):
    """An entry that the rules do not take. Carries no value that was entered, only codes."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"{refusal.field or 'entry'}: {refusal.rule}")
        self.refusal = refusal
