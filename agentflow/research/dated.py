"""A year that a question names: what stands in the minutes of another year does not answer it."""

import re
from collections.abc import Sequence

from agentflow.corpus.passage import Passage

YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")


def of_another_year(question: str, passage: Passage, beside: Sequence[Passage]) -> str:
    """The year that the question names, where the passage does not tell it, its title or path names another, and that of a
    document read beside it the one asked for; else empty."""
    own = years(passage)
    for year in YEAR.findall(question) if own else []:
        if year not in {*own, *YEAR.findall(passage.text)} and any(year in years(other) for other in beside):
            return str(year)
    return ""


def years(passage: Passage) -> list[str]:
    return YEAR.findall(f"{passage.source} {passage.path}")
