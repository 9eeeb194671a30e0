"""Encodings: every legacy letter converts right, and Unicode text is never taken for legacy."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mttq_data.codelists import read_codelist
from mttq_data.errors import MttqError
from mttq_data.reading import encodings
from mttq_data.syllables import is_syllable

PROSE = (
    "Uỷ ban Mặt trận Tổ quốc phường đã vận động 1.250 hộ gia đình ủng hộ quỹ được trên 3,5 tỷ đồng; "
    "xây mới, sửa chữa những ngôi nhà cho người nghèo ở các thôn, xã khó khăn trong năm vừa qua."
)


def typed(text: str, encoding: str) -> str:
    """The text as it was typed in a legacy font and shows in a Unicode program."""
    rows = read_codelist("legacy_fonts", key=["letter"])
    if encoding == "vni":
        table = {row["letter"]: row["vni"] for row in rows}
    else:
        table = {row["letter"]: chr(int(row["tcvn3_hex"], 16)) for row in rows if row["tcvn3_hex"]}
        table = {letter.upper(): code for letter, code in table.items() if letter.islower()} | table
    return "".join(table.get(char, char) for char in text)


def in_cp1258(text: str) -> str:
    """Windows-1258 writes five tones as marks of their own."""
    spread = unicodedata.normalize("NFD", text).replace("a\u0306", "ă").replace("o\u031b", "ơ").replace("u\u031b", "ư")
    for base, whole in (("a", "â"), ("e", "ê"), ("o", "ô")):
        spread = spread.replace(f"{base}\u0323\u0302", f"{whole}\u0323").replace(f"{base}\u0302", whole)
    spread = spread.replace("a\u0323\u0306", "ă\u0323")
    return "".join(spread.encode("cp1258", "replace").decode("cp1258"))


@pytest.mark.parametrize(
    ("encoding", "old", "new"),
    [
        ("tcvn3", "Uû ban nh©n d©n tØnh B¾c Giang", "Uỷ ban nhân dân tỉnh Bắc Giang"),
        ("tcvn3", "MÆt trËn Tæ quèc ViÖt Nam", "Mặt trận Tổ quốc Việt Nam"),
        ("tcvn3", "c¸c vµ ®· nh÷ng ng\u00adêi nghÌo", "các và đã những người nghèo"),
        ("tcvn3", "x∙ héi", "xã hội"),
        ("tcvn3", "§¶NG Bé TØNH B¾C GIANG", "ĐẢNG Bộ TỈNH BẮC GIANG"),
        ("vni", "Uûy ban nhaân daân tænh Ñoàng Thaùp", "Ủy ban nhân dân tỉnh Đồng Tháp"),
        ("vni", "MAËT TRAÄN TOÅ QUOÁC VIEÄT NAM", "MẶT TRẬN TỔ QUỐC VIỆT NAM"),
        (
            "vni",
            "caùc vaø ñaõ nhöõng ngöôøi ngheøo, thò xaõ, kyõ luaät, kyù",
            "các và đã những người nghèo, thị xã, kỹ luật, ký",
        ),
    ],
)
def test_known_words_convert(encoding: str, old: str, new: str) -> None:
    assert encodings.convert(old, encoding) == new


@pytest.mark.parametrize(("encoding", "letters"), [("tcvn3", 74), ("vni", 134)])
def test_every_letter_goes_there_and_back(encoding: str, letters: int) -> None:
    rows = read_codelist("legacy_fonts", key=["letter"])
    known = [row["letter"] for row in rows if encoding == "vni" or row["tcvn3_hex"]]
    assert len(known) == letters
    # Between two consonants no mark can pair with a neighbour.
    assert [encodings.convert(f"x{typed(c, encoding)}x", encoding) for c in known] == [f"x{c}x" for c in known]


def test_acute_and_grave_are_not_swapped() -> None:
    assert encodings.convert("\u00b8\u00b5", "tcvn3") == "áà"
    assert encodings.convert("aùaø", "vni") == "áà"


def test_an_unknown_encoding_is_refused() -> None:
    with pytest.raises(ValueError, match="tcvn3"):
        encodings.convert("x", "viscii")


@pytest.mark.parametrize("encoding", ["tcvn3", "vni"])
@pytest.mark.parametrize("text", [PROSE, "Huyện Tân Yên", "Tổng số hộ nghèo\n1.250", "Phường"])
def test_legacy_text_is_recognised(encoding: str, text: str) -> None:
    assert encodings.looks_legacy(typed(text, encoding)) == encoding


@pytest.mark.parametrize(
    "text",
    [
        PROSE,
        unicodedata.normalize("NFD", PROSE),
        "Công tác thông tin",
        "Hà Nam",
        "là và có xã thôn không",
        "12.345,6",
        "QĐ-UBND",
        "65- KL/TW",
        "",
        "5 µm ± 2 °C, 40 m², § 3, £5, ½",
        "L'été dernier, où étaient les élèves ? Déjà à la fête, très fatigués, côté forêt.",
        "laïc",
        "où",
        "Über die Straße gehen: schöne Grüße aus Köln, Müller fährt später.",
        "Fahrgäste »Müller« »%s«",
        "São Paulo, coração, ação, não",
        "El niño comió piñas en España mañana",
        "Län",
        "naïve café résumé",
        "\ud800 \u202e \x00 \ufffd",
    ],
)
def test_other_text_is_never_legacy(text: str) -> None:
    assert encodings.looks_legacy(text) is None
    assert encodings.repair([text]) == ([text], [])


@given(st.text(alphabet=st.characters(max_codepoint=0x24F), max_size=60))
def test_any_text_is_judged_without_failing(text: str) -> None:
    assert encodings.looks_legacy(text) in (None, "tcvn3", "vni")


@pytest.mark.parametrize(
    ("font", "encoding", "capitals"),
    [
        (".VnTime", "tcvn3", False),
        (".vntime", "tcvn3", False),
        (".VnTimeH", "tcvn3", True),
        (".VnArial NarrowH", "tcvn3", True),
        ("VNI-Times", "vni", False),
        ("VNI-Helve", "vni", False),
        ("Times New Roman", None, False),
        ("VNbooksans", None, False),
        ("", None, False),
    ],
)
def test_fonts_tell_the_encoding(font: str, encoding: str | None, capitals: bool) -> None:
    assert (encodings.font_encoding(font), encodings.font_capitals(font)) == (encoding, capitals)


def test_only_the_legacy_lines_of_a_mixed_text_change() -> None:
    lines = ["Tỷ lệ hộ nghèo còn 2,67%", typed(PROSE, "tcvn3"), "Công tác"]
    fixed, notes = encodings.repair(lines)
    assert fixed == [lines[0], PROSE, lines[2]]
    assert len(notes) == 1
    assert "TCVN3" in notes[0]
    assert ".VnTimeH" in notes[0]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("text", [f"{PROSE}\r\n{PROSE}\n", unicodedata.normalize("NFD", PROSE), "12"])
def test_unicode_is_kept_code_point_by_code_point(codec: str, text: str) -> None:
    assert encodings.decode(text.encode(codec), "a.txt")[0] == text


def test_windows_1258_keeps_its_tone_marks() -> None:
    data = in_cp1258(PROSE).encode("cp1258")
    text, notes = encodings.decode(data, "a.txt")
    assert text == data.decode("cp1258")
    assert unicodedata.normalize("NFC", text) == PROSE
    assert "\u0301" in text
    assert notes == ["read as Windows-1258"]


@pytest.mark.parametrize("encoding", ["tcvn3", "vni"])
def test_eight_bit_legacy_files_are_converted(encoding: str) -> None:
    text, notes = encodings.decode(typed(PROSE, encoding).encode("cp1252"), "a.txt")
    assert text == PROSE
    assert encodings.LEGACY_NAMES[encoding] in notes[0]


@pytest.mark.parametrize(
    "data",
    [
        "Über die Straße gehen, schöne Grüße".encode("cp1252"),
        "Привет, мир".encode("cp1251"),
        "Tỷ lệ hộ nghèo".encode()[:-4] + b"\xe1\xbb",
        bytes(range(128, 256)) * 4,
        b"\xff\xfe\x41",
    ],
)
def test_other_bytes_are_refused_with_the_line(data: bytes) -> None:
    with pytest.raises(MttqError, match=r"a\.txt line 1: .*UTF-8") as told:
        encodings.decode(data, "a.txt")
    assert "\n" not in str(told.value)


def test_a_page_that_names_its_encoding_is_believed() -> None:
    data = "Grüße aus Köln".encode("cp1252")
    assert encodings.decode(data, "a.html", declared="windows-1252")[0] == "Grüße aus Köln"


@given(st.binary(max_size=200))
def test_any_bytes_give_text_or_one_line(data: bytes) -> None:
    try:
        text, _ = encodings.decode(data, "a.txt")
    except MttqError as exc:
        assert str(exc).startswith("a.txt line")
    else:
        assert isinstance(text, str)


@pytest.mark.parametrize("word", PROSE.replace(",", "").replace(";", "").replace(".", "").split())
def test_vietnamese_words_are_syllables(word: str) -> None:
    assert is_syllable(word) or word[0].isdecimal()
