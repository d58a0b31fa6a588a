"""A value of several is given whole where it is asked for by its label."""

import pytest

from agentflow.research.answers.listed import (
    whole,
    whole_date,
    whole_formula,
    whole_link,
    whole_list,
    whole_reasons,
    whole_share,
)

LINE = "Authors: Ada Osei <ada@lamps.example>, Jonas Vik, Ida Moss"


@pytest.mark.parametrize(
    ("question", "answer", "line", "wanted"),
    [
        ("Who authored plan 215?", "Ada Osei", LINE, LINE.partition(": ")[2]),
        ("Who wrote plan 215?", "Ada Osei", LINE, LINE.partition(": ")[2]),
        ("By whom was plan 215 written?", "Ada Osei", LINE, "Ada Osei"),
        ("Who authored plan 215?", "Ada", LINE, "Ada"),
        ("Who authored plan 215?", "Ada Osei <ada@lamps.example>", LINE, LINE.partition(": ")[2]),
        ("Name the author or authors.", "Ada Osei <ada@lamps.example>, Jonas Vik", LINE, LINE.partition(": ")[2]),
        ("Who knows the lamps?", "Ada Osei <ada@lamps.example>", LINE, "Ada Osei <ada@lamps.example>"),
        ("Who authored plan 215?", "Jonas Vik", LINE, "Jonas Vik"),
        ("What is the colour?", "blue", "Colour: blue", "blue"),
        ("What is the colour?", "blue", "It is blue, green and red.", "blue"),
        ("When was it created?", "3 May", "Created: 3 May 2024", "3 May"),
    ],
)
def test_the_head_of_a_list_becomes_the_list(question: str, answer: str, line: str, wanted: str) -> None:
    assert whole(question, answer, line) == wanted


@pytest.mark.parametrize(
    ("question", "answer", "sentence", "wanted"),
    [
        ("When was Ada born?", "1951", "Ada (born 8 June 1951) sings.", "8 June 1951"),
        ("When was Ada born?", "1951", "Ada was born in Wendle on June 8, 1951.", "June 8, 1951"),
        ("When did it open?", "June 1951", "It opened on 8 June 1951.", "8 June 1951"),
        ("In what year was Ada born?", "1951", "Ada (born 8 June 1951) sings.", "1951"),
        ("When was Ada born?", "1951", "Ada was born in 1951 and died on 3 May 2001.", "1951"),
        ("When was Ada born?", "8 June", "Ada was born on 8 June 1951.", "8 June"),
        ("When did it close?", "1951", "It opened on 8 June 1951 and closed late in 1951.", "1951"),
    ],
)
def test_a_year_becomes_the_day_that_is_asked_for(question: str, answer: str, sentence: str, wanted: str) -> None:
    assert whole_date(question, answer, sentence) == wanted


@pytest.mark.parametrize(
    ("question", "answer", "sentence", "wanted"),
    [
        ("Give the link to the minutes.", "3 May", "Minutes: `3 May <https://wendle.example/m/3>`__", "https://wendle.example/m/3"),
        ("Give the link to the minutes.", "the minutes", "See [the minutes](https://wendle.example/m_3).", "https://wendle.example/m_3"),
        ("Give the link to the minutes.", "minutes", "The minutes are at https://wendle.example/m.", "https://wendle.example/m"),
        ("Give the link to the minutes.", "minutes", "minutes: http://a.example, http://b.example", "minutes"),
        ("When were the minutes written?", "3 May", "Minutes: `3 May <https://wendle.example/m/3>`__", "3 May"),
    ],
)  # fmt: skip
def test_the_words_of_a_link_become_its_address(question: str, answer: str, sentence: str, wanted: str) -> None:
    assert whole_link(question, answer, sentence) == wanted


