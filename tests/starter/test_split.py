"""No evaluation file can reach a data maker."""

import re
from pathlib import Path

import pytest
from starter.split import (
    DATA,
    EVALUATION,
    LEFT_OUT_SOURCES,
    TRAIN,
    ForbiddenForTraining,
    evaluation_rows,
    training_rows,
)

from starter.config import ROOT


def test_nothing_is_both_for_training_and_for_evaluation() -> None:
    assert not TRAIN & EVALUATION


@pytest.mark.parametrize("name", sorted(EVALUATION))
def test_an_evaluation_file_is_refused_for_training(name: str) -> None:
    with pytest.raises(ForbiddenForTraining):
        training_rows(name)


@pytest.mark.parametrize(
    "name", ["retrieval/cranfield/queries.jsonl", "injection/bipia/attacks.jsonl", "../qa/dev.jsonl"]
)
def test_a_file_nobody_has_classified_is_refused(name: str) -> None:
    with pytest.raises(ForbiddenForTraining):
        training_rows(name)


def test_data_makers_open_files_through_the_split_only() -> None:
    makers = [*(ROOT / "starter" / "tasks").glob("*.py"), *(ROOT / "starter").glob("*.py")]
    for maker in makers:
        text = maker.read_text("utf-8")
        if maker.name != "split.py":
            assert not re.search(r"\.jsonl|gzip|evaluation_rows", re.sub(r'training_rows\(f?"[^"]+"\)', "", text)), (
                maker
            )


@pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data")
def test_questions_of_qa_dev_are_on_articles_that_training_never_shows() -> None:
    dev = {row["title"] for row in evaluation_rows("qa/dev.jsonl")}
    train = {row["title"] for row in training_rows("qa/train.jsonl")}
    assert not dev & train


@pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data")
def test_prose_of_the_multi_hop_corpora_stays_out() -> None:
    sources = {row["source"] for row in training_rows("text/wiki.jsonl.gz")}
    assert sources and not sources & LEFT_OUT_SOURCES


@pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data")
def test_the_wordings_of_record_questions_are_not_those_of_the_evaluation() -> None:
    from starter.tasks.records import FIELDS

    ours = {folded(wording.replace("{e}", "")) for _, _, wordings in FIELDS for wording in wordings}
    theirs = {folded(without_names(row)) for row in evaluation_rows("peps_questions/public.jsonl")}
    assert not ours & theirs, ours & theirs


def without_names(row: dict[str, object]) -> str:
    """The wording of an evaluation question, its document's number and title taken out."""
    title = title_of(str(row["doc"]))
    return re.sub(r"PEP[ -]?\d+", " ", str(row["question"]).replace(title, " ") if title else str(row["question"]))


def title_of(doc: str) -> str:
    path: Path = DATA / "corpora" / "peps" / f"{doc}.rst"
    match = re.search(r"^Title: (.+)$", path.read_text("utf-8"), re.MULTILINE) if path.exists() else None
    return match.group(1).strip() if match else ""


def folded(text: str) -> str:
    return " ".join(re.findall(r"[a-z]+", text.lower()))
