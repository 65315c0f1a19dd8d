"""What the patient reported of their health and what became of it: the same lines for the practice and the patient."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from compliance import documents
from compliance.commands import stops
from compliance.documents.care import Advice
from compliance.rules.care.mood import MoodAnswered
from compliance.rules.care.open_reports import Report, answer_to, open_reports, reports
from compliance.rules.care.side_effects import ReportAnswered
from compliance.rules.history import History
from compliance.rules.records import Entry
from compliance.words import care
from ledger.erasable_text import read_texts
from ui.navigation import Words
from web.shared.common import PatientContext
from web.shared.told import ToldLine, told_of

#: For so long the patient's first page shows a report that is answered, or that nobody has to answer.
SHOWN_FOR = timedelta(days=14)

#: The member of `sealed` that has the words.
WORDS = "words"


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """What the practice answered, and when; the words are empty where none were written, or they were erased."""

    at: datetime
    talked: bool
    words: str


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One report as both sides read it."""

    number: int
    at: datetime
    title: Words
    urgent: bool
    #: The practice calls now, and not only today.
    now: bool
    #: Thoughts of harm: the patient is led to who helps at once.
    crisis: bool
    #: What the patient was told to do, each with the symptoms that it is about.
    told: Sequence[tuple[Advice, Sequence[str]]]
    #: The score of the questions about how the patient feels, and each answer.
    score: str
    answers: Sequence[tuple[str, str]]
    #: The patient's own words.
    words: str
    answer: AnswerLine | None
    is_open: bool


def waiting(ctx: PatientContext) -> list[ReportLine]:
    """The reports that wait for the practice, the urgent ones first. One query where there are any."""
    history = _history(ctx)
    return _lines(history, open_reports(history))


def recent(ctx: PatientContext) -> list[ReportLine]:
    """What a patient sees of their own reports: those that wait, the gravest first, and others for two weeks after the
    last word."""
    history = _history(ctx)
    open_numbers = {entry.number for entry, _report in open_reports(history)}
    shown = [
        (entry, report)
        for entry, report in reversed(reports(history.entries))
        if entry.number in open_numbers or ctx.at - _last_word(history, entry) < SHOWN_FOR
    ]
    lines = _lines(history, shown)
    return sorted(lines, key=lambda line: (not (line.is_open and line.crisis), not (line.is_open and line.urgent)))


def latest(ctx: PatientContext) -> ReportLine | None:
    """The patient's latest report; None where there is none."""
    history = _history(ctx)
    return next(iter(_lines(history, reports(history.entries)[-1:])), None)


def told_of_reports(ctx: PatientContext, lines: Sequence[ReportLine]) -> list[ToldLine]:
    """Who was told of the urgent reports among these. Two queries; none without one."""
    urgent = [line.at for line in lines if line.urgent]
    return told_of(ctx, (stops.REPORT,), min(urgent)) if urgent else []


def _history(ctx: PatientContext) -> History:
    return ctx.file.history(ctx.at)


def _last_word(history: History, entry: Entry) -> datetime:
    answer = answer_to(history, entry.number)
    return answer[0].at if answer is not None else entry.at


def _lines(history: History, found: Sequence[tuple[Entry, Report]]) -> list[ReportLine]:
    if not found:
        return []
    answered = {entry.number: answer_to(history, entry.number) for entry, _report in found}
    records = [report for _entry, report in found] + [answer[1] for answer in answered.values() if answer]
    texts = read_texts(digest for record in records for digest in (_sealed(record),) if digest)
    open_numbers = {entry.number for entry, _report in open_reports(history)}
    return [
        _line(entry, report, answered[entry.number], texts, is_open=entry.number in open_numbers)
        for entry, report in found
    ]


def _sealed(record: Report | ReportAnswered) -> str:
    """The digest of the words that belong to a record; empty where none do."""
    return "" if isinstance(record, MoodAnswered) else (record.sealed or {}).get(WORDS, "")


def _line(
    entry: Entry,
    report: Report,
    answer: tuple[Entry, ReportAnswered] | None,
    texts: dict[str, str],
    *,
    is_open: bool,
) -> ReportLine:
    said = None
    if answer is not None:
        said = AnswerLine(answer[0].at, answer[1].talked, texts.get(_sealed(answer[1]), ""))
    words = texts.get(_sealed(report), "")
    if isinstance(report, MoodAnswered):
        title: Words = _("Thoughts of harm") if report.is_urgent else _("Mood questions")
        return ReportLine(
            entry.number, entry.at, title, report.is_urgent, report.is_crisis, report.is_crisis, (),
            care.mood_words(report), care.answers(report), words, said, is_open,
        )  # fmt: skip
    table = documents.symptom_table(care.language(), version=report.version)
    return ReportLine(
        entry.number, entry.at, _("Thoughts of harm") if report.is_crisis else _("Side effects"), report.is_urgent,
        report.is_for_ambulance, report.is_crisis, table.told(report.symptoms), "", (), words, said, is_open,
    )  # fmt: skip
