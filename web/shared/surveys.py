"""Whether a reader's first page has the line that offers the yearly survey. It is in nobody's way."""

from datetime import datetime, timedelta

from accounts.models import User
from compliance.records.programs import program_day
from compliance.records.surveys import SURVEY_OF, offer_of

#: Who is new is asked nothing yet.
_NEW = timedelta(days=30)


def is_survey_offered(reader: User, at: datetime) -> bool:
    """Whether it is offered now: once a year, and not to who has put it off. One query, none for who is new."""
    if reader.role not in SURVEY_OF or reader.created_at > at - _NEW:
        return False
    return offer_of(reader.pk, SURVEY_OF[reader.role]).is_open(program_day(at))
