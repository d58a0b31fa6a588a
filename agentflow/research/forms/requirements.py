"""Which version of something is needed: the line that names it with a number and says that it is required or supported."""

import re
from collections.abc import Sequence

from agentflow.context import Context
from agentflow.corpus.passage import Passage
from agentflow.corpus.search.rarity import Rarity
from agentflow.research.passages.changelog import tells_changes
from agentflow.research.passages.relevance import ranking
from agentflow.research.passages.shown import Candidate, show
from agentflow.research.passages.titled import QUOTED
from agentflow.research.question.kinds import VERSION_OF

LOOKED_AT = 48  # passages
ASKS = re.compile(
    r"\b(?:needs?|needed|requires?|required|supports?|supported|works? with|runs? (?:on|with)|compatible|minimum|have to|must|should|can)\b",
    re.IGNORECASE,
)
TELLS = re.compile(
    r"\b(?:need(?:s|ed)?|requir\w+|prerequisites?|support(?:s|ed)?|works? with|runs? (?:on|with)|compatible|minimum|at least|or (?:newer|later|higher|above)|tested)\b|>=|\d\+",
    re.IGNORECASE,
)
BOUNDS = re.compile(r"\bminimum|\bat least\b|\bor (?:newer|later|higher|above)\b|>=|\d\+", re.IGNORECASE)


async def required_version(context: Context, question: str, passages: Sequence[Passage]) -> Candidate | None:
    """The first in `order` of such lines, then the nearest to the question; None where the question asks for something else
    or there is none."""
    asked = VERSION_OF.search(question)
    if not asked or not ASKS.search(QUOTED.sub(" ", question[asked.end() :])):
        return None
    name = asked["before"] or asked["behind"]
    wanted = f"{name} requirements: requires {name} version"
    more = await context.searcher.search(wanted, k=LOOKED_AT)
    known = list({passage.chunk: passage for passage in [*passages, *more]}.values())
    numbered = re.compile(rf"(?<![\w-]){re.escape(name)}\b[^.\n]{{0,25}}?\d", re.IGNORECASE)
    lines = [
        line
        for line in show(known).sentences
        if line.sentence.kind != "code"
        and numbered.search(line.text)
        and TELLS.search(f"{line.text} {line.passage.under}")
    ]
    ranked = await ranking(context, Rarity(context.corpus, question), lines)
    return min((line for line, _ in ranked), key=order, default=None)


def order(line: Candidate) -> tuple[bool, bool, int]:
    """Lines that tell from which version on first; of change logs last, the newest first, as these begin with it."""
    changes = tells_changes(line.passage)
    return not BOUNDS.search(line.text), changes, line.sentence.start if changes else 0
