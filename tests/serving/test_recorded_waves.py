"""What a run sent together is asked together when its calls are replayed for a benchmark."""

from typing import Any

from agentflow.runs.calls import Call
from benchmarks.serve.replay import waves


def call(text: str, started: float, seconds: float) -> Call:
    request: dict[str, Any] = {"messages": [{"role": "user", "content": text}], "max_tokens": 8, "schema": None}
    return Call("run", "step", 0, "model", "m", False, {"requests": [request]}, "done", None, [], started, seconds)


def test_calls_that_overlapped_are_one_wave_and_a_later_one_waits_for_them() -> None:
    made = [
        call("plan", 0, 2),
        call("left", 2.1, 5),
        call("right", 2.2, 3),
        call("after right", 5.3, 1),
        call("end", 9, 1),
    ]
    texts = [[body["messages"][0]["content"] for body in wave] for wave in waves(made)]
    assert texts == [["plan"], ["left", "right"], ["after right"], ["end"]]
