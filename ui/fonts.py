"""The typeface as browsers want it: WOFF2, made from the font of the installed package.

It is made once and kept beside the code; `collectstatic` takes it from there, so that an installation's server makes
none.
"""

import os
import tempfile
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import BaseStorageFinder
from django.core.files.storage import FileSystemStorage
from font_manrope import font_directory
from fontTools.ttLib import TTFont

SOURCE = Path(font_directory) / "Manrope-VariableFont_wght.ttf"
NAME = "fonts/manrope.woff2"


def made_in() -> Path:
    """The folder that holds the font, which is made if it is not there yet."""
    folder = Path(settings.BASE_DIR) / ".state" / f"font-{sha256(SOURCE.read_bytes()).hexdigest()[:12]}"
    made = folder / NAME
    if not made.exists():
        made.parent.mkdir(parents=True, exist_ok=True)
        handle, unfinished = tempfile.mkstemp(dir=made.parent)
        os.close(handle)
        font = TTFont(SOURCE)
        font.flavor = "woff2"
        font.save(unfinished)
        Path(unfinished).chmod(0o644)
        # Processes that start together each make one: the last is as good as the first.
        Path(unfinished).replace(made)
    return folder


class FontFinder(BaseStorageFinder):
    """Finds the one font among the static files."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(FileSystemStorage(location=made_in()))
