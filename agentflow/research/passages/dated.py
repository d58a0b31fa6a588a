"""When something holds: a document of another year than the question's does not answer it, and what a sentence tells as
changed holds no more."""

import re
from collections.abc import Iterator, Sequence

from agentflow.corpus.passage import Passage
from agentflow.text.numbers import A_YEAR, numbers
from agentflow.text.words import words

YEAR = re.compile(rf"(?<!\d){A_YEAR}(?!\d)")
CHANGE = re.compile(
    r"\b(?:chang|rais|reduc|increas|decreas|lower|cut|mov|dropp?|rose|ris|fell|fall|grew|grow|went|extend|shorten)\w*",
    re.IGNORECASE,
)
FROM, TO = re.compile(r"\bfrom\b", re.IGNORECASE), re.compile(r"\bto\b", re.IGNORECASE)
THEN = frozenset("from was were had been until before former formerly previous previously earlier once used".split())


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


def is_former(claim: str, quote: str) -> bool:
    """Whether the claim says as if it held now what the quote tells as changed; `from 1990 to 2000` tells how long."""
    said = {number for number in numbers(claim) if not YEAR.fullmatch(number)}
    return not THEN & set(words(claim)) and any(
        said & (numbers(old) - numbers(new)) and not said & numbers(new) for old, new in changes(quote)
    )


def changes(text: str) -> Iterator[tuple[str, str]]:
    """What each clause with `raised from ... to ...` says of before and of since; one pass, whatever it holds."""
    for clause in text.split(";"):
        for said in re.finditer(r"[^.]+", clause):
            if (change := CHANGE.search(said[0])) and (begins := FROM.search(said[0], change.end())):
                rest = clause[said.start() + begins.end() :]
                if to := TO.search(rest):
                    yield rest[: to.start()], rest[to.end() :]
                break
