"""What a project knows as a person looks at it, and their word on it: for the command line and the terminal UI."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from agentflow.corpus.store import Corpus
from agentflow.knowledge import standing
from agentflow.knowledge.known_claim import KnownClaim
from agentflow.knowledge.learn import learn
from agentflow.knowledge.store import Knowledge
from agentflow.project import Project
from agentflow.runs.store import RunStore
from agentflow.text.words import content_words


class Notebook:
    """Close it after use. Raises AgentflowError for a database that cannot be used, and for an id that names no claim."""

    def __init__(self, project: Project) -> None:
        with ExitStack() as stack:
            runs = RunStore(project.store)
            stack.callback(runs.close)
            self.knowledge = Knowledge(runs)
            self.corpus = Corpus.open(project.database) if project.database.exists() else None
            if self.corpus is not None:
                stack.callback(self.corpus.close)
            self._stack = stack.pop_all()

    def close(self) -> None:
        self._stack.close()

    def claims(self, words: str = "", run: str = "") -> list[KnownClaim]:
        """All, or those with all these words, or those of a run in its report's order."""
        learn(self.knowledge)
        found = self.knowledge.of_run(self.knowledge.runs.find(run).id) if run else self.knowledge.all()
        wanted = set(content_words(words))
        return [claim for claim in found if wanted <= set(content_words(f"{claim.question} {claim.text}"))]

    def faults(self, claims: Sequence[KnownClaim]) -> dict[str, str]:
        """See `agentflow.knowledge.standing.faults`."""
        return standing.faults(self.corpus, claims)

    def find(self, id: str) -> KnownClaim:
        learn(self.knowledge)
        return self.knowledge.find(id)

    def say(self, id: str, **said: Any) -> KnownClaim:
        """See `Knowledge.say`."""
        return self.knowledge.say(self.find(id), **said)

    def forget(self, id: str) -> None:
        self.knowledge.forget(self.find(id))
