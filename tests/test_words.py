"""Words, numbers and names: what a claim may not invent."""

from hypothesis import given
from hypothesis import strategies as st

from agentflow.words import content_words, coverage, names, numbers


def test_inflections_of_a_word_meet() -> None:
    assert coverage("created creates", "It creates something that was created") == 1


def test_versions_dates_and_amounts_stay_whole() -> None:
    assert numbers("Python 3.12 came on 05-Jul-2001 for $1,000") >= {"3.12", "05-jul-2001"}


def test_a_name_is_a_capital_inside_a_sentence() -> None:
    assert names("The author is Guido van Rossum. Then nothing.") == {"guido", "rossum"}


@given(st.text())
def test_a_text_covers_itself(text: str) -> None:
    assert coverage(text, text) == 1


@given(st.text(), st.text())
def test_coverage_is_a_share(claim: str, sources: str) -> None:
    assert 0 <= coverage(claim, sources) <= 1
    assert isinstance(content_words(claim), list)
