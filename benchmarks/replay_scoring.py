"""1,000 recorded cases: each run replayed from its journal without a model, and all of them scored again.

    python benchmarks/replay_scoring.py --cases 1000 --work /tmp/replay-scoring

Recording (with a scripted model, kept under --work) is not timed. Two times are printed: scoring the recorded outcomes
anew (`agentflow eval rescore`), and replaying every run call by call (`agentflow runs replay`) before scoring it.
"""

import argparse
import asyncio
import json
import time
from dataclasses import replace
from pathlib import Path

from agentflow.engine import Engine
from agentflow.evaluation.evaluate import evaluate, rescore
from agentflow.evaluation.evaluation import Evaluation, history
from agentflow.evaluation.layout import Choices
from agentflow.evaluation.scoring import load_scorers, score
from agentflow.evaluation.suite import load_suite
from agentflow.models.client.types import Request
from agentflow.project import Project
from agentflow.runs.replay import replay, scratch
from agentflow.testing import ScriptedModels

SUITE = """\
description: Sums
cases: {path: cases.jsonl}
targets:
  direct: {graph: direct, inputs: {question: "{{ question }}"}}
scorers: [answer, abstention]
primary: f1
"""


def reply(request: Request) -> dict[str, str]:
    words = request.messages[-1].content.split()
    return {"answer": str(int(words[words.index("is") + 1]) + 1)}


async def recorded(work: Path, cases: int) -> tuple[Project, Evaluation]:
    folder = work / "evals"
    folder.mkdir(parents=True, exist_ok=True)
    (work / "models.yaml").write_text("models: {}\n")
    (folder / "sums.yaml").write_text(SUITE)
    rows = ({"id": f"c{n}", "question": f"What is {n} plus one?", "answers": [str(n + 1)]} for n in range(cases))
    (folder / "cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    project = Project(work)
    done = [e for e in history(project, "sums") if e.finished and e.cases == cases]
    if done:
        return project, done[-1]
    models = ScriptedModels(reply)
    return project, await evaluate(
        project,
        "sums",
        Choices(jobs=8),
        open_engine=lambda place, _: Engine(place, pool=models),  # type: ignore[arg-type]
    )


async def replayed(project: Project, evaluation: Evaluation) -> float:
    """The mean F1 of the replayed outcomes. Raises AssertionError when one differs from what was recorded."""
    scorers, cases = load_scorers(project, load_suite(project, "sums")), evaluation.load_cases()
    scores = []
    place = project.with_state(Path(evaluation.workspace))
    engine = Engine(place, pool=ScriptedModels(reply))
    async with engine:
        with scratch() as store:
            for record in evaluation.results():
                again = await replay(engine, record.run, within=store)
                assert again.same_output, record.run
                found = await score(scorers, cases[record.case], replace(record, output=again.output))
                scores.append(found.scores["f1"] or 0.0)
    return sum(scores) / len(scores)


async def main(work: Path, cases: int) -> None:
    project, evaluation = await recorded(work, cases)
    started = time.perf_counter()
    await rescore(project, evaluation)
    print(f"scored again: {cases} cases in {time.perf_counter() - started:.1f} s")
    started = time.perf_counter()
    mean = await replayed(project, evaluation)
    print(f"replayed and scored: {cases} runs in {time.perf_counter() - started:.1f} s, mean F1 {mean:.3f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--work", type=Path, required=True)
    arguments = parser.parse_args()
    asyncio.run(main(arguments.work, arguments.cases))
