"""Evaluations: the suites there are, and what past ones came to."""

from datetime import datetime
from typing import TYPE_CHECKING

from ..backend import ResultRow, SuiteRow
from .database_thread import Desk

if TYPE_CHECKING:
    from agentflow.evaluation.evaluation import Evaluation


class LocalEvals:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def suites(self) -> list[SuiteRow]:
        def read() -> list[SuiteRow]:
            from agentflow.evaluation.suite import load_suite, suite_names

            project = self.desk.project
            return [
                SuiteRow(name, load_suite(project, name).suite.description) for name in sorted(suite_names(project))
            ]

        return await self.desk.do(read)

    async def results(self) -> list[ResultRow]:
        """One row a variant, the newest first."""

        def read() -> list[ResultRow]:
            from agentflow.evaluation.evaluation import history

            return [row for evaluation in reversed(history(self.desk.project)) for row in _rows(evaluation)]

        return await self.desk.do(read)

    async def compare(self, first: str, second: str) -> str:
        def read() -> str:
            from agentflow.evaluation.evaluation import find_evaluation
            from agentflow.evaluation.summary import compare_evaluations
            from agentflow.evaluation.tables import sentence

            one, two = (find_evaluation(self.desk.project, name) for name in (first, second))
            return "\n".join(f"- {sentence(item)}" for item in compare_evaluations(one, two)) or "- no cases in common"

        return await self.desk.do(read)


def _rows(evaluation: "Evaluation") -> list[ResultRow]:
    from agentflow.evaluation.summary import summarise

    at = datetime.fromisoformat(evaluation.created).timestamp()
    return [
        ResultRow(
            evaluation.id,
            evaluation.suite,
            row.variant,
            at,
            evaluation.cases,
            {name: found.mean for name, found in row.estimates.items()},
        )
        for row in summarise(evaluation).rows
    ]
