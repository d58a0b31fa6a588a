"""What a sentence tells as changed."""

import pytest

from agentflow.research.passages.dated import is_former


@pytest.mark.parametrize(
    ("claim", "quote", "former"),
    [
        ("The fee is 3 euros.", "The fee was raised from 3 euros to 4 euros.", True),
        ("The fee is 4 euros.", "The fee was raised from 3 euros to 4 euros.", False),
        ("The fee was 3 euros.", "The fee was raised from 3 euros to 4 euros.", False),
        ("The fee is 3 euros.", "The fee was raised. It went up by 1; from 3 o'clock to 4 it is closed.", False),
        ("The fee is 3 euros.", "It rose. The fee changed from 3.50 or 3 to 4.", True),
    ],
)
def test_what_was_changed_holds_no_more(claim: str, quote: str, former: bool) -> None:
    assert is_former(claim, quote) is former


@pytest.mark.parametrize("words", ["changes ", "changes from ", "change from from "])
def test_many_changes_take_no_time(words: str) -> None:
    assert not is_former("The fee is 3 euros.", words * 50_000)
