"""The questions that one sentence joins, each in words that can be looked up alone: "How long is the log kept, and who may
read it?" asks "Who may read the log?" as well."""

import re
from collections.abc import Callable

from agentflow.corpus.evidence import one_line
from agentflow.research.planning import ASKS, MOST, POINTS_BACK, STARTS
from agentflow.research.standalone import ARTICLES, longest_run, named, weight

JOINT = re.compile(rf"(?:,\s*(?:and\s+|or\s+)?|;\s*(?:and\s+)?|\s+and\s+|\?\s+(?:and\s+)?)(?={ASKS}\b)", re.IGNORECASE)
BETWEEN = re.compile(
    rf"\b(?:{ASKS}|be|been|has|have|had|if|in|on|at|for|from|by|with|under|before|after|during|since|until)\b",
    re.IGNORECASE,
)  # what parts the noun phrases of a question


def parts(question: str, stands: Callable[[str], bool]) -> list[str]:
    """The question alone unless it joins several. `stands` tells whether words stand in a row in the documents: of the first
    part, they are what a pronoun of the others means."""
    pieces = [one_line(piece).strip(" ,;?") for piece in JOINT.split(question)]
    pieces = [piece for piece in pieces if piece]
    if len(pieces) < 2 or not STARTS.match(pieces[0]) or any(len(piece.split()) < 3 for piece in pieces):
        return [question]
    first, *rest = pieces
    return [f"{piece[0].upper()}{piece[1:]}?" for piece in [first, *(_alone(piece, first, stands) for piece in rest)]][
        :MOST
    ]


def _alone(piece: str, first: str, stands: Callable[[str], bool]) -> str:
    """The piece with a noun of the first in its pronoun's place; where both point to the same thing, it is as clear as the
    first."""
    pronoun = POINTS_BACK.search(piece)
    if not pronoun or re.search(rf"\b{pronoun[0]}\b", first, re.IGNORECASE):
        return piece
    runs = [run for segment in BETWEEN.split(first) if (run := longest_run(segment, stands))]
    if not runs:
        return f"{first}: {piece}"
    topic = max(runs, key=lambda run: (run[0].lower() in ARTICLES, weight(run)))
    return named(piece, " ".join(topic))
