"""Programs that a person gives or a model writes, for what the planner cannot express."""

import re
from typing import Any

from agentflow.context import Context
from agentflow.errors import AgentflowError
from agentflow.experiments.data import WHERE, allowed, open_data
from agentflow.experiments.workplace import data_roots

LONGEST = 50_000  # characters
FENCED = re.compile(r"```(?:python|py)?\s*\n(.*?)(?:```|\Z)", re.DOTALL)


def script_of(context: Context, name: str) -> str:
    """Raises AgentflowError for a file that cannot be read, or lies elsewhere than in the project or --docs."""
    try:
        with open_data(allowed(name, data_roots(context))) as file:
            text = file.read().decode("utf-8")
    except UnicodeDecodeError:
        raise AgentflowError(f"the script {name} is no text in UTF-8", WHERE) from None
    if len(text) > LONGEST:
        raise AgentflowError(f"the script {name} has {len(text):,} characters; at most {LONGEST:,}", "shorten it")
    return text


async def written(context: Context, question: str, tables: list[dict[str, Any]], rounds: int) -> dict[str, Any]:
    """As `script_data` tells of the last program; each that fails is mended by its error, at most `rounds` times."""
    prompt = context.prompt("program")
    code, analysed = "", dict[str, Any]()
    for attempt in range(rounds + 1):
        answer = await context.ask(
            "writer", prompt, question=question, tables=tables, code=code, error=analysed.get("error", "")
        )
        found = FENCED.search(answer.text)
        code = (found[1] if found else answer.text).strip()[:LONGEST] + "\n"
        analysed = await context.call_tool("script_data", {"code": code})
        if not analysed["error"]:
            break
        context.note(f"the program of round {attempt + 1} failed: {analysed['error']}")
    context.note("the model wrote script.py: read it before you believe what it printed")
    return analysed
