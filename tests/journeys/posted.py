"""Set-up of journeys without a browser: people post the forms that are on the pages."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.test import Client
from django.urls import reverse

import outbox
from accounts.models import User
from accounts.roles import OFFICER
from compliance import documents
from devtools.demo.people import PHARMACIES, PRACTICES, _npi
from outbox.models import CapturedEmail
from patients.models import Patient
from tests import factories
from tests.clocks import Clock
from tests.histories import METHODS
from tests.security.reading import Form, Page

PASSWORD = "apricot lantern 42"
DOCTOR, PHARMACIST, OFFICE = "doctor@example.org", "counter@example.org", "office@example.org"
ANA, GUARDIAN = "ana@example.org", "parent@example.org"
#: An answer to an item other than yes.
Answers = Mapping[str, str]


class Posted:
    """The steps of a journey, each sent by whoever does it."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._clients: dict[tuple[str, datetime], Client] = {}

    # --- around ------------------------------------------------------------------------------
    def sends(self, email: str, path: str, /, *, to: str = "", where_asked: Any = None, **given: Any) -> str:
        """Open a page, fill in the form that goes there, send it; every box of a text is ticked. Where it leads.

        `where_asked` is filled in where the form has such a field.
        """
        client = self._client(email)
        page = Page(path, client.get(path).content.decode())
        form = next(
            form
            for form in page.forms
            if form.method == "post" and to in form.action and set(given) <= set(form.fields)
        )
        given |= {name: value for name, value in (where_asked or {}).items() if name in form.fields}
        answer = client.post(form.action, _kept(form) | given)
        assert answer.status_code == 302, (path, answer.status_code, answer.content.decode()[:3000])
        return str(answer["Location"])

    def _client(self, email: str) -> Client:
        """A stranger's; or one who is signed in, until the clock moves on."""
        if not email:
            return Client()
        who = email, self.clock.at
        if who not in self._clients:
            self._clients[who] = Client()
            factories.sign_in(self._clients[who], User.objects.get(email=email))
        return self._clients[who]

    def signs_form(self, email: str, path: str, name: str, /, **given: Any) -> None:
        """Send a form that is signed."""
        self.sends(email, path, signer_password=PASSWORD, **given)

    @property
    def today(self) -> str:
        """The day in New York."""
        return (self.clock.at - timedelta(hours=5)).date().isoformat()

    def delivers(self) -> None:
        """Whatever is due goes out, or into a digest."""
        outbox.deliver(at=self.clock())

    def captured_email(self, to: str) -> CapturedEmail:
        """The newest e-mail to somebody, after the outbox was delivered."""
        self.delivers()
        found = CapturedEmail.objects.filter(to=to).order_by("-at").first()
        assert found is not None, to
        return found

    def link(self, to: str) -> str:
        """The path of the link in the newest e-mail to somebody."""
        (link,) = re.findall(r"https?://[^/\s]+(/\S+)", self.captured_email(to).body)
        return str(link)

    # --- the staff ---------------------------------------------------------------------------
    def staffed(self) -> None:
        """An officer; a practice and a pharmacy that register and are approved."""
        User.objects.create_user(email=OFFICE, password=PASSWORD, name="Office", role=OFFICER)
        for what, place, name, email, number in (
            ("practice", "practice_name", PRACTICES[0][2], DOCTOR, 1),
            ("pharmacy", "pharmacy_name", PHARMACIES[0][2], PHARMACIST, 2),
        ):
            fields = {
                place: name, "npi": _npi(number), "address": "1 Main Street", "name": "Robin Hale",
                "password1": PASSWORD, 
            }  # fmt: skip
            self.sends("", f"/register/{what}/", email=email)
            self.sends("", self.link(email), **fields)
        for kind in ("prescriber", "pharmacy"):
            self.sends(OFFICE, f"/office/certifications/?kind={kind}", to="/approve/")

    # --- the prescriber ----------------------------------------------------------------------
    def enrols(
        self, *, category: str = "can_become_pregnant", born_on: str = "04/02/2001", given: str = "Ana",
        guardian: bool = False,
    ) -> None:  # fmt: skip
        fields = {"given_name": given, "family_name": "Mora", "born_on": born_on, "email": ANA, "category": category}
        if guardian:
            fields |= {"guardian_name": "Paula Mora", "guardian_email": GUARDIAN}
        if category == "cannot_become_pregnant":
            fields["reason"] = "male"
        self.sends(DOCTOR, "/prescriber/enrol/", **fields)

    def entry(self, slug: str) -> str:
        """The address of an entry about the one patient."""
        return reverse("prescriber:entry", args=[Patient.objects.get().pk, slug])

    def month(self, *, setting: str = "laboratory", menses: str = "first_five_days") -> None:
        """Test, visit and methods, signed."""
        self.signs_form(
            DOCTOR, self.entry("month"), "Robin Hale", collected_on=self.today, result="negative", setting=setting,
            where_asked={
                "menses": menses, "visit_on": self.today, "methods": list(METHODS), "started_on": self.today,
            },
        )  # fmt: skip

    def begins(self) -> None:
        """Methods, screening test, visit."""
        self.month(setting="clinic", menses="")

    def visit(self) -> None:
        self.sends(DOCTOR, self.entry("visit"), visit_on=self.today)

    # --- the patient and the guardian --------------------------------------------------------
    def accepts(self, email: str = ANA, born_on: str = "04/02/2001") -> None:
        link = re.search(r"/invitation/\S+", self.captured_email(email).body)
        assert link is not None
        self.sends("", link.group(), born_on=born_on, password1=PASSWORD)

    def reads(self, code: str, email: str = ANA, *, answers: Answers | None = None) -> str:
        """Answer every section: yes, where `answers` says nothing else. The address of the signature."""
        start = "/patient" if email == ANA else f"/guardian/{Patient.objects.get().pk}"
        place = f"{start}/sign/{code}/en/1/"
        for item in documents.load(code, 1, "en").items:
            place = self.sends(email, place, answer=(answers or {}).get(item.id, "yes"))
        assert place.endswith("/signature/"), place
        return place

    def signs(self, code: str, email: str = ANA, name: str = "Ana Mora") -> None:
        """Read every section, agree, and sign."""
        self.signs_form(email, self.reads(code, email), name)

    def declares(self, *methods: str) -> None:
        self.signs_form(ANA, "/patient/methods/", "Ana Mora", methods=list(methods or METHODS))

    def answers(self) -> None:
        """All questions of the month, one by one, right at once."""
        for _ in range(5):
            self.sends(ANA, "/patient/questions/", **self._question())

    def _question(self) -> dict[str, str]:
        """The question that is asked, with its right answer."""
        text = self._client(ANA).get("/patient/questions/").content.decode()
        bank = documents.questions(version=documents.version_on("questions", self.clock.at.date()))
        return {q.id: str(q.right) for q in bank if f'name="{q.id}"' in text}

    def readies(self) -> None:
        """What a month takes from both sides."""
        self.month()
        self.declares()
        self.answers()

    # --- the counter -------------------------------------------------------------------------
    def fills(self, born_on: str = "04/02/2001") -> None:
        """The one patient's medicine is asked for and handed over."""
        asked = {"number": Patient.objects.get().number, "born_on": born_on, "days_supply": "30"}
        self.sends(PHARMACIST, self.sends(PHARMACIST, "/counter/", **asked), to="/dispense/")


def _kept(form: Form) -> dict[str, str]:
    """What the form sends by itself; of a text, every box ticked."""
    hidden = {name: entry.value for name, entry in form.fields.items() if entry.kind == "hidden"}
    return hidden | {name: "on" for name in form.fields if name.startswith("item_")}
