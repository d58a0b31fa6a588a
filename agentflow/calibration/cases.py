"""The shipped cases, each asked by the product's own prompt on the island's passages."""

import json
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from agentflow import bundled
from agentflow.agent.loop import moves
from agentflow.calibration.island import island
from agentflow.models.catalog.model_config import Ability
from agentflow.models.client.types import Request, Sampling
from agentflow.models.weights.calibrations import CASES
from agentflow.prompts import Prompt, load_prompt
from agentflow.research.passages.shown import Candidate, numbered
from agentflow.toolbox.tool import shown


def function(name: str, description: str, **types: str) -> dict[str, Any]:
    properties = {key: {"type": kind} for key, kind in types.items()}
    schema = {"type": "object", "properties": properties, "required": list(types), "additionalProperties": False}
    return {"name": name, "description": description, "parameters": schema}


TOOLS = (
    function("ferries", "Lists the ferries between two ports on a day.", origin="string", destination="string", day="string"),
    function("area", "Area of a rectangle in square metres.", width="number", length="number"),
    function("weather", "The weather in a town today.", town="string"),
    function("letter", "Sends a letter.", to="string", subject="string", text="string"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CalibrationCase:
    """`given` is what is asked and what is right, as the file has it. `evidence` are the quotes that a claim may name."""

    id: str
    kind: Ability
    given: dict[str, Any]

    @property
    def evidence(self) -> list[Candidate]:
        return [one for name in self.given["documents"] for one in island().sentences if one.passage.path == name]

    def request(self) -> Request:
        """As a graph asks: greedy, under the prompt's schema and limit."""
        prompt, values = self._prompt()
        return Request(
            messages=prompt.messages(**values), schema=prompt.schema, max_tokens=prompt.max_tokens,
            sampling=Sampling(temperature=0.0, seed=0), priority="batch",
        )  # fmt: skip

    def _prompt(self) -> tuple[Prompt, dict[str, Any]]:
        given = self.given
        match self.kind:
            case "plan":
                return prompt_of("plan"), {"question": given["question"]}
            case "word":
                quotes = [
                    {"number": number, "quote": one.text, "source": one.passage.source}
                    for number, one in enumerate(self.evidence, 1)
                ]
                return prompt_of("write"), {"question": given["question"], "evidence": quotes}
            case "call":
                prompt = replace(prompt_of("act"), schema=moves(TOOLS))
                return prompt, {"tools": shown(TOOLS), "goal": given["goal"], "steps": []}
        return prompt_of("cited_answer"), {"passages": numbered(island()), "question": given["question"]}


def prompt_of(name: str) -> Prompt:
    """The prompt that ships: what is measured is the model, not a project's own wording."""
    return load_prompt(bundled.ROOT / "graphs" / "prompts" / f"{name}.yaml")


@cache
def cases() -> tuple[CalibrationCase, ...]:
    rows = [json.loads(line) for line in (bundled.ROOT / CASES).read_text("utf-8").splitlines()]
    return tuple(CalibrationCase(row.pop("id"), row.pop("kind"), row) for row in rows)
