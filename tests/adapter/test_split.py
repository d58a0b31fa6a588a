"""What the adapter may be trained on, and that its examples are the product's prompts."""

import json
import random
from pathlib import Path

import pytest

from adapter.documents import ASKED, HELD_OUT, cut, library
from adapter.reading import headers
from adapter.records import FIELDS
from adapter.split import DATA, EVALUATION, ForbiddenForTraining, training_rows


@pytest.mark.parametrize("name", [*sorted(EVALUATION), "cases/expected.json"])
def test_evaluation_files_are_refused(name: str) -> None:
    with pytest.raises(ForbiddenForTraining):
        training_rows(name)


def test_every_field_is_asked_for_in_several_ways() -> None:
    assert all(len(field.asked) >= 2 and len(field.labels) >= 2 for field in FIELDS)


@pytest.mark.skipif(not DATA.is_dir(), reason=f"the public data is not at {DATA}")
def test_a_family_shares_its_passages_and_answers_stand_in_them() -> None:
    families = [headers(random.Random(seed)) for seed in range(8)]
    for family in families:
        assert len({item.prompt.rsplit("Question:", 1)[0] for item in family}) == 1 < len(family)
    assert any('"sentence": 0' in item.answer for family in families for item in family)


@pytest.mark.parametrize("name", ["office", "laboratory"])
async def test_what_was_asked_on_our_own_documents_stands_there(name: str, tmp_path: Path) -> None:
    rows = await cut(ASKED.parent / "made" / name)
    (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    store = library(ASKED / f"{name}.jsonl", tmp_path)
    assert all(item.answer in item.sentences[item.right[0]] for each in store.roots for item in each.asked)
    assert sum(len(each.open) for each in store.paragraphs) > 30


def test_no_question_is_both_trained_on_and_held_out() -> None:
    trained, held = (
        {
            json.loads(line)["question"]
            for file in folder.glob("*.jsonl")
            for line in file.read_text("utf-8").splitlines()
        }
        for folder in (ASKED, HELD_OUT)
    )
    assert len(trained) > 3_000 and len(held) > 100 and not trained & held
