"""What each source of the program's numbers is called on pages. `compliance.rules.sources` has the codes."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from compliance.rules.sources import Source
from ui.navigation import Words

SOURCES: Mapping[Source, Words] = {
    Source.FDA_REMS_2021: _("FDA REMS page for isotretinoin, approval of 2021"),
    Source.FDA_REMS_2023: _("FDA REMS page for isotretinoin, update of 2023-10-03"),
    Source.NOTICES: _("Program notices of 2007 and 2021"),
    Source.ENFORCEMENT_2023: _("FDA notice of enforcement discretion, October 2023"),
    Source.FDA_2026: _("FDA approval of 2026-02-09, in force by announcement of 2026-06-16"),
    Source.LABEL: _("Prescribing information"),
    Source.ASSUMED: _("Assumed, until the program's own documents are read"),
}
