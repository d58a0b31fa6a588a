"""A pool whose model answers the calibration as it is told."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from agentflow.calibration.cases import CalibrationCase, cases
from agentflow.calibration.island import island
from agentflow.models.catalog.catalog import Cluster, ModelCatalog
from agentflow.models.catalog.model_config import ModelConfig
from agentflow.models.client.errors import Malformed
from agentflow.models.client.types import Answer, Request
from agentflow.models.pool import Models

Reply = Callable[[CalibrationCase], Any]


def gold(case: CalibrationCase) -> Any:
    """What a model says that can do everything."""
    given = case.given
    match case.kind:
        case "point":
            number = next(at for at, one in enumerate(island().sentences, 1) if given["says"] in one.text)
            return {"answer": given["answers"][0], "sentence": number}
        case "decline":
            return {"answer": "", "sentence": 0}
        case "explain":
            return {"answer": given["answers"][0], "sentence": 1}
        case "plan":
            return {"questions": given["parts"]}
        case "word":
            return {"claims": [{"evidence": [at], "text": one.text} for at, one in enumerate(case.evidence, 1)][:6]}
    return {"tool": given["tool"], "arguments": given["arguments"]}


class Pupil(Models):
    """`reply` is None for an answer that is no complete JSON."""

    def __init__(self, config: ModelConfig, reply: Reply = gold) -> None:
        roles = {"default": Cluster(models=(config.name,))}
        super().__init__(ModelCatalog({config.name: config}, roles), Path("unused"))
        self.reply = reply
        self.asked: list[str] = []
        self.by_prompt = {case.request().messages: case for case in cases()}

    async def client(self, role: str) -> Any:
        return self

    async def ask(self, role: str, request: Request, **_: Any) -> Answer:
        case = self.by_prompt[request.messages]
        self.asked.append(case.id)
        data = self.reply(case)
        if data is None:
            raise Malformed("no JSON")
        return Answer(text="", data=data)
