"""Other words to search by, for a question whose own words find nothing that answers it."""

from collections.abc import Sequence
from typing import Any

from agentflow.context import Context
from agentflow.corpus.evidence import one_line
from agentflow.research.abilities import can
from agentflow.research.cut_short import CUT_SHORT
from agentflow.research.question.planning import distinct

MOST = 3


async def reworded(context: Context, questions: Sequence[str]) -> list[str]:
    """What to search for, for all the questions; none from a model that cannot point, whose words stray."""
    if not questions or not can(context, "reader", "point"):
        return []
    try:
        answers = await context.ask_all(
            "writer", context.prompt("reword"), [{"question": question} for question in questions]
        )
    except CUT_SHORT as reason:
        context.note(f"not searched for in other words: {reason}", "warning")
        return []
    return [
        query
        for question, answer in zip(questions, answers, strict=True)
        for query in distinct(proposed(answer.data), besides=[question])[:MOST]
    ]


def proposed(data: dict[str, Any]) -> list[str]:
    """A scripted model may not know the form."""
    searches = data.get("search")
    return [one_line(line) for line in searches if isinstance(line, str)] if isinstance(searches, list) else []
