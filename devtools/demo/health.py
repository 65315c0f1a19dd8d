"""What surrounds the fill, for some patients of the demo: prescriptions, values, how they feel, reports and answers."""

from collections.abc import Callable, Mapping

from compliance import documents
from compliance.rules.care.health import HealthAnswered, HealthReviewed
from compliance.rules.care.laboratory import LaboratoryPlanned, LaboratoryResult
from compliance.rules.care.mood import MoodAnswered
from compliance.rules.care.prescription import Prescribed
from compliance.rules.care.side_effects import ReportAnswered, SideEffectReported
from compliance.rules.records import Record
from ledger import log

from .patient_factory import PatientFactory

#: The first version of the questions and of the table of symptoms.
_VERSION = 1


def _symptoms(factory: PatientFactory, ago: float, *codes: str, words: str = "") -> int:
    """A report, with the patient's own words; its number in the log."""
    table = documents.symptom_table(version=_VERSION)
    urgency = table.urgency_of(codes)

    def made(sealed: Mapping[str, str] | None) -> Record:
        return SideEffectReported(codes, _VERSION, factory.new.language or "en", urgency, sealed)

    factory.enter_with_words(ago, made, words, by=factory.me)
    return log.read(factory.patient.pk)[-1].number


def _answer(factory: PatientFactory, ago: float, report: int, words: str) -> None:
    factory.enter_with_words(ago, lambda sealed: ReportAnswered(report, talked=True, sealed=sealed), words)


def _mood(factory: PatientFactory, ago: float, *answers: int) -> None:
    instrument = "phq-9" if len(answers) > 2 else "phq-2"
    given = {str(item): answer for item, answer in enumerate(answers, 1)}
    factory.enter(ago, MoodAnswered(instrument, _VERSION, factory.new.language or "en", given), by=factory.me)


def _values(factory: PatientFactory, ago: float, *, fasting: bool = True, **numbers: str) -> None:
    units = {"alt": "U/L", "ast": "U/L", "triglycerides": "mg/dL", "cholesterol": "mg/dL", "ck": "U/L"}
    values = {test: {"number": number, "unit": units[test]} for test, number in numbers.items()}
    factory.enter(ago, LaboratoryResult(factory.day(ago), values, fasting))


def _mild(factory: PatientFactory) -> None:
    """Feels well; a symptom that can wait was answered; the values of a few days later."""
    _mood(factory, 6, 1, 0)
    number = _symptoms(factory, 5, "dry-lips", "dry-eyes", words="Lip balm helps, my contact lenses do not.")
    _answer(factory, 4.5, number, "Try drops without preservatives, and glasses for now.")
    _values(factory, 4, alt="31", ast="27", triglycerides="141", cholesterol="188")


def _today(factory: PatientFactory) -> None:
    """A symptom to call about today waits."""
    _symptoms(factory, 0.02, "headache-vision", words="Since this morning, it gets worse when I lie down.")


def _ambulance(factory: PatientFactory) -> None:
    """A symptom with which one calls an ambulance waits."""
    _symptoms(factory, 0.03, "chest-pain", "breathing")


def _answered(factory: PatientFactory) -> None:
    """A symptom to call about today was answered."""
    number = _symptoms(factory, 3, "yellow", "dark-urine", words="My eyes look yellow since yesterday.")
    _answer(factory, 2.9, number, "Take no more capsules. Blood is drawn this afternoon.")
    _values(factory, 2.5, alt="212", ast="148", triglycerides="163", fasting=False)


def _lipids(factory: PatientFactory) -> None:
    """Triglycerides above the threshold of pancreatitis, and a score to talk about at the next visit."""
    _values(factory, 1.4, alt="44", ast="35", triglycerides="862", cholesterol="251")
    factory.enter(1.35, LaboratoryPlanned((0, 1, 2, 3)), Prescribed("claravis", (20,), 62_000, 30))
    _mood(factory, 1.2, 2, 2, 1, 2, 1, 1, 1, 0, 0)


def _changed(factory: PatientFactory) -> None:
    """Wrote that a medicine is new: the practice has not entered it yet."""

    def made(sealed: Mapping[str, str] | None) -> Record:
        return HealthReviewed(changed=True, words=(sealed or {}).get("words"))

    factory.enter_with_words(1.3, made, "My family doctor gave me doxycycline for a cough.", by=factory.me)


def _before(factory: PatientFactory) -> None:
    """Before the first fill: what was asked speaks against some products."""
    factory.enter(
        0.7, HealthAnswered(("peanut",), ("vitamin-a",), ("family-depression",)),
        Prescribed("absorica", (30, 30), 66_500, 30),
    )  # fmt: skip


#: By story and which of its patients, counted from 1.
_STORIES: Mapping[tuple[str, int], Callable[[PatientFactory], None]] = {
    ("between", 1): _mild,
    ("between", 2): _today,
    ("between", 3): _ambulance,
    ("between", 4): _answered,
    ("between", 6): _changed,
    ("third-month", 1): _lipids,
    ("third-month", 2): _lipids,
    ("ready", 1): _before,
    ("ready", 2): _before,
}


def surround(story: str, ordinal: int, factory: PatientFactory) -> None:
    """What surrounds the fill of that patient, behind their story; nothing for most."""
    if (tell := _STORIES.get((story, ordinal))) is not None:
        tell(factory)
