"""The questions that one sentence joins, each in words that can be looked up alone: "How long is the log kept, and who may
read it?" asks "Who may read the log?" as well."""

import re
from collections.abc import Callable

from agentflow.corpus.evidence import one_line
from agentflow.research.question.direct import ASKS, FEW, POINTS_BACK, STARTS
from agentflow.research.question.planning import MOST
from agentflow.research.question.standalone import ARTICLES, longest_run, named, weight
from agentflow.text.words import content_words

# After a comma alone `which`, `who` and `is` go on with a clause of the same question.
JOINT = re.compile(
    rf"(?:(?:[,;]\s*and|,\s*or|\sand|;|\?(?:\s+and)?)\s+(?={ASKS}\b)|,\s*(?=(?:how|what|when|why)\b))", re.IGNORECASE
)
BETWEEN = re.compile(
    rf"\b(?:{ASKS}|be|been|has|have|had|if|in|on|at|for|from|by|with|under|before|after|during|since|until)\b",
    re.IGNORECASE,
)  # what parts the noun phrases of a question
# `the singer who is known for her voice and whose third album ...`: the second clause asks nothing.
RELATIVE = re.compile(r"\w\s+(?:who|whose|which|that)\b[^,;?]*\sand\s+(?=(?:who|whose|which)\b)", re.IGNORECASE)
# `Who is the captain, and since when?` asks the second of all that the first asks.
LED = r"(?:(?:since|until|in|on|at|for|from|by|to|with)\s+)?"
SHORT = re.compile(
    rf"(?:,\s*|\s)and\s+(?P<asked>{LED}"
    r"(?:when|where|why|whom?|how(?:\s+(?:long|often|much|far|many\s+[\w-]+))?|(?:which|what)\s+[\w-]+))\s*\?*\s*$",
    re.IGNORECASE,
)
ASKED = re.compile(
    rf"{LED}(?:who|what|when|where|why|how(?:\s+(?:long|often|much|far))?)\s+(?P<rest>.+)",
    re.IGNORECASE,
)
HELPER = re.compile(
    r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|must)\b", re.IGNORECASE
)
DEFINITE = re.compile(r"\bthe ([a-z][\w-]*)")


def parts(question: str, stands: Callable[[str], bool]) -> list[str]:
    """The question alone unless it joins several. `stands` tells whether words stand in a row in the documents: of the first
    part, they are what a pronoun of the others means."""
    second = SHORT.search(question)
    first = ASKED.match(question[: second.start()]) if second else None
    if second and first and not JOINT.search(first[0]):
        return [f"{first[0].strip(' ,;?')}?", f"{_again(one_line(second['asked']), first)}?"]
    clauses = {match.end() for match in RELATIVE.finditer(question)}
    ends = [match.span() for match in JOINT.finditer(question) if match.end() not in clauses]
    starts = [0, *(end for _, end in ends)]
    pieces = [question[start:end] for start, end in zip(starts, [*(start for start, _ in ends), None], strict=True)]
    pieces = [piece for raw in pieces if (piece := one_line(raw).strip(" ,;?"))]
    if len(pieces) < 2 or not STARTS.match(pieces[0]) or any(len(piece.split()) < 3 for piece in pieces):
        return [question]
    head, *rest = pieces
    return [f"{piece[0].upper()}{piece[1:]}?" for piece in [head, *(_alone(piece, head, stands) for piece in rest)]][
        :MOST
    ]


def _again(asked: str, first: re.Match[str]) -> str:
    """The first question asked with other words at its head; a verb without helper, `who wrote`, has no place behind them."""
    rest = one_line(first["rest"]).rstrip(" ,;?")
    head = asked[0].upper() + asked[1:]
    return f"{head} {rest}" if HELPER.match(rest) else f"{head} ({one_line(first[0]).rstrip(' ,;?')})"


def _alone(piece: str, first: str, stands: Callable[[str], bool]) -> str:
    """The piece with a noun of the first in its pronoun's place; where both point to the same thing, it is as clear as the
    first. A few words about `the result` mean that of the first, whose noun goes along."""
    pronoun = POINTS_BACK.search(piece)
    if re.search(rf"\b{pronoun[0]}\b", first, re.IGNORECASE) if pronoun else not needs_topic(piece, first):
        return piece
    runs = [run for segment in BETWEEN.split(first) if (run := longest_run(segment, stands))]
    if not runs:
        return f"{first}: {piece}" if pronoun else piece
    best = max(runs, key=lambda run: (run[0].lower() in ARTICLES, weight(run)))
    topic = " ".join(best)
    return named(piece, topic) if pronoun else f"{piece} ({topic})"


def needs_topic(piece: str, first: str) -> bool:
    """Whether it says too little to be looked up alone and names, as known, what the first part does not name."""
    known = DEFINITE.search(piece)
    if not known or len(content_words(piece)) >= FEW:
        return False
    return not set(content_words(known[1])) <= set(content_words(first))
