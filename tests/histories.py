"""A small language for histories: days count from 1 October 2026 unless another start is given."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from compliance.rules.assessment import Assessment, Question
from compliance.rules.certification import Spans
from compliance.rules.days import Span
from compliance.rules.gate import assess
from compliance.rules.isotretinoin import ISOTRETINOIN_US
from compliance.rules.records import (
    ComprehensionPassed,
    ConsentSigned,
    ContraceptionDeclared,
    Counselled,
    Enrolled,
    Entry,
    PregnancyTest,
    Record,
    Registered,
)

NEW_YORK = ZoneInfo("America/New_York")
CAN, CANNOT = "can_become_pregnant", "cannot_become_pregnant"
PILL_AND_CONDOM = ("combined-pill", "male-latex-condom")
ALWAYS: Spans = (Span(date(2000, 1, 1), date(2099, 1, 1)),)


class History:
    """Records by the day on which they are entered, at noon in New York."""

    def __init__(self, start: date = date(2026, 10, 1), born_on: date = date(2001, 4, 2), category: str = CAN) -> None:
        self.start = start
        self.entries: list[Entry] = []
        self.enter(0, Registered(born_on, prescriber="p"), Enrolled(category, "male", prescriber="p"))

    def at(self, day: float) -> datetime:
        noon = datetime(self.start.year, self.start.month, self.start.day, 12, tzinfo=NEW_YORK)
        local = noon.replace(tzinfo=None) + timedelta(days=day)
        return local.replace(tzinfo=NEW_YORK).astimezone(UTC)

    def on(self, day: int) -> date:
        return self.start + timedelta(days=day)

    def enter(self, day: float, *records: Record) -> "History":
        for record in records:
            self.entries.append(Entry(len(self.entries) + 1, self.at(day), record))
        return self

    def sign(self, *signers: str) -> "History":
        for signer in signers or ("patient",):
            self.enter(0, ConsentSigned("patient-information", signer), ConsentSigned("birth-defects", signer))
        return self

    def test(self, day: int, result: str = "negative", setting: str = "laboratory", menses: str | None = None,
             entered: float | None = None) -> "History":  # fmt: skip
        return self.enter(day if entered is None else entered, PregnancyTest(self.on(day), result, setting, menses))

    def month(self, day: int, setting: str = "laboratory", *, without: Iterable[type[Record]] = ()) -> "History":
        """A whole month on one day: test, visit, both declarations, questions."""
        self.test(day, setting=setting, menses="first_five_days")
        for record in (
            Counselled(self.on(day)),
            ContraceptionDeclared("prescriber", PILL_AND_CONDOM, self.on(day)),
            ContraceptionDeclared("patient", PILL_AND_CONDOM),
            ComprehensionPassed(),
        ):
            if type(record) not in set(without):
                self.enter(day, record)
        return self

    def begun(self) -> "History":
        """Signed, with the methods and the screening test of the first day."""
        self.sign()
        self.enter(0, ContraceptionDeclared("prescriber", PILL_AND_CONDOM, self.on(0)))
        return self.test(0, setting="clinic")

    def ask(self, day: float, prescriber: Spans = ALWAYS, question: Question | None = None) -> Assessment:
        return assess(
            ISOTRETINOIN_US, self.entries, at=self.at(day), prescribers={"p": prescriber},
            question=question or Question(),
        )  # fmt: skip

    def codes(self, day: float) -> tuple[str, ...]:
        return self.ask(day).codes
