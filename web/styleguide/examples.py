"""Made-up facts for every component: what the style guide shows and the tests of the look render."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django import forms

from compliance.words.planner import STATES
from ui.bars import Point, draw
from ui.components import Action, DecisionCard, Fact, OpenTask, Recipient, StatusCard, Step, Tab
from ui.fields import BirthDateField, DateField, DayQuestion, FoldedCheckboxes
from ui.forms import BaseForm
from ui.navigation import Link, Navigation
from ui.qr import qr_code
from ui.templatetags.ui import TONES
from ui.timeline import Picture, TimelineMark, TimelineSpan
from web.shared.certification import Signed
from web.shared.manifestations import SignatureManifestation
from web.shared.planned import DateLine
from web.shared.planner import PlannerLine, PlannerOption, PlannerPanel
from web.shared.told import ToldLine

TODAY = date(2026, 11, 23)


class Enrol(BaseForm):
    """A form with every kind of field."""

    submit = "Enrol"

    given_name = forms.CharField(label="Given name")
    born_on = BirthDateField()
    visit_on = DateField(label="Day of the visit")
    setting = forms.ChoiceField(
        label="Where was the test done?",
        choices=[("laboratory", "Laboratory"), ("clinic", "Clinic"), ("home", "At home")],
        widget=forms.RadioSelect,
    )
    methods = forms.MultipleChoiceField(
        label="Methods",
        help_text="Two that are used together, of different kinds.",
        choices=[
            ("Primary", [("iud", "IUD"), ("implant", "Implant")]),
            ("Secondary", [("condom", "Latex condom")]),
        ],
        widget=forms.CheckboxSelectMultiple,
    )
    symptoms = forms.MultipleChoiceField(
        label="What do you notice?",
        choices=[
            ("Head and body", [("tired", "More tired than usual"), ("dizzy", "Very dizzy")]),
            ("Eyes and ears", [("ringing", "Ringing in the ears")]),
        ],
        widget=FoldedCheckboxes,
        required=False,
        initial=["ringing"],
    )
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    agreed = forms.BooleanField(label="I have explained the program to the patient")


class Counter(BaseForm):
    """What the pharmacist types."""

    submit = "Ask"

    number = forms.CharField(label="Patient number", widget=forms.TextInput(attrs={"class": "input-number"}))
    born_on = BirthDateField(label="Patient's date of birth")
    supply = forms.IntegerField(label="Days' supply", widget=forms.NumberInput(attrs={"class": "input-short"}))


class Reverse(BaseForm):
    """Nothing to fill in, only to confirm."""

    submit = "Reverse it"
    danger = True


def picture() -> Picture:
    """A course with a lead-in, a missed window and two dispenses."""
    return Picture(
        title="Course since Jul 6, 2026",
        start=date(2026, 7, 6),
        today=TODAY,
        lanes=("Lead-in and windows", "Tests", "Fills", "Medicine in hand"),
        spans=(
            TimelineSpan("lead-in", date(2026, 7, 6), date(2026, 8, 5), "Lead-in"),
            TimelineSpan("window-used", date(2026, 8, 7), date(2026, 8, 13), "Window used"),
            TimelineSpan("window-used", date(2026, 9, 8), date(2026, 9, 14), "Window used"),
            TimelineSpan("window-missed", date(2026, 10, 8), date(2026, 10, 14), "Missed window"),
            TimelineSpan("window", date(2026, 11, 20), date(2026, 11, 26), "Window"),
            TimelineSpan("supply", date(2026, 8, 9), date(2026, 9, 7), "Medicine in hand"),
            TimelineSpan("supply", date(2026, 9, 10), date(2026, 10, 9), "Medicine in hand"),
        ),
        marks=(
            TimelineMark("enrolled", date(2026, 7, 6), "Enrolled"),
            TimelineMark("test-negative", date(2026, 7, 6), "Screening test, negative"),
            TimelineMark("test-negative", date(2026, 8, 7), "Confirmatory test, negative"),
            TimelineMark("authorized", date(2026, 8, 9), "Authorization"),
            TimelineMark("dispensed", date(2026, 8, 9), "Dispensed, 30 days"),
            TimelineMark("test-negative", date(2026, 9, 8), "Monthly test, negative"),
            TimelineMark("dispensed", date(2026, 9, 10), "Dispensed, 30 days"),
            TimelineMark("test-negative", date(2026, 10, 8), "Monthly test, negative"),
            TimelineMark("test-unclear", date(2026, 11, 17), "Monthly test, indeterminate"),
            TimelineMark("test-negative", date(2026, 11, 20), "Monthly test, negative"),
        ),
    )


def tasks() -> tuple[OpenTask, ...]:
    """Two that people clear, one that only time does."""
    return (
        OpenTask(
            "The monthly questions are not answered yet.",
            "The patient answers five questions online.",
            who=("Patient",),
            by=date(2026, 11, 26),
            code="comprehension-missing",
            source="Edition 2026, section 5.2",
        ),
        OpenTask(
            "The visit of this month is not entered.",
            "Enter the day on which you counselled the patient.",
            who=("You",),
            yours=True,
            by=date(2026, 11, 26),
            action=Action("Enter the visit", "/visit", "calendar-plus", tone="main"),
        ),
        OpenTask("The first 30 days of contraception are not over.", clears_on=date(2026, 12, 4)),
    )


def status() -> StatusCard:
    """The patient's turn."""
    return StatusCard(
        "Answer this month's five questions",
        "It takes about three minutes. You can try again as often as you need.",
        last_day=date(2026, 11, 26),
        actions=(Action("Answer the questions", "/questions", "arrow-right", tone="main"),),
        steps=(
            Step("Test entered", "done", "Nov 20, by your prescriber"),
            Step("Choose your two methods", "done"),
            Step("Answer the five questions", "now", action=Action("Answer", "/questions")),
            Step("Visit entered", "waiting", "Your prescriber does this"),
            Step("Pick up at the pharmacy", "later", "By Nov 26"),
        ),
    )


