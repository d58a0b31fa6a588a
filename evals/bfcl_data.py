"""Loader: function-calling questions of the Berkeley Function-Calling Leaderboard (`path` is a folder of JSONL files).

A case has `goal`, `functions`, `ground_truth` (accepted calls; [] = call nothing), `most` and `category`. Only the
Python rules for single turns.
"""

from pathlib import Path

from agentflow.evaluation.dataset import Case, Dataset, rows


def load(path: Path, categories: list[str]) -> Dataset:
    cases = []
    for category in categories:
        for row in rows(path / f"{category}.jsonl"):
            fields = {
                "goal": "\n".join(message["content"] for message in row["messages"]),
                "functions": row["functions"],
                "ground_truth": row["ground_truth"],
                "most": 8 if "parallel" in category else 1,
                "category": category,
            }
            cases.append(Case(row["id"], fields))
    return Dataset(cases)
