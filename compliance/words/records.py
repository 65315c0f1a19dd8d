"""A record in words: its title, and what it says, for those who may read all of it and for the patient."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from compliance.rules import records as r
from compliance.rules.care.guide import GuideOpened
from compliance.rules.care.health import HealthAnswered, HealthReviewed
from compliance.rules.care.laboratory import LaboratoryPlanned, LaboratoryResult
from compliance.rules.care.mood import MoodAnswered
from compliance.rules.care.notes import BookedTest, ProblemReported
from compliance.rules.care.prescription import Prescribed
from compliance.rules.care.questions import QuestionAsked
from compliance.rules.care.side_effects import ReportAnswered, SideEffectReported
from compliance.words.care import answered_words, mood_words, side_effect_words
from compliance.words.choices import CATEGORY, DOCUMENT, LANGUAGE, MENSES_WORDS, PROBLEM, REASON, RESULT, SETTING
from compliance.words.dose import prescribed_words
from compliance.words.health import health_words, review_words
from compliance.words.kinds import KIND_LABELS
from compliance.words.laboratory import plan_words, result_words
from compliance.words.methods import METHOD_LABELS
from ui import times
from ui.navigation import Words


def describe(record: r.Record, *, clinical: bool = True) -> tuple[Words, str]:
    """The title of a record's kind, and what it says."""
    tell = _TEXTS.get(type(record))
    return KIND_LABELS[record.kind], tell(record) if tell else ""


def _joined(*parts: object) -> str:
    return " · ".join(str(part) for part in parts if part)


def _day(on: date | None) -> str:
    # Translators: how a day is written, in the letters of Django's `date` filter.
    return times.plain_day(on, _("M j, Y")) if on else ""


def _test(record: r.PregnancyTest) -> str:
    menses = MENSES_WORDS[record.menses] if record.menses else ""
    return _joined(RESULT[record.result], _day(record.collected_on), SETTING[record.setting], menses)


def _declared(record: r.ContraceptionDeclared) -> str:
    by = _("prescriber") if record.by == "prescriber" else _("patient")
    since = _("since %(day)s") % {"day": _day(record.started_on)} if record.started_on else ""
    return _joined(by, ", ".join(str(METHOD_LABELS[code]) for code in record.methods), since)


def _signer(record: r.ConsentSigned | r.ConsentRefused | QuestionAsked) -> str:
    return _("as guardian") if record.signer == "guardian" else _("by the patient")


def _signed(record: r.ConsentSigned) -> str:
    language = LANGUAGE.get(record.language or "", record.language)
    version = _("version %(number)s, %(language)s") % {"number": record.version, "language": language}
    document = DOCUMENT.get(record.document, record.document)
    return _joined(document, _signer(record), version if record.version else "")


def _opened(record: GuideOpened) -> str:
    language = LANGUAGE.get(record.language, record.language)
    return _("version %(number)s, %(language)s") % {"number": record.version, "language": language}


def _refused(record: r.ConsentRefused | QuestionAsked) -> str:
    return _joined(DOCUMENT.get(record.document, record.document), _signer(record))


def _category(record: r.Enrolled | r.CategoryChanged) -> str:
    return _joined(CATEGORY[record.category], REASON.get(record.reason or "", ""))


def _discontinued(record: r.Discontinued | r.LastDoseCorrected) -> str:
    if record.last_dose_on is None:
        return _("No dose was taken")
    return _("Last dose %(day)s") % {"day": _day(record.last_dose_on)}


def _authorized(record: r.Authorized) -> str:
    words = _("%(number)s, %(days)s days, do not dispense after %(day)s")
    day = times.last_day(record.dispense_by, _("M j, Y"))
    return words % {"number": record.number, "days": record.days_supply, "day": day}


def _dispensed(record: r.Dispensed) -> str:
    handed_over = _("handed over %(day)s") % {"day": _day(record.handed_over_on)} if record.handed_over_on else ""
    return _joined(record.authorization, handed_over)


def _corrected(record: r.ContactCorrected | r.GuardianCorrected) -> str:
    """What was corrected. The texts themselves stand beside the log, where they can be erased."""
    words = {
        "given_name": _("given name"), "family_name": _("family name"), "name": _("name"), "email": _("e-mail"),
        "phone": _("phone"), "language": _("language"),
    }  # fmt: skip
    return ", ".join(text for name, text in words.items() if name in record.sealed)


_TEXTS: Mapping[type[r.Record], Callable[[Any], str]] = {
    r.PregnancyTest: _test,
    r.ContraceptionDeclared: _declared,
    r.ConsentSigned: _signed,
    r.Enrolled: _category,
    r.CategoryChanged: _category,
    r.Discontinued: _discontinued,
    r.LastDoseCorrected: _discontinued,
    r.Authorized: _authorized,
    r.ConsentRefused: _refused,
    QuestionAsked: _refused,
    r.ConsentWithdrawn: lambda record: str(DOCUMENT.get(record.document, record.document)),
    r.Counselled: lambda record: _day(record.visit_on),
    ProblemReported: lambda record: str(PROBLEM[record.what]),
    MoodAnswered: mood_words,
    SideEffectReported: side_effect_words,
    ReportAnswered: answered_words,
    BookedTest: lambda record: _day(record.booked_on) or _("not booked any more"),
    GuideOpened: _opened,
    Prescribed: prescribed_words,
    HealthAnswered: health_words,
    HealthReviewed: review_words,
    LaboratoryResult: result_words,
    LaboratoryPlanned: plan_words,
    r.HomeTestingSet: lambda record: _("permitted") if record.permitted else _("not permitted"),
    r.EntryStruck: lambda record: _("entry %(number)s") % {"number": record.entry},
    r.Dispensed: _dispensed,
    r.Reversed: lambda record: record.authorization,
    r.BirthDateCorrected: lambda record: _day(record.born_on),
    r.ContactCorrected: _corrected,
    r.GuardianCorrected: _corrected,
}