def answers() -> dict[str, DecisionCard]:
    """The counter's two answers."""
    return {
        "yes": DecisionCard(
            True,
            "Yes. You may dispense.",
            "7KQ4-2M9X",
            date(2026, 11, 26),
            note="30 days' supply at most.",
            recipient=Recipient("K7QM2XWT", "M. O.", 2002, 30),
        ),
        "no": DecisionCard(False, "No. Do not dispense.", tasks=tasks()[:1] + tasks()[2:], try_again=date(2026, 12, 4)),
    }


def patients() -> list[dict[str, Any]]:
    """A worklist of four."""
    return [
        {"name": "Maya Okafor", "number": "K7QM2XWT", "stage": ("act", "Visit missing"), "closes": date(2026, 11, 24)},
        {"name": "Elena Brandt-Castellanos", "number": "P3HV9RZA", "stage": ("wait", "Lead-in"), "closes": None},
        {"name": "Jonah Fields", "number": "B4TN6YCE", "stage": ("yes", "May be dispensed"), "closes": TODAY},
        {"name": "Rosa Lindqvist", "number": "D8WX5KJF", "stage": ("no", "Stopped"), "closes": None},
    ]


def cards() -> list[StatusCard]:
    """A card of each tone."""
    last = date(2026, 12, 15)
    return [
        StatusCard("Nothing to do until December 9", "Next: a test between December 9 and 15.", "wait", last_day=last),
        StatusCard("Ready at your pharmacy", "Pick it up before it closes.", "yes", last_day=date(2026, 11, 26)),
        StatusCard("Do not take it now", "Call your practice.", "no", until=datetime(2026, 11, 25, 17, 0, tzinfo=UTC)),
        StatusCard("You have finished the program", "Thank you.", "quiet"),
    ]


