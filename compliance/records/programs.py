"""The programs of this installation, each with the texts that are to be signed again. A file names its own."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from compliance import documents
from compliance.rules import days
from compliance.rules.editions import Program, Reissue
from compliance.rules.programs.isotretinoin_us import ISOTRETINOIN_US


def with_texts(program: Program) -> Program:
    """The program, with the versions of its documents that are to be signed again."""
    reissues = {
        code: tuple(Reissue(version, day) for version, day in documents.signed_again(code))
        for code in program.documents
    }
    return replace(program, reissues=reissues)


PROGRAMS: Mapping[str, Program] = {program.code: with_texts(program) for program in (ISOTRETINOIN_US,)}

#: The program to which practices and pharmacies apply, and by whose days the program office counts.
DEFAULT = PROGRAMS[ISOTRETINOIN_US.code]


def program_of(code: str) -> Program:
    """The program of that code. Raises KeyError for one that this installation does not have."""
    return PROGRAMS[code]


def program_day(at: datetime, program: Program = DEFAULT) -> date:
    """The day of an instant, as the program counts days: of the file at hand, or of lists that have several."""
    return days.day(at, days.zone(program.zone))
