"""An acronym is told by the words before its brackets."""

import pytest

from agentflow.text.acronyms import expansion


@pytest.mark.parametrize(
    ("acronym", "text", "words"),
    [
        ("TMS", "We used transcranial magnetic stimulation (TMS) in mice.", "transcranial magnetic stimulation"),
        ("rTMS", "We used repetitive transcranial magnetic stimulation (rTMS).", "repetitive transcranial magnetic stimulation"),
        ("HPCs", "Many high-performance computers (HPCs) idle.", "high-performance computers"),
        ("MRO", "Method Resolution Order (MRO): the default.", "Method Resolution Order"),
        ("ABC", "Two of these (ABC) are added.", ""),
        ("ABC", "Abstract base classes are added.", ""),
        ("A", "(A)", ""),
    ],
)  # fmt: skip
def test_its_letters_stand_in_order_and_the_first_opens_a_word(acronym: str, text: str, words: str) -> None:
    assert expansion(acronym, text) == words