def told() -> list[ToldLine]:
    """One who knows, one to whom a letter is on its way, one whom it did not reach."""
    at = datetime(2026, 11, 23, 15, 4, tzinfo=UTC)
    return [
        ToldLine("Dr Amara Osei", at, at),
        ToldLine("The program office", at, None),
        ToldLine("Dr Ivo Lindqvist", at, None, failed=True),
    ]


def outlook(*, opens: bool) -> SimpleNamespace:
    """A form that tells what its entry opens, or why it opens nothing."""
    reason = SimpleNamespace(why="The test is older than seven days.", would="A new test would open a window.")
    if opens:
        words = SimpleNamespace(title="This month", sentence="Pick-up is possible until Thu, Nov 26.", reasons=())
    else:
        words = SimpleNamespace(title="This month", sentence="It opens nothing.", reasons=(reason,))
    return SimpleNamespace(outlook_words=[words], opens_nothing=not opens, errors={})


def planner() -> PlannerPanel:
    """A day that is suggested, one that is chosen, and days of which each state is said."""
    ahead = [
        PlannerLine(
            f"Dec {9 + place}",
            f"in {16 + place} days",
            "",
            state,
            ("Pick-up is possible then.",),
            place,
            to_book=date(2026, 12, 9 + place).isoformat(),
        )
        for place, state in enumerate(STATES.values())
    ]
    early = PlannerLine("Nov 24 to Dec 8", "", "", STATES["too-early"], ("You have 18 days left.",))
    return PlannerPanel(
        "", date(2026, 12, 11), ahead[0], ahead[1], (early, *ahead),
        (PlannerOption(16, "Dec 9", False), PlannerOption(17, "Dec 10", True)), "#planner",
    )  # fmt: skip


def manifestation(pdf: str) -> SignatureManifestation:
    """A signature, with its document or while that is made."""
    return SignatureManifestation(
        7, "Amara Osei, MD", "I counselled this patient", datetime(2026, 11, 23, 15, 4, tzinfo=UTC), "a password",
        "prescriber-attestation", "Attestation", 3, "en", "3f" * 32, pdf,
    )  # fmt: skip


class Sign(Enrol):
    """A form that is signed: what the component asks of one, filled with made-up answers."""

    meaning_words = "I counselled this patient"
    signer = SimpleNamespace(sign_in_name="osei@clinic.invalid")
    printed_name = "Amara Osei, MD"
    with_passkey = True
    shows_signature = True
    danger = False
    button = "Sign and save"
    document = SimpleNamespace(
        language="en", title="What you confirm", version=3, sha256="3f" * 32,
        introduction="Read each point, then tick it.",
    )  # fmt: skip

    password = forms.CharField(label="Your password", widget=forms.PasswordInput)

    def own_fields(self) -> list[Any]:
        """What stands above the signature."""
        return [self["visit_on"]]

    def points(self) -> list[tuple[SimpleNamespace, Any]]:
        """What is confirmed, each with its box."""
        return [(SimpleNamespace(heading="Counselling", text="I explained the risks."), self["agreed"])]

    def signature_fields(self) -> list[Any]:
        """How it is signed."""
        return [self["password"]]


class Asked(BaseForm):
    """A day that is asked about once more."""

    visit_on = DateField(label="Day of the visit")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["visit_on"]
        assert isinstance(field, DateField)
        field.asked = DayQuestion(
            "November 23 of last year is 365 days ago.", "Yes, it was on that day", "visit_on_again", "2025-11-23"
        )


def pair() -> list[dict[str, Any]]:
    """Two lists that are chosen from together."""
    accepted = {"Primary": [("iud", "IUD")], "Secondary": [("condom", "Latex condom")]}
    return [
        forms.Select(choices=choices).get_context(label, None, {"id": f"id_{label}", "class": "form-select"})["widget"]
        | {"label": label}
        for label, choices in accepted.items()
    ]


