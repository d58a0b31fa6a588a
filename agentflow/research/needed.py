"""Which version of something is needed: the line that names it with a number and says that it is required or supported."""

import re
from collections.abc import Sequence

from agentflow.context import Context
from agentflow.corpus.passage import Passage
from agentflow.corpus.rarity import Rarity
from agentflow.research.grounding import ranking
from agentflow.research.kinds import VERSION_OF
from agentflow.research.shown import Candidate, show

ASKS = re.compile(
    r"\b(?:needs?|needed|requires?|required|supports?|supported|works? with|runs? (?:on|with)|compatible|minimum|have to|must|should|can)\b",
    re.IGNORECASE,
)
TELLS = re.compile(
    r"\b(?:need(?:s|ed)?|requir\w+|prerequisites?|support(?:s|ed)?|works? with|runs? (?:on|with)|compatible|minimum|at least|or (?:newer|later|higher|above)|tested)\b|>=|\d\+",
    re.IGNORECASE,
)


async def version_needed(context: Context, question: str, passages: Sequence[Passage]) -> Candidate | None:
    """The nearest to the question of such lines; None where the question asks for something else or there is none."""
    asked = VERSION_OF.search(question)
    if not asked or not ASKS.search(question, asked.end()):
        return None
    name = asked["before"] or asked["behind"]
    more = await context.searcher.search(f"{name} requirements: requires {name} version", k=len(passages) or 1)
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
    return ranked[0][0] if ranked else None
