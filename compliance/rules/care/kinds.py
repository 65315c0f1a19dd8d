"""The kinds of record that no gate asks for. A test enters each of them into grown histories: no answer changes."""

from ..record import Record
from .guide import GuideOpened
from .health import HealthAnswered, HealthReviewed
from .laboratory import LaboratoryPlanned, LaboratoryResult
from .mood import MoodAnswered
from .notes import BookedTest, ProblemReported, ReportMistaken
from .pregnancies import PregnancyFollowed
from .prescription import Prescribed
from .questions import QuestionAnswered, QuestionAsked
from .side_effects import ReportAnswered, SideEffectReported

CARE: tuple[type[Record], ...] = (
    ReportMistaken,
    ProblemReported,
    BookedTest,
    MoodAnswered,
    SideEffectReported,
    ReportAnswered,
    QuestionAsked,
    QuestionAnswered,
    GuideOpened,
    Prescribed,
    HealthAnswered,
    HealthReviewed,
    LaboratoryResult,
    LaboratoryPlanned,
    PregnancyFollowed,
)

#: What the program office writes for itself: no page of anybody else shows it.
OFFICE_ONLY: frozenset[str] = frozenset({PregnancyFollowed.kind})
