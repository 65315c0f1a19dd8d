"""Every icon that a page or a presenter names is in the set."""

import re
from pathlib import Path

from lucide import IconDoesNotExist
from lucide.templatetags.lucide import lucide

ROOT = Path(__file__).resolve().parent.parent.parent
NAMED = (
    re.compile(r'{% icon "([a-z0-9-]+)"'),
    re.compile(r'icon_name="([a-z0-9-]+)"'),
    re.compile(r'(?:Action|Entry)\([^\n]*?, "([a-z][a-z0-9-]+)"(?:, "main")?\)'),
    re.compile(r'\bicon(?:: str)? ?= ?"([a-z0-9-]+)"'),
    re.compile(r'BOTH, "([a-z0-9-]+)"'),
)


def test_every_icon_exists() -> None:
    folders = {"templates": "*.html", "web": "*.py", "ui": "*.py"}
    files = [file for folder, form in folders.items() for file in (ROOT / folder).rglob(form)]
    named = {name for file in files for pattern in NAMED for name in pattern.findall(file.read_text())} - {"main"}
    assert len(named) > 20
    missing = []
    for name in sorted(named):
        try:
            lucide(name, size=16)
        except IconDoesNotExist:
            missing.append(name)
    assert missing == []
