"""Light or dark: as the device has it, or as the reader chose in the footer. The browser keeps the choice."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from ui.navigation import Words

#: The choices; the first one follows the device.
DEVICE, LIGHT, DARK = "device", "light", "dark"
THEMES: dict[str, Words] = {DEVICE: _("As on your device"), LIGHT: _("Light"), DARK: _("Dark")}

#: For which screens `dark.css` is linked; not at all for the light one. Paper is always light.
MEDIA = {DEVICE: "screen and (prefers-color-scheme: dark)", DARK: "screen"}

#: A year, for which the browser keeps the choice.
COOKIE_AGE = 365 * 24 * 3600


def theme_of(request: HttpRequest) -> str:
    """The theme that this browser keeps, one of `THEMES`."""
    chosen = request.COOKIES.get(settings.THEME_COOKIE_NAME, DEVICE)
    return chosen if chosen in THEMES else DEVICE


def remember(response: HttpResponse, theme: str) -> None:
    """Let this browser keep the theme, one of `THEMES`."""
    response.set_cookie(
        settings.THEME_COOKIE_NAME, theme, max_age=COOKIE_AGE, httponly=True,
        secure=settings.SESSION_COOKIE_SECURE, samesite="Lax",
    )  # fmt: skip


def context(request: HttpRequest) -> dict[str, object]:
    """For every page: the theme, where its dark colours are linked, and what else can be chosen."""
    theme = theme_of(request)
    return {"theme": theme, "dark_media": MEDIA.get(theme, ""), "themes": THEMES}
