"""A small reader's yes is weighed with shared words."""

from hypothesis import given
from hypothesis import strategies as st

from agentflow.research.relevance import Read, features, relevance

TOWER = Read("It was finished in 1931.", "The harbour tower", 0.5)
BAKERY = Read("It was finished in 1902.", "The bakery", 0.5)
QUESTION = "When was the harbour tower finished?"


def test_the_same_words_under_the_source_that_was_asked_for_weigh_more() -> None:
    right, wrong = relevance(QUESTION, [TOWER, BAKERY])
    assert right > wrong


def test_words_that_the_source_has_told_already_do_not_count_twice() -> None:
    (_, told, *_), (_, repeated, *_) = features(
        QUESTION, [TOWER, Read("The harbour tower stands.", "The harbour tower", 0.5)]
    )
    assert told == 1.0 and repeated == 0.0


def test_a_surer_model_makes_a_sentence_more_relevant() -> None:
    assert relevance(QUESTION, [TOWER._replace(yes=0.9)]) > relevance(QUESTION, [TOWER._replace(yes=0.1)])


def test_what_is_nearer_in_meaning_is_more_relevant() -> None:
    near, far = relevance(QUESTION, [TOWER._replace(similarity=0.8), TOWER._replace(similarity=0.1)])
    assert near > far


READS = st.lists(
    st.builds(Read, st.text(max_size=30), st.text(max_size=20), st.floats(0, 1), st.none() | st.floats(-1, 1)),
    max_size=6,
)


@given(st.text(max_size=40), READS)
def test_relevance_is_a_probability_whatever_is_read(question: str, read: list[Read]) -> None:
    assert all(0 <= value <= 1 for value in relevance(question, read)) and len(relevance(question, read)) == len(read)
