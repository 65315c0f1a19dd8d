"""A program and the dated editions of its numbers (rules, sections 1 and 9).

An edition is data. Once in force it is never edited: a correction is a new version of the same
edition with a `known_from`, so that an old decision can be replayed on what was known then.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from .categories import Category, Proof
from .contraception import Method
from .sources import Source


class NoEdition(LookupError):
    """No edition of the program is in force on that day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One set of parameters. Lengths are whole days; None says that the rule is not asked for."""

    code: str
    in_force_from: date
    screening: frozenset[str]
    confirmatory: frozenset[str]
    retest: frozenset[str]
    monthly: frozenset[str]
    lockout_days: int | None
    retest_asks_menses: bool
    cannot_counselling_days: int | None
    #: The last day of a window, counted from the day of collection (6: a window of seven days).
    window_last_day: int
    screening_gap_days: int
    lead_in_days: int | None
    largest_supply_days: int
    between_courses_days: int
    least_age: int
    #: How long an authorization holds where the patient has no window.
    windowless_days: int
    #: How long after the last dose contraception goes on and the second test falls due.
    after_treatment_days: int
    #: Whether a text's new version that says so is signed again by those who signed an older one.
    new_versions_signed_again: bool = False
    version: int = 1
    known_from: date = date.min
    sources: Mapping[str, Source] = field(repr=False)

    @property
    def takes_home_tests(self) -> bool:
        """Whether a test at home can count at all."""
        return any("home" in settings for settings in (self.screening, self.confirmatory, self.retest, self.monthly))


@dataclass(frozen=True, slots=True)
class Reissue:
    """A version of a text that is to be signed again from a day on, by those who signed an older one."""

    version: int
    from_day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A REMS by its tables alone: what is this drug's, and the editions of its numbers by date."""

    code: str
    zone: str
    editions: tuple[Edition, ...]
    #: By code; the first is the one that a form offers.
    categories: Mapping[str, Category]
    #: What is often offered as a reason for a category, and never is one; named so that a page can say so.
    reasons_not_accepted: tuple[str, ...] = ()
    #: The laboratory findings asked for with a reason, by reason.
    proofs: Mapping[str, Proof] = field(default_factory=dict)
    methods: Mapping[str, Method]
    #: Methods that are never accepted, named so that a page can say so.
    methods_not_accepted: tuple[str, ...] = ()
    #: Where a test may have been taken.
    settings: tuple[str, ...]
    #: The versions of each document that are to be signed again; asked for where an edition says so.
    reissues: Mapping[str, tuple[Reissue, ...]] = field(default_factory=dict)
    #: From this age (in years) a patient signs alone.
    adult_age: int
    #: How many days before the enrolment an entry may lie (rules, section 3; assumed). A positive test may always.
    entries_back_days: int

    @property
    def findings(self) -> Mapping[str, str]:
        """What each laboratory finding must show that proves some reason."""
        return {name: value for proof in self.proofs.values() for name, value in proof.findings.items()}

    @property
    def documents(self) -> tuple[str, ...]:
        """Every document that some category signs."""
        return tuple(dict.fromkeys(code for category in self.categories.values() for code in category.documents))

    def least_version(self, document: str, on: date, edition: Edition) -> int:
        """The oldest version of a document whose signature is enough on that day."""
        if not edition.new_versions_signed_again:
            return 1
        return max((r.version for r in self.reissues.get(document, ()) if r.from_day <= on), default=1)

    def edition(self, code: str) -> Edition:
        """The edition of that code, in its latest version. Raises NoEdition for a code that the program has not."""
        named = [edition for edition in self.editions if edition.code == code]
        if not named:
            raise NoEdition(code)
        return max(named, key=lambda edition: edition.version)

    def edition_on(self, on: date, *, known_on: date | None = None) -> Edition:
        """The edition in force on day `on`, in its latest version known on `known_on` (default: that day).

        Raises NoEdition before the first edition's date.
        """
        known = known_on or on
        in_force = [e for e in self.editions if e.in_force_from <= on and e.known_from <= known]
        if not in_force:
            raise NoEdition(on.isoformat())
        return max(in_force, key=lambda e: (e.in_force_from, e.version))
