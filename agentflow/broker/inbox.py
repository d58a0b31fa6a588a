"""Requests: each message becomes a run that waits in the queue, or is kept with the reason why not."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from pydantic import Field

from agentflow.api.bodies import StartBody
from agentflow.api.parsing import parse_json
from agentflow.api.service import Service
from agentflow.broker import rejected
from agentflow.errors import AgentflowError, Overloaded, StoreFailed
from agentflow.identity.caller import Caller
from agentflow.runs.run import NAME

Tell = Callable[[dict[str, Any]], None]


class RequestBody(StartBody):
    """As the body of `POST /runs`, with an id: the same request again is the same run."""

    id: str = Field(pattern=NAME, description="the run's id, chosen by whoever asks")


class Inbox:
    def __init__(self, service: Service, caller: Caller, tell: Tell) -> None:
        self.service = service
        self.caller = caller
        self.tell = tell
        self.waits = False

    async def take(self, data: bytes) -> bool:
        """Whether the store has it, as a run or as rejected. False while the queue is full or the store away."""
        try:
            body = parse_json(data, RequestBody)
            with self.service.store.database.explained():
                run = await self.service.start(self.caller, body)
        except (Overloaded, StoreFailed) as error:
            if not self.waits:
                self.tell({"said": "waits", "message": error.message})
            self.waits = True
            return False
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one message must not hold up the others
            return await self._reject(data, error)
        self.waits = False
        self.tell({"said": "taken", "run": run.id, "graph": run.graph, "state": run.state})
        return True

    async def _reject(self, data: bytes, error: Exception) -> bool:
        if not isinstance(error, AgentflowError):
            logging.getLogger("agentflow.broker").error("a request failed", exc_info=error)
            error = AgentflowError(f"{type(error).__name__}: {error}", "this is a bug; its traceback is in the log")
        try:
            await asyncio.to_thread(rejected.keep, self.service.store, data, error)
        except StoreFailed:
            return False
        self.tell({"said": "rejected", "message": error.message, "hint": error.hint})
        return True
