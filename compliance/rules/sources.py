"""Sources of the program's numbers. Every parameter of an edition cites one of these (rules, section 9)."""

from enum import StrEnum


class Source(StrEnum):
    """A citation by its short code; `TITLES` says what it is."""

    FDA_REMS_2021 = "fda-rems-2021"
    FDA_REMS_2023 = "fda-rems-2023"
    NOTICES = "program-notices-2007-2021"
    ENFORCEMENT_2023 = "fda-enforcement-discretion-2023"
    FDA_2026 = "fda-approval-2026"
    LABEL = "prescribing-information"
    ASSUMED = "assumed"


TITLES: dict[Source, str] = {
    Source.FDA_REMS_2021: "FDA REMS page for isotretinoin, approval of 2021",
    Source.FDA_REMS_2023: "FDA REMS page for isotretinoin, update of 2023-10-03",
    Source.NOTICES: "Program notices of 2007 and 2021",
    Source.ENFORCEMENT_2023: "FDA notice of enforcement discretion, October 2023",
    Source.FDA_2026: "FDA approval of 2026-02-09, in force by announcement of 2026-06-16",
    Source.LABEL: "Prescribing information",
    Source.ASSUMED: "Assumed, until the program's own documents are read",
}
