"""What the office learns of a pregnancy: how many weeks it can have lasted."""

import pytest

from compliance.rules.care.pregnancies import weeks

#: As it was entered: the rule by which it is refused, or None.
WEEKS: dict[str, tuple[object, str | None]] = {
    "the first week": (0, None),
    "40 weeks": (40, None),
    "45 weeks": (45, None),
    "46 weeks": (46, "not-listed"),
    "less than none": (-1, "not-listed"),
    "words": ("40", "not-a-whole-number"),
    "a part of a week": (39.5, "not-a-whole-number"),
    "yes": (True, "not-a-whole-number"),
}


@pytest.mark.parametrize(("raw", "refused"), WEEKS.values(), ids=WEEKS.keys())
def test_weeks_of_a_pregnancy_are_whole_and_45_at_most(raw: object, refused: str | None) -> None:
    if refused is None:
        assert weeks(raw) == raw
    else:
        with pytest.raises(ValueError, match=f"^{refused}$"):
            weeks(raw)