@pytest.mark.parametrize(
    ("question", "answer", "sentence", "told"),
    [
        ("Which workflows ship?", "review", "`review`, `compare` and `glossary`; `list` shows all.", "`review`, `compare` and `glossary`"),
        ("Which towns signed the treaty?", "Aarhus", "Aarhus, Bergen and New Tarn signed it.", "Aarhus, Bergen and New Tarn"),
        ("Which towns signed?", "Aarhus", "It was signed by Aarhus and the Free City of Tarn.", "Aarhus and the Free City of Tarn"),
        ("Which town signed the treaty?", "Aarhus", "Aarhus, Bergen and New Tarn signed it.", "Aarhus"),  # one is asked for
        ("Which towns signed the treaty?", "Bergen", "Aarhus, Bergen and New Tarn signed it.", "Bergen"),  # not the first
        ("Which towns signed the treaty?", "Aarhus", "Aarhus signed it and left.", "Aarhus"),
        ("Which version do I need?", "2.1", "Lamp 2.1, 2.2 or 3.", "2.1, 2.2 or 3"),
        ("Which version do I need?", "2.1", "Lamp 12.1, 2.2 or 3.", "2.1"),
    ],
)  # fmt: skip
def test_the_first_of_several_names_is_completed_by_the_others(
    question: str, answer: str, sentence: str, told: str
) -> None:
    assert whole_list(question, answer, sentence) == told


@pytest.mark.parametrize(
    ("question", "answer", "said"),
    [
        ("Why did the boat sink?", "ice", "It sank for two reasons: ice, and the age of its planks."),
        ("What made the boat sink?", "ice", "ice"),
        ("Why did the boat sink?", "It sank", "It sank"),
    ],
)
def test_one_of_several_reasons_is_told_with_the_others(question: str, answer: str, said: str) -> None:
    assert whole_reasons(question, answer, "It sank for two reasons: ice, and the age of its planks.") == said


@pytest.mark.parametrize(
    ("answer", "said"),
    [("2 x $lamps", "(2 x $lamps) + 1"), ("(2 x $lamps) + 1", "(2 x $lamps) + 1"), ("$lamps", "$lamps"), ("1", "1")],
)
def test_part_of_a_formula_is_told_with_the_rest(answer: str, said: str) -> None:
    assert (
        whole_formula("How many do I need?", answer, "Begin with ``(2 x $lamps) + 1`` of them, not `$lamps`.") == said
    )


@pytest.mark.parametrize(
    ("question", "answer", "whole"),
    [
        ("Share of harbours that mention ice", "many keepers asking for salt", True),
        ("What proportion of harbours mention ice?", "many keepers asking for salt", True),
        ("What proportion of harbours mention ice?", "85%", False),
        ("Who asks for salt?", "many keepers", False),
    ],
)
def test_a_share_is_told_by_its_number(question: str, answer: str, whole: bool) -> None:
    sentence = "Ice is mentioned by most (35/41, 85%), with many keepers asking for salt."
    assert whole_share(question, answer, sentence) == (sentence if whole else answer)


def test_what_is_no_name_is_told_with_the_rest_of_its_list() -> None:
    sentence = "The grant may not be used for the survey, for scaffolding, or for tax that you recover."
    assert whole_list("What things can the grant not be used for?", "survey", sentence) == sentence
    sentence = "The fingering of the saxophone, which has changed little, is as on the flute, or nearly."
    assert whole_list("What instrument has had few changes?", "saxophone", sentence) == "saxophone"


@pytest.mark.parametrize(
    ("question", "answer", "sentence", "told"),
    [
        ("What do they want to see?", "book", "They want to see the book, the labels of the hoses and the yellow box.", "book, the labels of the hoses and the yellow box"),
        ("What should I bring?", "boots", "Bring boots, gloves and a lamp.", "boots, gloves and a lamp"),
        ("What does he like?", "a lake", "He has a lake, he swims in it, and he is glad.", "a lake"),
        ("What did she find?", "labels", "She found the book, the labels and the box.", "labels"),
        ("What is it called?", "boots", "Bring boots, gloves and a lamp.", "boots"),
    ],
)  # fmt: skip
def test_the_first_of_what_a_sentence_names_in_a_row_is_all_of_it(
    question: str, answer: str, sentence: str, told: str
) -> None:
    assert whole_list(question, answer, sentence) == told


@pytest.mark.parametrize(
    ("question", "answer", "told"),
    [
        ("Which posts do we have to fill?", "four", "chair, clerk, cook and keeper"),
        ("How many posts do we have to fill?", "four", "four"),
    ],
)
def test_things_asked_for_and_only_counted_are_named(question: str, answer: str, told: str) -> None:
    assert whole_list(question, answer, "Four of them are posts: chair, clerk, cook and keeper.") == told
