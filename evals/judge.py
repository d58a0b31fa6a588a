"""Scorer: a local model says whether the answer is right (`judged`), and whether that agrees with exact match (`agrees`).

A judge is a model too: read `agrees` before you read `judged`. Its call is a durable run of the graph `judge_answer`.
"""

from agentflow.budget import Limits
from agentflow.engine import Engine
from agentflow.evaluation.dataset import Case
from agentflow.evaluation.record import Record
from agentflow.evaluation.runner import durable
from agentflow.text.squad import exact_match


async def score(case: Case, record: Record, engine: Engine) -> dict[str, float | None]:
    answer, accepted = str(record.output.get("answer", "")), [str(item) for item in case.get("answers") or ()]
    if not accepted or not answer:
        return {"judged": None if not accepted else 0.0, "agrees": None}
    inputs = {"question": case["question"], "answer": answer, "accepted": accepted}
    outcome = await durable(engine, "judge_answer", inputs, f"{record.run}-judge", Limits())
    if "right" not in outcome.output:
        raise RuntimeError(f"the judge did not answer: {outcome.message or outcome.status}")
    judged = float(outcome.output["right"])
    return {"judged": judged, "agrees": float(judged == exact_match(answer, accepted))}
