"""Days of a course, and what the patient's card says on each: a table for `test_patient_card`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from compliance.rules.records import (
    Authorized,
    ConsentSigned,
    ContraceptionDeclared,
    Counselled,
    Discontinued,
    Dispensed,
    Enrolled,
    PregnancyReported,
)
from tests.histories import CAN, CANNOT, METHODS, OTHER_METHODS, HistoryFactory
from web.patient.card import Contact

#: All days are counted from it; the edition of 2026 is in force from the 45th on.
START = date(2026, 10, 1)
MINOR = date(2012, 1, 1)
PRACTICE = Contact("Harbor Dermatology", "Dr. Ada Okafor", "+12125550100")

Make = Callable[[], HistoryFactory]


def new() -> HistoryFactory:
    return HistoryFactory(START)


def begun() -> HistoryFactory:
    """Signed on 1 October, with the methods and the first test of that day."""
    return new().begun()


def second_tested() -> HistoryFactory:
    """And the second test of 1 November: its window ends on 7 November."""
    return begun().test(31, menses="first_five_days")


def ready() -> HistoryFactory:
    return begun().month(31)


def filled() -> HistoryFactory:
    """Picked up on 2 November for 30 days: the medicine lasts until 1 December."""
    return ready().enter(32, Authorized("1", "P", 30, date(2026, 11, 7)), Dispensed("1"))


def ended() -> HistoryFactory:
    """The last dose on 10 November."""
    return filled().enter(41, Discontinued("r", date(2026, 11, 10)))


def cannot() -> HistoryFactory:
    return HistoryFactory(START, category=CANNOT).sign()


def supplied() -> HistoryFactory:
    history = cannot().enter(0, Counselled(START))
    return history.enter(1, Authorized("1", "P", 30, date(2026, 10, 31)), Dispensed("1"))


@dataclass(frozen=True)
class Case:
    """A history and a day, and what the card says then."""

    make: Make
    day: float
    code: str
    headline: str
    text: str
    es: tuple[str, str]
    until: date | None = None
    in_hand: date | None = None
    #: The label of the one act, in English; None: there is none.
    act: str | None = None
    problem: bool = False


CASES: dict[str, Case] = {
    "nothing signed": Case(
        new,
        1,
        "task",
        "Read and sign the patient information",
        "It takes about ten minutes. You can stop and go on later.",
        ("Lea y firme la información para el paciente", "Lleva unos diez minutos. Puede parar y seguir más tarde."),
        act="Read and sign",
    ),
    "one text is signed": Case(
        lambda: new().enter(0, ConsentSigned("patient-information", "patient")),
        1,
        "task",
        "Read and sign the page on birth defects",
        "It takes about ten minutes. You can stop and go on later.",
        (
            "Lea y firme la página sobre los defectos de nacimiento",
            "Lleva unos diez minutos. Puede parar y seguir más tarde.",
        ),
        act="Read and sign",
    ),
    "a guardian has to sign": Case(
        lambda: HistoryFactory(START, MINOR).sign(),
        1,
        "waiting-guardian",
        "You have signed",
        "Your parent or guardian still has to sign. They know about it.",
        ("Usted ya firmó", "Todavía tiene que firmar su madre, padre o tutor. Ya lo sabe."),
    ),
    "signed, nothing begun": Case(
        lambda: new().sign(),
        1,
        "first-test",
        "Next: your first test",
        "Your practice orders it. Call them if you have heard nothing.",
        ("Lo que sigue: su primera prueba", "La pide su consulta. Llame si no le han dicho nada."),
    ),
    "first test, no methods": Case(
        lambda: new().sign().test(0, setting="clinic"),
        1,
        "practice-begins",
        "Next: your prescriber enters your birth control",
        "The 30 days before your second test begin only then. Call your practice if you have heard nothing.",
        (
            "Lo que sigue: su médico anota sus métodos anticonceptivos",
            "Los 30 días antes de su segunda prueba empiezan solo entonces. Llame a su consulta si "
            "no le han dicho nada.",
        ),
    ),
    "methods, no test": Case(
        lambda: new().sign().enter(0, ContraceptionDeclared("prescriber", METHODS, START)),
        1,
        "first-test",
        "Next: your first test",
        "Your practice orders it. Call them if you have heard nothing.",
        ("Lo que sigue: su primera prueba", "La pide su consulta. Llame si no le han dicho nada."),
    ),
    "lead-in": Case(
        begun,
        10,
        "second-test-later",
        "Next: your second test, from October 31",
        "Use both methods of birth control until then. Nothing else to do.",
        (
            "Lo que sigue: su segunda prueba, desde el 31 de octubre",
            "Hasta entonces use los dos métodos anticonceptivos. No hay nada más que hacer.",
        ),
    ),
    "lead-in over": Case(
        begun,
        30,
        "second-test",
        "Time for your second test",
        "Take it in the first five days of your period. If your periods are irregular or absent, any "
        "day counts. Call your practice and book it.",
        (
            "Es hora de su segunda prueba",
            "Hágasela en los primeros cinco días de su período. Si sus períodos son irregulares o no "
            "los tiene, cuenta cualquier día. Llame a su consulta y pida la cita.",
        ),
        act="Call your practice",
    ),
    "second test taken": Case(
        second_tested,
        32,
        "month",
        "Your part of this month",
        "Five short questions, then your signature. It takes about a minute.",
        ("Su parte de este mes", "Cinco preguntas cortas y luego su firma. Toma más o menos un minuto."),
        until=date(2026, 11, 7),
        act="Begin",
    ),
    "the signature alone is left": Case(
        lambda: (
            begun()
            .month(31, without=[ContraceptionDeclared])
            .enter(31.1, ContraceptionDeclared("prescriber", METHODS, START))
        ),
        32,
        "task",
        "Tell us which birth control you use",
        "Two taps, and you are done.",
        ("Díganos qué métodos anticonceptivos usa", "Dos toques, y listo."),
        until=date(2026, 11, 7),
        act="Choose my methods",
    ),
    "mismatch": Case(
        lambda: begun().month(31).enter(31.2, ContraceptionDeclared("patient", OTHER_METHODS)),
        32,
        "task",
        "You and your prescriber named different birth control",
        "Talk with your prescriber. If yours was wrong, choose again here.",
        (
            "Usted y su médico indicaron métodos anticonceptivos distintos",
            "Hable con su médico. Si los suyos estaban mal, elija aquí de nuevo.",
        ),
        until=date(2026, 11, 7),
        act="Choose my methods",
    ),
    "own part done, and the visit is missing": Case(
        lambda: begun().month(31, without=[Counselled]),
        32,
        "done",
        "You have done your part",
        "Somebody else still has a step to take. You see below who.",
        ("Usted ya hizo su parte", "A otra persona le falta un paso. Abajo ve a quién."),
        until=date(2026, 11, 7),
    ),
    "ready": Case(
        ready,
        32,
        "ready",
        "Pick up your medicine",
        "Everything is done. Take your patient number along.",
        ("Recoja su medicamento", "Todo está hecho. Lleve su número de paciente."),
        until=date(2026, 11, 7),
    ),
    "authorized": Case(
        lambda: ready().enter(32, Authorized("1", "P", 30, date(2026, 11, 7))),
        32.1,
        "authorized",
        "Pick up your medicine",
        "Your pharmacy has the go-ahead and expects you.",
        ("Recoja su medicamento", "Su farmacia tiene la autorización y le espera."),
        until=date(2026, 11, 7),
    ),
    "first window missed, and the next test has to wait": Case(
        ready,
        39,
        "missed-wait",
        "The days to pick up have passed",
        "That happens. A new test opens new days, and it can be taken from November 20. Call your "
        "practice and book it.",
        (
            "Los días para recogerlo ya pasaron",
            "Suele pasar. Una prueba nueva abre días nuevos y puede hacerse desde el 20 de "
            "noviembre. Llame a su consulta y pida la cita.",
        ),
        act="Call your practice",
    ),
    "first window missed, in the edition without waiting": Case(
        ready,
        51,
        "missed",
        "The days to pick up have passed",
        "That happens. A new test opens new days: call your practice and book it.",
        (
            "Los días para recogerlo ya pasaron",
            "Suele pasar. Una prueba nueva abre días nuevos: llame a su consulta y pida la cita.",
        ),
        act="Call your practice",
    ),
    "too early for a test": Case(
        filled,
        40,
        "test-later",
        "Next: your test, between November 25 and December 1",
        "Nothing to do until then.",
        (
            "Lo que sigue: su prueba, entre el 25 de noviembre y el 1 de diciembre",
            "No hay nada que hacer hasta entonces.",
        ),
        in_hand=date(2026, 12, 1),
    ),
    "from the day on which a test is worth it": Case(
        filled,
        55,
        "test",
        "Time for this month’s test",
        "Take it by December 1, so that your medicine does not run out. Call your practice and book it.",
        (
            "Es hora de la prueba de este mes",
            "Hágasela a más tardar el 1 de diciembre, para que no se le acabe el medicamento. Llame "
            "a su consulta y pida la cita.",
        ),
        until=date(2026, 12, 1),
        in_hand=date(2026, 12, 1),
        act="Call your practice",
    ),
    "the medicine has run out": Case(
        filled,
        63,
        "test-late",
        "Time for this month’s test",
        "What you had lasted until December 1. A test opens new days to pick up: call your practice and book it.",
        (
            "Es hora de la prueba de este mes",
            "Lo que tenía le alcanzó hasta el 1 de diciembre. Una prueba abre días nuevos para "
            "recoger: llame a su consulta y pida la cita.",
        ),
        act="Call your practice",
    ),
    "a monthly window missed": Case(
        lambda: filled().month(55),
        63,
        "missed",
        "The days to pick up have passed",
        "That happens. A new test opens new days: call your practice and book it.",
        (
            "Los días para recogerlo ya pasaron",
            "Suele pasar. Una prueba nueva abre días nuevos: llame a su consulta y pida la cita.",
        ),
        act="Call your practice",
    ),
    "the month's test was taken": Case(
        lambda: filled().test(55),
        55.1,
        "month",
        "Your part of this month",
        "Five short questions, then your signature. It takes about a minute.",
        ("Su parte de este mes", "Cinco preguntas cortas y luego su firma. Toma más o menos un minuto."),
        until=date(2026, 12, 1),
        in_hand=date(2026, 12, 1),
        act="Begin",
    ),
    "stopped": Case(
        lambda: filled().enter(40, PregnancyReported()),
        41,
        "stopped",
        "Stop taking the medicine",
        "Call your prescriber today. Whatever it turns out to be, you will be helped with it.",
        ("Deje de tomar el medicamento", "Llame hoy a su médico. Sea lo que sea, le van a ayudar."),
        act="Call your practice",
    ),
    "treatment has ended": Case(
        ended,
        45,
        "owed-end",
        "Time for a test, now that treatment has ended",
        "It is the first of two. Call your practice and book it.",
        ("Es hora de una prueba: su tratamiento terminó", "Es la primera de dos. Llame a su consulta y pida la cita."),
        until=date(2026, 12, 9),
        act="Call your practice",
    ),
    "the last test is to come": Case(
        lambda: ended().test(41),
        45,
        "owed-later",
        "Next: your last test, from December 10",
        "Keep using birth control, and give no blood, until then. Nothing else to do.",
        (
            "Lo que sigue: su última prueba, desde el 10 de diciembre",
            "Hasta entonces siga con sus métodos anticonceptivos y no done sangre. No hay nada más que hacer.",
        ),
    ),
    "a month after the last dose": Case(
        lambda: ended().test(41),
        72,
        "owed-last",
        "Time for your last test",
        "It is the last step. Call your practice and book it.",
        ("Es hora de su última prueba", "Es el último paso. Llame a su consulta y pida la cita."),
        act="Call your practice",
    ),
    "a month after the last dose, and no test yet": Case(
        ended,
        72,
        "owed-last",
        "Time for your last test",
        "It is the last step. Call your practice and book it.",
        ("Es hora de su última prueba", "Es el último paso. Llame a su consulta y pida la cita."),
        act="Call your practice",
    ),
    "all done": Case(
        lambda: ended().test(41).test(71),
        73,
        "closed",
        "You are done",
        "There is nothing to do for you here. All the best.",
        ("Ya terminó", "Aquí no tiene nada que hacer. Le deseamos lo mejor."),
    ),
    "ended without a dose": Case(
        lambda: filled().enter(40, Discontinued("r")),
        41,
        "closed",
        "You are done",
        "There is nothing to do for you here. All the best.",
        ("Ya terminó", "Aquí no tiene nada que hacer. Le deseamos lo mejor."),
    ),
    "cannot become pregnant, no visit yet": Case(
        cannot,
        1,
        "visit",
        "Next: a visit or a call with your prescriber",
        "Then you can pick up your medicine. Call your practice.",
        (
            "Lo que sigue: una visita o una llamada con su médico",
            "Después puede recoger su medicamento. Llame a su consulta.",
        ),
        act="Call your practice",
    ),
    "cannot ready": Case(
        lambda: cannot().enter(0, Counselled(START)),
        1,
        "ready",
        "Pick up your medicine",
        "Everything is done. Take your patient number along.",
        ("Recoja su medicamento", "Todo está hecho. Lleve su número de paciente."),
        until=date(2026, 10, 31),
    ),
    "cannot supplied": Case(
        supplied,
        10,
        "visit-later",
        "You are all set",
        "A visit or a call with your prescriber comes before you need more, by October 31.",
        (
            "Todo en orden",
            "Antes de que necesite más, a más tardar el 31 de octubre, toca una visita o una llamada con su médico.",
        ),
        in_hand=date(2026, 10, 31),
    ),
    "cannot supply out": Case(
        supplied,
        40,
        "visit",
        "Next: a visit or a call with your prescriber",
        "Then you can pick up your medicine. Call your practice.",
        (
            "Lo que sigue: una visita o una llamada con su médico",
            "Después puede recoger su medicamento. Llame a su consulta.",
        ),
        act="Call your practice",
    ),
    "cannot missed": Case(
        lambda: cannot().enter(0, Counselled(START)),
        31,
        "missed-visit",
        "The days to pick up have passed",
        "That happens. A visit or a call with your prescriber opens new ones: call your practice.",
        (
            "Los días para recogerlo ya pasaron",
            "Suele pasar. Una visita o una llamada con su médico abre días nuevos: llame a su consulta.",
        ),
        act="Call your practice",
    ),
    "cannot supplied 2026": Case(
        lambda: (
            cannot().enter(0, Counselled(START)).enter(20, Authorized("1", "P", 30, date(2026, 10, 31)), Dispensed("1"))
        ),
        46,
        "more",
        "You are all set",
        "You have medicine until November 19. You can pick up more before it runs out.",
        ("Todo en orden", "Tiene medicamento hasta el 19 de noviembre. Puede recoger más antes de que se le acabe."),
        in_hand=date(2026, 11, 19),
    ),
    "a second course": Case(
        lambda: (
            ended()
            .test(41)
            .test(71)
            .enter(80, Enrolled(CAN))
            .enter(80, ConsentSigned("patient-information", "patient"), ConsentSigned("birth-defects", "patient"))
        ),
        81,
        "first-test",
        "Next: your first test",
        "Your practice orders it. Call them if you have heard nothing.",
        ("Lo que sigue: su primera prueba", "La pide su consulta. Llame si no le han dicho nada."),
    ),
    "a window missed, whatever else is to be signed": Case(
        lambda: (
            HistoryFactory(START)
            .enter(0, *[ConsentSigned("patient-information", "patient")])
            .enter(0, ContraceptionDeclared("prescriber", METHODS, START))
            .test(0, setting="clinic")
            .month(31)
        ),
        39,
        "missed-wait",
        "The days to pick up have passed",
        "That happens. A new test opens new days, and it can be taken from November 20. Call your "
        "practice and book it.",
        (
            "Los días para recogerlo ya pasaron",
            "Suele pasar. Una prueba nueva abre días nuevos y puede hacerse desde el 20 de "
            "noviembre. Llame a su consulta y pida la cita.",
        ),
        act="Call your practice",
    ),
    "the medicine ends today": Case(
        filled,
        61,
        "test",
        "Time for this month’s test",
        "Take it by December 1, so that your medicine does not run out. Call your practice and book it.",
        (
            "Es hora de la prueba de este mes",
            "Hágasela a más tardar el 1 de diciembre, para que no se le acabe el medicamento. Llame "
            "a su consulta y pida la cita.",
        ),
        until=date(2026, 12, 1),
        in_hand=date(2026, 12, 1),
        act="Call your practice",
    ),
    "the last day before the test is worth it": Case(
        filled,
        54,
        "test-later",
        "Next: your test, between November 25 and December 1",
        "Nothing to do until then.",
        (
            "Lo que sigue: su prueba, entre el 25 de noviembre y el 1 de diciembre",
            "No hay nada que hacer hasta entonces.",
        ),
        in_hand=date(2026, 12, 1),
    ),
    "the last day of the window": Case(
        ready,
        37.4,
        "ready",
        "Pick up your medicine",
        "Everything is done. Take your patient number along.",
        ("Recoja su medicamento", "Todo está hecho. Lleve su número de paciente."),
        until=date(2026, 11, 7),
    ),
    "the tests are done before the month is over": Case(
        lambda: ended().test(41).test(70),
        70.1,
        "safe-later",
        "The tests are done",
        "Keep using birth control, and give no blood, until December 10.",
        (
            "Las pruebas ya están hechas",
            "Siga con sus métodos anticonceptivos y no done sangre hasta el 10 de diciembre.",
        ),
    ),
    "something was reported": Case(
        filled,
        40,
        "problem",
        "Do not take the medicine until you have talked with your practice",
        "They were told what you reported. Call them today if they have not called you.",
        (
            "No tome el medicamento hasta hablar con su consulta",
            "Ya se les avisó de lo que usted contó. Llame hoy si no le han llamado.",
        ),
        in_hand=date(2026, 12, 1),
        act="Call your practice",
        problem=True,
    ),
    "reported while the window is missed": Case(
        ready,
        39,
        "problem",
        "Do not take the medicine until you have talked with your practice",
        "They were told what you reported. Call them today if they have not called you.",
        (
            "No tome el medicamento hasta hablar con su consulta",
            "Ya se les avisó de lo que usted contó. Llame hoy si no le han llamado.",
        ),
        act="Call your practice",
        problem=True,
    ),
}
