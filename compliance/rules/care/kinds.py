"""The kinds of record that no gate asks for. A test enters each of them into grown histories: no answer changes."""

from ..record import Record
from .notes import BookedTest, ProblemReported, ReportMistaken

CARE: tuple[type[Record], ...] = (ReportMistaken, ProblemReported, BookedTest)