def certifications() -> list[dict[str, Any]]:
    """Each state in which a practice or a pharmacy can be."""
    state = SimpleNamespace(certified=True, until=date(2027, 11, 22))
    none = SimpleNamespace(certified=False, until=None)
    return [
        {"certification": state, "state": "approved"},
        {"certification": none, "state": "applied"},
        {"certification": none, "state": "declined", "why_turned_down": "The NPI is another practice's."},
        {"certification": none, "state": "approved"},
    ]


def context() -> dict[str, Any]:
    """All of it, under the names that the style guide's templates use."""
    navigation = Navigation(
        (
            Link(
                "Patients", "/p/", "users-round", "true", (Link("All", "/p/", "", "page"), Link("New", "/n/", "", ""))
            ),
            Link("Enrol a patient", "/e/", "user-round-plus", ""),
        ),
        Link("Your account", "/a/", "circle-user-round", ""),
        "Designee for Dr Amara Osei",
    )
    reader = SimpleNamespace(is_authenticated=True, name="Tomás Herrera", role_name="Designee")
    return {
        "navigation": navigation,
        "user": reader,
        "tasks": tasks(),
        "status": status(),
        "contact": SimpleNamespace(
            practice="Harbor Dermatology", name="Dr. Amara Osei", phone="+12125550142", hours="Monday to Friday, 9 to 5"
        ),
        "answers": answers(),
        "patients": patients(),
        "picture": picture(),
        "chart": draw("Patients enrolled", [Point(f"M{at}", at * 7 % 30, str(at * 7 % 30)) for at in range(12)]),
        "nothing_counted": draw("Nothing was counted", [Point("M1", None, "–"), Point("M2", 0, "0")]),
        "unbound": Counter(),
        "reverse": Reverse(),
        "consequences": ["The number can no longer be used.", "The product goes back to stock."],
        "wrong": Enrol({"given_name": "", "born_on": "31/31/2008", "note": "typed", "key": "x"}),
        "tones": list(TONES),
        "page": {"before": "21", "after": "40"},
        "rows": [("Patient number", "K7QM-2XWT"), ("Born", "Apr 27, 2008"), ("Category", "Can become pregnant")],
        "actions": [Action("Record a test", "/t", "test-tube", tone="main"), Action("Stop", "/s", "octagon-pause")],
        "action": Action("Enrol a patient", "/e", "user-round-plus", tone="main"),
        "at": datetime(2026, 11, 24, 4, 59, tzinfo=UTC),
        "day": date(2026, 11, 26),
        "cards": cards(),
        "told": told(),
        "opens": outlook(opens=True),
        "opens_nothing": outlook(opens=False),
        "planner": planner(),
        "waiting_planner": PlannerPanel("The first test is taken when the patient enrols.", None),
        "sign": Sign(),
        "asked": Asked({"visit_on": "2025-11-23", "key": "x"}),
        "manifestation": manifestation(""),
        "signed": [
            Signed("Certification of 2026", manifestation("00000000-0000-4000-8000-000000000001"), UUID(int=1)),
            Signed("Certification of 2025", manifestation("00000000-0000-4000-8000-000000000002"), UUID(int=1)),
        ],
        "certifications": certifications(),
        "dates": [DateLine("The window closes", date(2026, 11, 26), True, "/calendar/")],
        "facts": [Fact("Asked", at=datetime(2026, 11, 23, 15, 4, tzinfo=UTC)), Fact("Handed over", on=TODAY)],
        "put_right": ["You can correct this entry until it is signed."],
        "offer_passkey": True,
        "survey_offered": True,
        "pair": pair(),
        "code": qr_code("K7QM2XWT"),
        "tabs": [Tab("Practices", "?kind=practice", chosen=False), Tab("Pharmacies", "?kind=pharmacy", chosen=True)],
    }
