"""A name in any script is drawn in it; only a character that no font has is written as its number, and it alone."""

import json
import re
import subprocess
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

from compliance.export.verify import sealed_by
from compliance.signing.pdf import fonts
from compliance.signing.pdf.actual_text import Runs
from compliance.signing.pdf.render import _spelled, draw
from compliance.signing.pdf.seal import seal_pdf

AT = datetime(2026, 12, 15, 15, tzinfo=UTC)

#: Read back by pdftotext as it was typed.
LEFT_TO_RIGHT = {
    "latin": "Zoë Łukasz Ñandú",
    "latin-rare": "Ǩẑḿ Ḫamza Ṣāliḥ Ə̀ Ọláyínká Ɓɗ",
    "yoruba": "Ọ̀láìtán Ṣọlá Ẹ̀bùn",
    "several-marks": "Ŋ̀́ko ȩ̣́ J̵́o",
    "vietnamese": "Nguyễn Thị Ánh Tuyết",
    "cyrillic": "Владимир Ѓорѓи Қазақ",
    "greek": "Γεώργιος Ὀδυσσεύς",
    "armenian": "Արմեն Սարգսյան",
    "georgian": "გიორგი ბერიძე",
    "devanagari": "श्रीकृष्ण शर्मा",
    "bengali": "শ্রীমতী রবীন্দ্রনাথ",
    "gurmukhi": "ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ",
    "gujarati": "શ્રીનિવાસ પટેલ",
    "odia": "ଶ୍ରୀନିବାସ",
    "tamil": "ஸ்ரீனிவாசன்",
    "telugu": "శ్రీనివాస్",
    "kannada": "ಶ್ರೀನಿವಾಸ",
    "malayalam": "ശ്രീനിവാസൻ",
    "sinhala": "ශ්‍රීමතී",
    "thai": "สมชาย ใจดีน้ำ",
    "lao": "ສົມຊາຍ",
    "khmer": "សុខ ភ្នំពេញ",
    "myanmar": "အောင်ဆန်းစုကြည်",
    "ethiopic": "አበበ ብቂላ",
    "simplified": "刘晓波",
    "traditional": "陳水扁",
    "japanese": "山田太郎 さくら カタカナ",
    "ideographic-space": "山田\u3000太郎",
    "rare-han": "𠮷野 㐂 龘",
    "hangul": "김민준",
    "cherokee": "ᏣᎳᎩ",
    "inuktitut": "ᐃᓄᒃᑎᑐᑦ",
    "osage": "𐓏𐓘𐓻𐓘𐓻𐓟",
    "mongolian": "ᠮᠣᠩᠭᠣᠯ",
    "tifinagh": "ⵉⵎⴰⵣⵉⵖⵏ",
    "javanese": "ꦗꦮ",
    "yi": "ꆈꌠ",
    "vai": "ꕙꔤ",
    "several": "Anna 山田 Иван कमला",
}

#: Drawn from right to left; pdftotext does not put every one of them back in order.
RIGHT_TO_LEFT = {
    "hebrew": "משה כהן",
    "hebrew-points": "שָׁלוֹם",
    "arabic": "محمد بن عبد الله",
    "persian": "علی‌اکبر",
    "urdu": "نستعلیق ڈاکٹر پیژ",
    "syriac": "ܐܒܪܗܡ",
    "thaana": "މުހައްމަދު",
    "nko": "ߒߞߏ",
    "adlam": "𞤀𞤣𞤤𞤢𞤥",
}

SCRIPTS = LEFT_TO_RIGHT | RIGHT_TO_LEFT


def drawn(name: str) -> bytes:
    """A signed document of that signer, before the seal."""
    content: dict[str, Any] = {
        "title": "Confirmation", "version": "1", "language": "en", "introduction": "", "footer": "", "attached": "a",
        "record": json.dumps(name), "entries_title": "Entries", "entries": [{"title": "Entry", "text": name}],
        "items": [], "signature_title": "Signature", "signature": [{"label": "Signed by", "text": name}],
    }  # fmt: skip
    return draw(content, AT)


#: The same, drawn once.
pdf_of = cache(drawn)


@cache
def read(pdf: bytes) -> str:
    """Its text, without the marks of direction that the reader adds."""
    run = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return re.sub("[\u202a-\u202c]", "", run.stdout.decode())


def signed_by(pdf: bytes) -> str:
    (line,) = (line for line in read(pdf).splitlines() if line.strip().startswith("Signed by"))
    return line.strip().removeprefix("Signed by").strip()


@pytest.mark.parametrize("script", SCRIPTS)
def test_name_in_each_script_is_drawn_with_nothing_spelled_out(script: str) -> None:
    assert _spelled(SCRIPTS[script]) == SCRIPTS[script]
    assert "[U+" not in read(pdf_of(SCRIPTS[script]))


