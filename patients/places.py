"""The places of an account, as the rows of practices, pharmacies and files say: the setting `PLACES` names this."""

from collections.abc import Callable, Sequence
from uuid import UUID

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.places import Place
from accounts.roles import DESIGNEE, GUARDIAN, NAMES, PATIENT, PHARMACIST, PRESCRIBER

from .models import Guardian, Patient, Pharmacy, Prescriber

_SELECT_PLACES = f"""
SELECT '{PRESCRIBER}', id, state, program, id FROM patients_prescriber WHERE user_id = %(account)s
UNION ALL SELECT '{DESIGNEE}', p.id, p.state, p.program, p.id FROM patients_prescriber p
    JOIN patients_designee d ON d.prescriber_id = p.id WHERE d.user_id = %(account)s AND d.ended_at IS NULL
UNION ALL SELECT '{PHARMACIST}', p.id, p.state, p.program, p.id FROM patients_pharmacy p
    JOIN patients_pharmacist d ON d.pharmacy_id = p.id WHERE d.user_id = %(account)s AND d.ended_at IS NULL
UNION ALL SELECT '{PATIENT}', id, '', program, id FROM patients_patient WHERE user_id = %(account)s
UNION ALL SELECT '{GUARDIAN}', %(account)s, '', '', NULL
    WHERE EXISTS (SELECT FROM patients_guardian WHERE user_id = %(account)s)
ORDER BY 1, 2
"""


def places_of(account: UUID) -> tuple[Place, ...]:
    """The places that an account holds now. A guardian holds one, whoever they stand beside. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_SELECT_PLACES, {"account": account})
        return tuple(Place(*row) for row in cursor.fetchall())


class PlaceLabelMiddleware:
    """Middleware: each page says where its reader acts, where the role alone does not. Looked up when it is shown."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, knowing what its reader's place is called."""
        request.place_label = SimpleLazyObject(lambda: _label_of_reader(request.user))  # type: ignore[attr-defined]
        request.place_names = SimpleLazyObject(lambda: labels(request.user))  # type: ignore[attr-defined,arg-type]
        return self.get_response(request)


def _label_of_reader(user: object) -> str:
    if not isinstance(user, User) or user.place is None:
        return ""
    if len(user.places) == 1 and user.role != DESIGNEE:
        return ""
    return labels(user)[user.place.code]


def labels(user: User) -> dict[str, str]:
    """What the places of an account are called, by their codes. At most four queries, whatever there is."""
    places = user.places
    prescribers = Prescriber.objects.select_related("user").in_bulk(_ids(places, PRESCRIBER, DESIGNEE))
    pharmacies = Pharmacy.objects.in_bulk(_ids(places, PHARMACIST))
    files = Patient.objects.select_related("prescriber").in_bulk(_ids(places, PATIENT))
    result = {}
    for place in places:
        if place.role == PRESCRIBER:
            text = _("Prescriber at %(place)s") % {"place": prescribers[place.id].practice_name}
        elif place.role == DESIGNEE:
            row = prescribers[place.id]
            text = _("Designee for %(name)s, %(place)s") % {"name": row.user.name, "place": row.practice_name}
        elif place.role == PHARMACIST:
            text = _("Pharmacist at %(place)s") % {"place": pharmacies[place.id].name}
        elif place.role == PATIENT and len(files) > 1:
            text = _("Patient at %(place)s") % {"place": files[place.id].prescriber.practice_name}
        elif place.role == GUARDIAN:
            text = _("Parent or guardian of %(names)s") % {"names": _wards(user)}
        else:
            text = str(NAMES[place.role])
        result[place.code] = text
    return result


def _ids(places: Sequence[Place], *roles: str) -> list[UUID]:
    return [place.id for place in places if place.role in roles]


def _wards(user: User) -> str:
    """The initials of those beside whom the guardian stands: enough to tell, and no name on a shared screen."""
    rows = Guardian.objects.filter(user=user).order_by("patient__given_name", "id")
    return ", ".join(
        f"{given[:1]}. {family[:1]}."
        for given, family in rows.values_list("patient__given_name", "patient__family_name")
    )
