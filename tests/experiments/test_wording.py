"""Which columns, levels and direction a sentence means, by its words alone."""

import pytest

from agentflow.experiments.matching import mapped_by_words
from agentflow.experiments.wording import said, with_speed

TABLE = {
    "name": "trial.csv",
    "columns": [
        {"name": "patient", "kind": "identifier"},
        {"name": "dose", "kind": "binary", "levels": {"standard": 10, "new": 9}},
        {"name": "RecoveryDays", "kind": "number"},
        {"name": "age", "kind": "number"},
        {"name": "severity", "kind": "category", "levels": {"mild": 9, "severe": 8, "moderate": 7}},
        {"name": "bp_sys", "kind": "number", "about": "systolic blood pressure in mmHg"},
        {"name": "smoker", "kind": "binary", "levels": {"yes": 7, "no": 9}},
        {"name": "readmitted", "kind": "binary", "levels": {"yes": 3, "no": 14}},
        {"name": "words_per_minute", "kind": "number"},
    ],
}


@pytest.mark.parametrize(
    ("sentence", "outcome", "group", "level", "direction"),
    [
        ("Does the new dose shorten recovery?", "RecoveryDays", "dose", "new", "lower"),
        ("Is the recovery longer with the standard dose?", "RecoveryDays", "dose", "standard", "higher"),
        (
            "Do patients on the new dose recover faster than those on the standard dose?",
            "RecoveryDays",
            "dose",
            "new",
            "lower",
        ),
        ("What effect does severity have on recovery?", "RecoveryDays", "severity", None, "different"),
        ("Do smokers have higher systolic blood pressure?", "bp_sys", "smoker", None, "higher"),
        ("Does age affect blood pressure?", "bp_sys", "age", None, "different"),
        ("Are smokers more likely to be readmitted?", "readmitted", "smoker", None, "higher"),
        ("Severe cases recover more slowly, whatever the dose.", "RecoveryDays", "severity", "severe", "higher"),
    ],
)
def test_columns_by_words(sentence: str, outcome: str, group: str, level: str | None, direction: str) -> None:
    found = mapped_by_words(sentence, [TABLE])
    assert found is not None
    assert (found.outcome, found.group, found.level, found.direction) == (outcome, group, level, direction)


@pytest.mark.parametrize(
    ("sentence", "outcome", "direction"),
    [
        ("Do they go home earlier?", "length of stay in days los_d", "lower"), ("Do they type faster?", "words_per_minute", "higher"),
        ("Do they respond more slowly?", "reaction_ms", "higher"), ("Do they grow faster?", "weight", "different"),
    ],
)  # fmt: skip
def test_what_faster_means_depends_on_the_column(sentence: str, outcome: str, direction: str) -> None:
    assert with_speed("different", sentence, outcome) == direction


@pytest.mark.parametrize(
    "sentence",
    ["Does coffee shorten recovery?", "Does the new dose lower cholesterol?", "Is it worth it?", "", "Who wrote this?"],
)
def test_a_sentence_about_what_no_column_holds_names_none(sentence: str) -> None:
    assert mapped_by_words(sentence, [TABLE]) is None


def test_an_open_question_names_its_outcome_alone() -> None:
    assert (
        said("Which factors affect recovery?").is_open and said("Which factors affect recovery?").effect == "recovery"
    )
    assert not said("What effect does the dose have on recovery?").is_open