@pytest.mark.parametrize("script", LEFT_TO_RIGHT)
def test_name_is_read_back_as_it_was_typed(script: str) -> None:
    name = LEFT_TO_RIGHT[script]
    pdf = pdf_of(name)
    spaced = re.sub(r"\s+", " ", name)
    assert re.sub(r"\s+", " ", signed_by(pdf)) == spaced
    assert re.sub(r"\s+", " ", read(pdf)).count(spaced) == 2


@pytest.mark.parametrize("script", ["hebrew", "urdu", "syriac"])
def test_name_from_right_to_left_is_read_back_in_the_order_of_its_letters(script: str) -> None:
    assert signed_by(pdf_of(RIGHT_TO_LEFT[script])) == RIGHT_TO_LEFT[script]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ana 😀 Łukasz", "Ana [U+1F600] Łukasz"),
        ("中文 😀", "中文 [U+1F600]"),
        ("कमला \ue000 中", "कमला [U+E000] 中"),
        ("Иван\u202eтсет", "Иван[U+202E]тсет"),
        ("a\u2067b", "a[U+2067]b"),
        ("a\x07b\x00", "a[U+0007]b[U+0000]"),
        ("Ann\u2028a", "Ann[U+2028]a"),
        ("བོད Tenzin", "[U+0F56][U+0F7C][U+0F51] Tenzin"),
        ("\U0003fffe山", "[U+3FFFE]山"),
        ("葛\U000e0100城", "葛\U000e0100城"),
        ("\U000e0100城", "[U+E0100]城"),
        ("علی\u200cاکبر", "علی\u200cاکبر"),
    ],
)
def test_only_what_no_font_has_is_spelled_out_alone(name: str, shown: str) -> None:
    assert _spelled(name) == shown
    pdf = pdf_of(name)
    assert sorted(re.findall(r"\[U\+\w+\]", signed_by(pdf))) == sorted(re.findall(r"\[U\+\w+\]", shown))


@pytest.mark.parametrize(
    ("name", "font"),
    [
        ("刘晓波", "NotoSansCJKsc"),
        ("陳水扁", "NotoSansCJKtc"),
        ("山田さくら", "NotoSansCJKjp"),
        ("김민준", "NotoSansCJKkr"),
        ("देवनागरी", "NotoSansDevanagari"),
        ("สมชาย", "NotoSansThai"),
        ("አበበ", "NotoSansEthiopic"),
        ("ᏣᎳᎩ", "KurintoSans"),
    ],
)
def test_each_script_has_its_font_embedded_as_a_subset(name: str, font: str) -> None:
    pdf = pdf_of(name)
    run = subprocess.run(["pdffonts", "-"], input=pdf, capture_output=True, check=True)
    assert re.search(rf"[A-Z]{{6}}\+{font}-\S+ .*yes yes yes", run.stdout.decode())
    assert len(pdf) < 40_000


@pytest.mark.parametrize("script", SCRIPTS)
def test_signed_pdf_of_any_script_is_still_pdf_a_and_drawn_alike_again(script: str) -> None:
    pdf = pdf_of(SCRIPTS[script])
    assert b"<pdfaid:part>3</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in pdf
    assert drawn(SCRIPTS[script]) == pdf


def test_signed_pdf_of_all_scripts_is_sealed() -> None:
    """One after the other: what the seal is put behind has every font in it."""
    pdf = pdf_of(" ".join(SCRIPTS.values()))
    assert "[U+" not in read(pdf)
    sealed = seal_pdf(pdf)
    assert sealed.startswith(pdf)
    assert sealed_by(sealed)


def test_no_code_of_a_run_is_left_where_a_language_stands() -> None:
    name = "श्रीकृष्ण शर्मा, ভাই ភ្នំ"
    pdf = pdf_of(name)
    info = subprocess.run(["pdfinfo", "-struct-text", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    assert name in read(pdf)
    assert "qa" not in info.replace("\n", " ").split("Signed by")[1]


def test_many_runs_beyond_the_codes_are_drawn_all_the_same() -> None:
    runs = Runs()
    parts = [runs.parts("शर्मा") for _number in range(600)]
    assert len(runs.texts) == 520
    assert parts[0][0]["text"] == parts[-1][0] == "शर्मा"


@pytest.mark.parametrize("text", ["", " ", "Ana  Łukasz", " शर्मा", "शर्मा कमल  শর্মা ", "a\nशर्मा", *SCRIPTS.values()])
def test_parts_are_the_text(text: str) -> None:
    parts = Runs().parts(text)
    assert "".join(part if isinstance(part, str) else part["text"] for part in parts) == text


def test_fonts_are_files_of_installed_packages_alone() -> None:
    paths = {font.path for font in fonts.installed().fonts() if font.path}
    assert paths
    assert all("site-packages" in path for path in paths)
