"""Bytes of unknown encoding: what they prove is believed, strays cost only themselves, and code pages are guessed well."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agentflow.corpus.readers import html, xml
from agentflow.corpus.readers.charset import codec
from agentflow.corpus.readers.decode import decode
from agentflow.corpus.readers.unreadable import Skipped

PAGES = [
    ("cp1252", "Le forgeron a réparé la clôture près de l’église."),
    ("cp1252", "Müllabfuhr"),
    ("cp1252", "Price: £5 – ½ pint"),
    ("cp1250", "Dom został sprzedany, bo właściciel wyjechał."),
    ("cp1251", "Библиотека закрыта до понедельника."),
    ("koi8-r", "Библиотека закрыта до понедельника."),
    ("cp866", "Библиотека закрыта до понедельника."),
    ("cp1253", "Η βιβλιοθήκη είναι κλειστή."),
    ("cp1254", "Kütüphane pazartesi gününe kadar kapalıdır."),
    ("cp1255", "הספרייה סגורה היום."),
    ("cp1256", "المكتبة مغلقة اليوم."),
    ("cp874", "ห้องสมุดปิดวันนี้"),
    ("cp932", "図書館は休みです"),
    ("euc_jp", "図書館は月曜日まで休みです。"),
    ("iso2022_jp", "図書館は休みです"),
    ("gbk", "图书馆今天关门。"),
    ("big5", "圖書館今天不開門。"),
    ("cp949", "도서관은 오늘 쉽니다."),
    ("cp850", "Die Bücherei ist heute für Gäste geöffnet."),
    ("mac_roman", "Die Bücherei ist heute für Gäste geöffnet."),
]


@pytest.mark.parametrize(("encoding", "text"), PAGES)
def test_a_short_text_in_an_old_code_page_is_read_right(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("stray", ["£".encode("cp1252"), "ö".encode("cp1252"), "“Oak”".encode("cp1252")])
def test_stray_bytes_of_another_encoding_cost_only_themselves(stray: bytes) -> None:
    before, after = "Żółw i jaźń.\nName: ", "\nKoniec księgi."
    text = decode(before.encode() + stray + after.encode())
    assert text == before + stray.decode("cp1252") + after


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("iso8859-2", "A kőműves őrzi a gyönyörű hűtőt, és hajót épít."),
        ("mac_roman", "L’été l’étonne : la forêt brûlée renaît près de l’étang."),
        ("mac_cyrillic", "земля и вода. яма была глубокая, линия прямая."),
    ],
)
def test_what_looks_like_another_code_page_is_read_right(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_line_ends_of_the_old_macintosh_tell_its_code_page() -> None:
    text = "Übrigens:\nDer Brunnen ist 225 Fuß tief.\n"
    assert decode(text.replace("\n", "\r").encode("mac_roman")) == text
    assert decode(text.encode("cp1252")) == text


def test_a_list_parted_by_nuls_and_a_short_file_with_one_are_text() -> None:
    assert decode(b"docs/a file.md\0docs/b file.md\0") == "docs/a file.md\ufffddocs/b file.md\ufffd"
    assert decode(b"a;b\n1;x\0y\n2;z\n") == "a;b\n1;x\ufffdy\n2;z\n"


def test_a_stray_byte_costs_a_page_of_xml_only_itself() -> None:
    page = "<?xml version='1.0' encoding='UTF-8'?><d><p>Die Brücke im Fr\udcfchling.</p></d>".encode(
        "utf-8", "surrogateescape"
    )
    assert xml.read(page).text == "Die Brücke im Frühling.\n"


def test_a_file_cut_within_a_letter_is_still_utf8() -> None:
    assert decode("Grüße aus Köln, schöne Übersicht, Größe".encode()[:-1] + "ß".encode()[:1]).startswith(
        "Grüße aus Köln"
    )


def test_the_end_of_a_long_file_counts_for_its_encoding() -> None:
    text = decode(b"Nothing to report.\n" * 30_000 + "Señor Núñez llegó mañana.\n".encode("cp1252"))
    assert text.endswith("Señor Núñez llegó mañana.\n")


def test_a_log_with_nuls_is_text() -> None:
    assert decode(b"up at 9\n" + b"\0" * 4096 + b"down at 10\n" * 50).startswith("up at 9\n\ufffddown at 10\n")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize(
    "text", ["The mill is old.\nIt was sold.\n", "Мельница стара.\nЕё продали.\n", "风车很旧。\n它被卖掉了。\n" * 3]
)
def test_wide_text_without_a_mark_is_read(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    "content",
    [bytes(range(256)) * 40, b"\x7fELF\x02\x01\x01" + bytes(9) + bytes(range(64)) * 99, b"x" * 257 + b"ustar  " + b"text\n" * 99],
)  # fmt: skip
def test_a_binary_file_is_no_text(content: bytes) -> None:
    with pytest.raises(Skipped):
        decode(content)


@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode("utf-16-le", "surrogatepass")))
@example(b"\xff\xfe\x00")
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_text_or_refused(content: bytes) -> None:
    try:
        text = decode(content)
    except Skipped:
        return
    assert "\0" not in text and "\r" not in text


@pytest.mark.parametrize(
    ("label", "read_as"),
    [("ISO-8859-1", "cp1252"), ("x-sjis", "cp932"), ("gb2312", "gb18030"), ("rot13", None), ("é", None)],
)
def test_labels_mean_what_browsers_take_them_for(label: str, read_as: str | None) -> None:
    assert codec(label) == read_as


def test_a_page_that_names_latin1_is_read_as_windows() -> None:
    page = "<meta charset=us-ascii><p>The “Swan” – €12 a night.".encode("cp1252")
    assert html.read(page).text == "The “Swan” – €12 a night.\n"


def test_a_page_that_names_latin1_but_is_utf8_is_read_as_utf8() -> None:
    assert html.read('<meta charset="iso-8859-1"><p>Crêpes à la crème'.encode()).text == "Crêpes à la crème\n"


@pytest.mark.parametrize(
    "content", [b"\xf4\x90\x80\x80\x80", b"\xed\xa0\x80 wall \xed\xa0\x80 \xff", b"\xe0\x80\x80x\xff"]
)
def test_bytes_in_the_form_of_utf_8_that_are_no_character_are_read_somehow(content: bytes) -> None:
    assert decode(content)
