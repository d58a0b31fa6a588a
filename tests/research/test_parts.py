"""A question that joins several is taken apart; each part can be looked up alone."""

import pytest

from agentflow.research.question.parts import parts

DOCUMENTS = (
    "raw sensor data is kept for 90 days; the policy; the key hangs here; a run is killed; the pump; ochre is dug here"
)


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("When was the tower built?", ["When was the tower built?"]),
        ("How high is the tower, and who paid for the lamp?", ["How high is the tower?", "Who paid for the lamp?"]),
        ("Which files, folders and links are read?", ["Which files, folders and links are read?"]),
        ("What does the man who was there say?", ["What does the man who was there say?"]),
        (
            "When was the singer born who is known for her voice and who's third album is Ochre?",
            ["When was the singer born who is known for her voice and who's third album is Ochre?"],
        ),
        (
            "Which pump that was sold in May and which stands in Wendle is broken?",
            ["Which pump that was sold in May and which stands in Wendle is broken?"],
        ),
        (
            "What part of the state, in which the man is stuck, is Rochester in?",
            ["What part of the state, in which the man is stuck, is Rochester in?"],
        ),
        ("When was the mill, which stands in Wendle, sold?", ["When was the mill, which stands in Wendle, sold?"]),
        ("How high is the tower, what colour is the lamp?", ["How high is the tower?", "What colour is the lamp?"]),
        ("Tell me the date, and when it ends", ["Tell me the date, and when it ends"]),
    ],
)
def test_a_question_is_taken_apart_where_it_asks_twice(question: str, wanted: list[str]) -> None:
    assert parts(question, lambda _: False) == wanted


@pytest.mark.parametrize(
    ("question", "second"),
    [
        ("How long is raw sensor data kept, and who may read it?", "Who may read raw sensor data?"),
        ("How long is raw sensor data kept in the archive, and what is its size?", "What is raw sensor data's size?"),
        ("Who wrote the policy and when was it approved?", "When was the policy approved?"),
        ("Where is the key and who keeps it?", "Who keeps the key?"),
        ("What happens when a run is killed, and how do I continue it?", "How do I continue a run?"),
        ("Which files can it read, and does it need the internet?", "Does it need the internet?"),
        ("When was the bridge built and who designed it?", "When was the bridge built: who designed it?"),
        ("How is the pump tested, and how sure is the result?", "How sure is the result (the pump)?"),
        ("How is the pump tested, and who cleans the pump?", "Who cleans the pump?"),
        ("How is the pump tested, and where is Berlin?", "Where is Berlin?"),
        ("How is the pump tested, and when was the old mill at Wendle sold?", "When was the old mill at Wendle sold?"),
    ],
)
def test_a_pronoun_gives_way_to_words_of_the_first_part_that_the_documents_hold(question: str, second: str) -> None:
    assert parts(question, lambda words: words in DOCUMENTS)[1] == second


@pytest.mark.parametrize(
    ("question", "second"),
    [
        ("Who is the captain of the ferry, and since when?", "Since when is the captain of the ferry?"),
        ("How often does the ferry run and in which months?", "In which months does the ferry run?"),
        ("Who wrote the report, and when?", "When (Who wrote the report)?"),
    ],
)
def test_a_second_question_word_asks_the_same_again(question: str, second: str) -> None:
    assert parts(question, lambda _: True)[1:] == [second]


@pytest.mark.parametrize(
    "question",
    [
        "Where and when was he born?",
        "Which papers were cited and why?",
        "How do I start and stop?",
        "What is a loom, how does it weave, and why?",
    ],
)
def test_question_words_together_are_one_question(question: str) -> None:
    assert parts(question, lambda _: True) == [question]
