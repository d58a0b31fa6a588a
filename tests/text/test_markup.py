"""What a page shows of a line of Markdown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentflow.research.report.markdown import inert
from agentflow.text.markup import as_read, unescaped


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("the [`new`](cli/reference.md#new) command", "the `new` command"),
        ("see [a](b \"t\") and ![icon](x_(1).png)", "see a and icon"),
        ("does **not follow redirects by default**", "does not follow redirects by default"),
        ("a *collection* is _just_ a folder", "a collection is just a folder"),
        ("[text][ref] but x[0][1]", "text but x[0][1]"),
        ("snake_case_name and __init__ and 2*3*4 and 5 * 3 * 2", "snake_case_name and __init__ and 2*3*4 and 5 * 3 * 2"),
        ("an array[3](4) call, [1], [x]", "an array[3](4) call, [1], [x]"),
    ],
)  # fmt: skip
def test_links_by_their_words_without_marks(text: str, shown: str) -> None:
    assert as_read(text) == shown


@given(st.text(alphabet='ab*_[]()` \n"', max_size=60))
def test_no_letter_of_the_text_is_lost_but_addresses(text: str) -> None:
    shown = as_read(text)
    assert len(shown) <= len(text)
    if "](" not in text and "][" not in text:
        assert [char for char in shown if char.isalpha()] == [char for char in text if char.isalpha()]


def test_escaped_signs_are_read_plain_but_in_code() -> None:
    markdown = (
        r"# What is the\_limit\_value?" + "\n\n" + r"1\. `a\_b` is \*set\* [1] \`x\_y\`" + "\n\n    sed s/\\//_/\n"
    )
    assert unescaped(markdown) == "# What is the_limit_value?\n\n1. `a\\_b` is *set* [1] `x_y`\n\n    sed s/\\//_/\n"


@given(st.text(alphabet="ab*_[]()`<&\\.-", max_size=60))
def test_what_was_made_inert_is_read_as_it_was(text: str) -> None:
    assert unescaped(inert(f"x {text} x")) == f"x {text} x"
