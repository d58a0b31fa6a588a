"""What the passages say on a broad question, beyond the answers to its parts."""

from collections.abc import Sequence

from agentflow.context import Context
from agentflow.corpus.evidence import Evidence, cite
from agentflow.corpus.passage import Passage
from agentflow.errors import BudgetSpent
from agentflow.models.client.errors import Malformed
from agentflow.research.abilities import can
from agentflow.research.grounding import ranking
from agentflow.research.relevance import Rarity
from agentflow.research.shown import show
from agentflow.research.writing import ClaimDraft, quoted, write

CUT_SHORT = (BudgetSpent, Malformed)  # research goes on with what it has, and the report says so
MOST_QUOTED = 3  # claims, where the quotes speak for themselves
RELEVANT = 0.2  # from which a sentence joins the evidence


async def overview(
    context: Context, question: str, passages: Sequence[Passage], most: int
) -> tuple[list[ClaimDraft], list[tuple[Evidence, float]]]:
    """Claims, in the writer's words where it can write, and the evidence they were written from with its relevance, 0..1."""
    ranked = await ranking(context, Rarity(context.corpus, question), show(passages).sentences)
    best = [(cite(context.corpus, *pair), score) for pair, score in ranked if score >= RELEVANT][:most]
    evidence = [item for item, _ in best]
    if evidence and can(context, "writer", "word"):
        try:
            return await write(context, question, evidence), best
        except CUT_SHORT as reason:
            context.note(f"not written: {reason}; the best quotes stand as they are", "warning")
    return [quoted(item) for item in evidence[:MOST_QUOTED]], best
