"""What is shown of documents and models never acts, and shows all that can be shown."""

import re
import unicodedata

from agentflow.bundled.ui.quotes import place_of, span_of
from agentflow.bundled.ui.text import ago, count, line, plain
from hypothesis import given
from hypothesis import strategies as st


@given(st.text())
def test_no_control_or_direction_character_is_left(text: str) -> None:
    left = {char for char in plain(text) if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") and char != "\n"}
    assert not left and not re.search("[\u202a-\u202e\u2066-\u2069\x1b]", plain(text))


@given(st.text(st.characters(categories=["L", "N", "P", "S"], exclude_characters="\u200b\ufffc\ufff9")))
def test_what_can_be_seen_stays(text: str) -> None:
    assert plain(text) == text


@given(st.text(), st.text())
def test_escape_sequences_go_whole(before: str, after: str) -> None:
    cleaned = plain(f"{before}\x1b[38;5;1m{after}")
    assert "[38;5;1m" not in cleaned or "[38;5;1m" in before + after


def test_a_line_is_one_line() -> None:
    assert line(" a\r\n\tb\x0b c ") == "a b c"


def test_words_for_numbers() -> None:
    assert (count(1, "quote"), count(1200, "quote"), ago(3), ago(7200)) == ("1 quote", "1,200 quotes", "now", "2 h ago")


def test_a_quote_is_found_near_its_line_even_when_blanks_differ() -> None:
    text = "one two.\n\nfiller\n\none  two.\nend"
    assert span_of(text, "one two.", 1) == (0, 8)
    assert span_of(text.replace("one two.", "One", 1), "one two.", 1) == (13, 22)
    assert span_of(text, "gone") is None and span_of(text, " ") is None


@given(st.text(min_size=1), st.text(), st.text())
def test_a_quote_that_is_there_is_found_exactly(quote: str, before: str, after: str) -> None:
    span = span_of(before + quote + after, quote)
    assert span is None if not quote.strip() else (before + quote + after)[slice(*span)] == quote


def test_places_are_read_back() -> None:
    assert place_of("docs/a:b.md:12") == ("docs/a:b.md", 12, None)
    assert place_of("paper.pdf p. 3") == ("paper.pdf", 1, 3)
    assert place_of("plain") == ("plain", 1, None)
