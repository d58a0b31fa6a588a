"""What a sentence tells as over: of `raised from 120 to 140 euros` the 120."""

import re

from agentflow.research.dated import YEAR
from agentflow.text.numbers import numbers
from agentflow.text.words import words

CHANGE = re.compile(
    r"\b(?:chang|rais|reduc|increas|decreas|lower|cut|mov|dropp?|rose|ris|fell|fall|grew|grow|went|extend|shorten)\w*"
    r"\b[^.;]*?\bfrom\b(?P<old>[^;]*?)\bto\b(?P<new>[^;]*)",
    re.IGNORECASE,
)
THEN = frozenset("from was were had been until before former formerly previous previously earlier once used".split())


def is_former(claim: str, quote: str) -> bool:
    """Whether the claim says as if it held now what the quote tells as changed; `from 1990 to 2000` tells how long."""
    said = {number for number in numbers(claim) if not YEAR.fullmatch(number)}
    return not THEN & set(words(claim)) and any(
        said & (numbers(found["old"]) - numbers(found["new"])) and not said & numbers(found["new"])
        for found in CHANGE.finditer(quote)
    )
