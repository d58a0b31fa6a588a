"""Bodies and events of /v1/responses: an answer is a list of items (thoughts, a message, calls)."""

from collections.abc import Iterator
from typing import Any

from agentflow.serving.api.choice import Choice, Json
from agentflow.serving.api.response import GenerationResponse, new_id, sse
from agentflow.serving.api.responses_protocol import ResponsesRequest
from agentflow.serving.api.usage import measures, usage
from agentflow.serving.engine.request import Finished, TextChunk
from agentflow.serving.text.output_parser import Delta

MESSAGE, REASONING = "message", "reasoning"


class OutputItem:
    """One output item while it is written; `part` is what its text is called in events."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.id = new_id("msg_" if kind == MESSAGE else "rs_")
        self.part = "output_text" if kind == MESSAGE else "reasoning_text"
        self.text = ""

    def shown(self, status: str, scores: list[Json] | None = None) -> Json:
        content = [self.content(scores)] if status != "in_progress" else []
        if self.kind == REASONING:
            return {"id": self.id, "type": REASONING, "summary": [], "content": content, "status": status}
        return {"id": self.id, "type": MESSAGE, "role": "assistant", "status": status, "content": content}

    def content(self, scores: list[Json] | None = None) -> Json:
        part: Json = {"type": self.part, "text": self.text}
        return part if self.kind == REASONING else {**part, "annotations": [], "logprobs": scores or []}


class ResponsesResponse(GenerationResponse):
    def __init__(self, model: str, choice: Choice, ask: ResponsesRequest, given: Json) -> None:
        super().__init__(model, [choice])
        self.choice = choice
        self.ask = ask
        self.given = given
        self.id = new_id("resp_")
        self.output: list[Json] = []
        self.open: OutputItem | None = None
        self.number = -1

    def body(self) -> Json:
        if not self.output:
            self.output = self._items()
        return self._response(self._status())

    def _status(self) -> str:
        return "incomplete" if self.choice.reason == "length" else "completed"

    def _items(self) -> list[Json]:
        items: list[Json] = []
        if self.choice.thoughts:
            thoughts = OutputItem(REASONING)
            thoughts.text = self.choice.thoughts
            items.append(thoughts.shown("completed"))
        if self.choice.text or not self.choice.calls:
            message = OutputItem(MESSAGE)
            message.text = self.choice.text
            items.append(message.shown(self._status(), self._scores()))
        return items + [call_item(call) for call in self.choice.calls]

    def _scores(self) -> list[Json]:
        return [self.choice.score(score) for score in self.choice.scores] if self.ask.scored else []

    def _response(self, status: str) -> Json:
        ended = self.choice.end is not None
        response: Json = {
            "id": self.id,
            "object": "response",
            "created_at": self.created,
            "status": status,
            "error": None,
            "incomplete_details": {"reason": "max_output_tokens"} if status == "incomplete" else None,
            "instructions": self.ask.instructions or None,
            "max_output_tokens": self.ask.max_output_tokens,
            "metadata": self.ask.metadata,
            "model": self.model,
            "output": list(self.output),
            "parallel_tool_calls": False,
            "previous_response_id": None,
            "reasoning": {"effort": None, "summary": None},
            "store": False,
            "temperature": self.given.get("temperature", 1.0),
            "text": self.ask.text or {"format": {"type": "text"}},
            "tool_choice": self.ask.tool_choice,
            "tools": self.ask.tools,
            "top_p": self.given.get("top_p", 1.0),
            "truncation": "disabled",
            "usage": self._usage() if ended else None,
        }
        return {**response, **measures(self.choice.statistics)} if ended else response

    def _usage(self) -> Json:
        counted = usage([self.choice.statistics])
        return {
            "input_tokens": counted["prompt_tokens"],
            "input_tokens_details": counted["prompt_tokens_details"],
            "output_tokens": counted["completion_tokens"],
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": counted["total_tokens"],
        }

    # The stream

    def _event(self, kind: str, **fields: Any) -> bytes:
        self.number += 1
        return sse({"type": f"response.{kind}", "sequence_number": self.number, **fields}, f"response.{kind}")

    def opening(self) -> Iterator[bytes]:
        yield self._event("created", response=self._response("in_progress"))
        yield self._event("in_progress", response=self._response("in_progress"))

    def events(self, index: int, event: TextChunk | Finished) -> Iterator[bytes]:
        scores = [self.choice.score(score) for score in event.logprobs] if isinstance(event, TextChunk) else []
        for delta in self.choice.take(event):
            yield from self._delta(delta, scores if self.ask.scored else [])
            scores = []
        if isinstance(event, Finished):
            if not self.output and self.open is None:
                yield from self._begin(MESSAGE)
            yield from self._end()

    def _delta(self, delta: Delta, scores: list[Json]) -> Iterator[bytes]:
        if delta.calls:
            yield from self._end()
            for call in delta.calls:
                yield from self._call(call)
            return
        kind = REASONING if delta.reasoning else MESSAGE
        if self.open is None or self.open.kind != kind:
            yield from self._end()
            yield from self._begin(kind)
        assert self.open is not None
        text = delta.reasoning or delta.content
        self.open.text += text
        more = {"logprobs": scores} if kind == MESSAGE else {}
        yield self._event(f"{self.open.part}.delta", **self._place(self.open), delta=text, **more)

    def _place(self, item: OutputItem) -> Json:
        return {"item_id": item.id, "output_index": len(self.output), "content_index": 0}

    def _begin(self, kind: str) -> Iterator[bytes]:
        self.open = item = OutputItem(kind)
        yield self._event("output_item.added", output_index=len(self.output), item=item.shown("in_progress"))
        yield self._event("content_part.added", **self._place(item), part=item.content())

    def _end(self) -> Iterator[bytes]:
        item, self.open = self.open, None
        if item is None:
            return
        scores = self._scores() if item.kind == MESSAGE else []
        more = {"logprobs": scores} if item.kind == MESSAGE else {}
        yield self._event(f"{item.part}.done", **self._place(item), text=item.text, **more)
        yield self._event("content_part.done", **self._place(item), part=item.content(scores))
        shown = item.shown(self._status(), scores)
        yield self._event("output_item.done", output_index=len(self.output), item=shown)
        self.output.append(shown)

    def _call(self, call: Json) -> Iterator[bytes]:
        shown = call_item(call)
        place = {"item_id": shown["id"], "output_index": len(self.output)}
        begun = {**shown, "arguments": "", "status": "in_progress"}
        yield self._event("output_item.added", output_index=len(self.output), item=begun)
        yield self._event("function_call_arguments.delta", **place, delta=shown["arguments"])
        yield self._event("function_call_arguments.done", **place, arguments=shown["arguments"], name=shown["name"])
        yield self._event("output_item.done", output_index=len(self.output), item=shown)
        self.output.append(shown)

    def closing(self) -> Iterator[bytes]:
        yield self._event(self._status(), response=self._response(self._status()))


def call_item(call: Json) -> Json:
    function = call["function"]
    return {
        "id": new_id("fc_"),
        "type": "function_call",
        "call_id": call["id"],
        "name": function["name"],
        "arguments": function["arguments"],
        "status": "completed",
    }
