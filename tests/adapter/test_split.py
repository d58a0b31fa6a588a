"""What the adapter may be trained on, and that its examples are the product's prompts."""

import random

import pytest

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
    family = headers(random.Random(3))
    starts = {item.prompt.rsplit("Question:", 1)[0] for item in family}
    assert len(starts) == 1 and len(family) > 1
    assert any('"sentence": 0' in item.answer for item in family)
