"""Each class that our style sheets name is used: in a template, in code that makes markup, in a script."""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders

from tests.accessible import NARROW, TELEPHONE

ROOT = Path(__file__).resolve().parent.parent.parent
CODE = ("accounts", "compliance", "patients", "ui", "web")

#: A class whose end is filled in: `panel--{{ tone }}`, or "pill--{}" in code.
STEM = re.compile(r"([a-z][\w-]*--)\{")


def styled() -> set[str]:
    """The classes in the selectors of our style sheets."""
    found: set[str] = set()
    for sheet in ROOT.glob("static/**/*.css"):
        text = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
        for selectors in re.findall(r"([^{}]+)\{", text):
            found |= set(re.findall(r"\.([a-z][\w-]*)", selectors))
    return found


@cache
def said() -> str:
    """What may name a class: attributes of templates, strings of scripts and of code."""
    found = "\n".join(in_templates_and_scripts())
    wanted = styled() - set(re.findall(r"[a-z][\w-]*", found))
    return "\n".join([found, *in_code(wanted)])


def in_templates_and_scripts() -> Iterator[str]:
    for template in ROOT.glob("templates/**/*.html"):
        text = template.read_text()
        yield from re.findall(r'class="((?:\{\{.*?\}\}|\{%.*?%\}|[^"])*)"', text, re.DOTALL)
        yield from re.findall(r"\{% block (?:body_class|width) %\}([\w-]+)\{%", text)
        yield from re.findall(r'\bcss="([^"]*)"', text)
    for script in ROOT.glob("static/**/*.js"):
        yield from re.findall(r'"([^"\n]*)"', script.read_text())


def in_code(wanted: Iterable[str]) -> Iterator[str]:
    """The strings of the modules that have one of these classes in them, or one whose end is filled in."""
    sought = re.compile("|".join([r"--\{", *map(re.escape, wanted)]))
    for folder in CODE:
        for module in ROOT.glob(f"{folder}/**/*.py"):
            if sought.search(source := module.read_text()):
                nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
                yield from (node.value for node in nodes if isinstance(node.value, str))


def test_every_class_of_ours_is_used() -> None:
    names, stems = set(re.findall(r"[a-z][\w-]*", said())), set(STEM.findall(said()))
    unused = {name for name in styled() if name not in names and not name.startswith(tuple(stems))}
    assert not unused


def test_the_style_sheets_are_read() -> None:
    assert {"panel", "panel--act", "pill--yes", "session-over"} <= styled()
    assert {"panel--", "pill--"} <= set(STEM.findall(said()))


def test_every_class_of_a_template_is_styled() -> None:
    """By our style sheets or by Bootstrap's: a class that neither knows has lost its rule, or never had one."""
    sheet = finders.find("bootstrap/bootstrap.min.css")
    assert isinstance(sheet, str)
    known = styled() | set(re.findall(r"\.([a-z][\w-]*)", Path(sheet).read_text()))
    written: set[str] = set()
    for template in ROOT.glob("templates/**/*.html"):
        for value in re.findall(r'class="((?:\{\{.*?\}\}|\{%.*?%\}|[^"])*)"', template.read_text(), re.DOTALL):
            fixed = re.sub(r"\S*--\{.*", "", re.sub(r"\{%.*?%\}", " ", value.replace("--{%", "--{{")), flags=re.DOTALL)
            written |= set(re.findall(r"[a-z][\w-]*", re.sub(r"\{\{.*?\}\}", " ", fixed)))
    assert written - known == set()


#: What says how far apart things stand.
DISTANCES = re.compile(r"^\s*((?:margin|padding|gap|row-gap|column-gap)[\w-]*):\s*([^;]+);", re.MULTILINE)


def test_every_text_has_one_of_six_sizes() -> None:
    theme = (ROOT / "static/clearfill/theme.css").read_text()
    assert sorted(set(re.findall(r"--text-(\d):", theme))) == ["1", "2", "3", "4", "5", "6"]
    others = {
        f"{sheet.name}: {size}"
        for sheet in ROOT.glob("static/**/*.css")
        for size in re.findall(r"font-size: ([^;]+);", sheet.read_text())
        if not re.fullmatch(r"var\(--text-[1-6]\)", size)
    }
    # The drawing of the timeline has its own unit: it grows with the picture. A sheet's margin knows no variables.
    assert others == {"timeline.css: 12px", "timeline.css: 13px", "oversight.css: 12px", "print.css: 9pt"}


def test_every_distance_is_of_the_scale() -> None:
    found = {
        f"{sheet.name}: {name}: {value}"
        for sheet in ROOT.glob("static/**/*.css")
        for name, value in DISTANCES.findall(sheet.read_text())
        if re.search(r"\d(?:rem|px)", value)
    }
    assert found == set()


def test_buttons_beside_one_another_stand_apart() -> None:
    """A line with two buttons or more names the class that keeps a distance between them, also where it wraps."""
    glued = [
        f"{template.relative_to(ROOT)}: {line.strip()[:60]}"
        for template in ROOT.glob("templates/**/*.html")
        for line in re.findall(r"<p>((?:(?!</p>).)*)</p>", template.read_text(), re.DOTALL)
        if line.count('class="btn ') > 1
    ]
    assert not glued


#: A width at which styles begin or end, in rem or px.
WIDTH = re.compile(r"(?:min|max)-width\s*:\s*([\d.]+)(rem|px)|width\s*[<>]=?\s*([\d.]+)(rem|px)")


def breakpoints(text: str) -> set[float]:
    """The widths at which a style sheet asks for others, in pixels."""
    asked = re.findall(r"@(?:media|container)[^{]*", text)
    found = [match for query in asked for match in WIDTH.findall(query)]
    return {float(a or b) * (16 if "rem" in (in_a, in_b) else 1) for a, in_a, b, in_b in found}


def test_no_style_begins_between_the_narrowest_screen_and_a_telephones() -> None:
    """So that what is no wider than the one is no wider than the other (`tests.accessible.faults`)."""
    ours = set[float]().union(*(breakpoints(sheet.read_text()) for sheet in ROOT.glob("static/**/*.css")))
    bootstrap = finders.find("bootstrap/bootstrap.min.css")
    assert isinstance(bootstrap, str)
    theirs = breakpoints(Path(bootstrap).read_text())
    assert (480 in ours, 576 in theirs) == (True, True), "the style sheets are read"
    assert {width for width in ours | theirs if NARROW < width <= TELEPHONE} == set()
    assert breakpoints("@media (max-width: 22.5rem) { a {} } @media (width >= 350px) { a {} }") == {360, 350}
