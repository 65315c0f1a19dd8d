"""The fonts of signed PDFs: files of installed packages, and which characters they have."""

from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import manimgx_fonts
import noto_cjk_sans_otc
import typst
import weblate_fonts
from fontTools.ttLib import TTFont

#: Folders inside installed packages. Fonts of the machine are not used: each machine draws the same PDF.
_FOLDERS = (
    (manimgx_fonts, "."),
    (noto_cjk_sans_otc, "."),
    (weblate_fonts, "static/weblate_fonts/kurinto/ttf"),
)

#: The text's own font comes with the renderer.
_TEXT = "Libertinus Serif"

#: It has the living scripts that no packaged Noto font has, from Cherokee to N'Ko, and Arabic with one glyph a letter:
#: so Arabic can be copied out of the PDF.
_OTHER_SCRIPTS = "Kurinto Sans"
_ARABIC = "[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff]"

#: Han characters look different in these. Each has them all; the first one is used.
_HAN = ("Noto Sans CJK SC", "Noto Sans CJK TC", "Noto Sans CJK JP", "Noto Sans CJK KR")


@lru_cache(maxsize=1)
def installed() -> typst.Fonts:
    """All fonts in the folders and those of the renderer, found once a process."""
    folders = [str(Path(str(files(package))) / folder) for package, folder in _FOLDERS]
    return typst.Fonts(include_system_fonts=False, font_paths=folders)


@lru_cache(maxsize=1)
def _scripts() -> tuple[str, ...]:
    """Noto Sans, and Noto Sans of each script."""
    names = {name for name in installed().families() if name.startswith("Noto Sans") and " CJK " not in name}
    return tuple(sorted(names))


@lru_cache(maxsize=1)
def covered() -> frozenset[int]:
    """The code points for which one of the fonts has a glyph. The renderer's own fonts are not counted."""
    wanted = {*_scripts(), _HAN[0], _OTHER_SCRIPTS}
    places = {(font.path, font.index) for font in installed().fonts() if font.family in wanted and font.path}
    points: set[int] = set()
    for path, index in sorted(places):
        with TTFont(path, fontNumber=index, lazy=True) as font:
            points.update(font.getBestCmap())
    return frozenset(points)


def families(text: str) -> list[dict[str, str]]:
    """The fonts to try for each character of this text, in order; `covers` limits one to some characters."""
    first = _han_of(text)
    han = sorted(_HAN, key=lambda name: name != first)
    arabic = {"name": _OTHER_SCRIPTS, "covers": _ARABIC}
    return [{"name": _TEXT}, arabic, *({"name": name} for name in (*_scripts(), *han, _OTHER_SCRIPTS))]


def _han_of(text: str) -> str:
    """The font that draws Han characters as they are drawn where these are used, as far as they tell."""
    if any("\u3040" <= one <= "\u30ff" for one in text):
        return "Noto Sans CJK JP"
    if any("\uac00" <= one <= "\ud7a3" for one in text):
        return "Noto Sans CJK KR"
    han = "".join(one for one in text if "\u4e00" <= one <= "\u9fff")
    for encoding, name in (("gb2312", "Noto Sans CJK SC"), ("big5", "Noto Sans CJK TC")):
        if _fits(han, encoding):
            return name
    return "Noto Sans CJK JP"


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
