"""All drafters of one engine: who proposes for an answer, how much, and how well that went."""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agentflow.llama.config import SpeculationConfig
from agentflow.llama.cost import StepCost
from agentflow.llama.drafting.lookup import SuffixAutomaton
from agentflow.llama.drafting.policy import Acceptance, Experience, best_length, bucket

if TYPE_CHECKING:
    from agentflow.llama.drafting.model import DraftModel
    from agentflow.llama.sequence import Sequence

RUNS = 64  # runs whose earlier answers are kept for lookup
RUN_TOKENS = 4096
SHORT_ANSWER = 4  # no drafting below: the automaton would cost more than it saves


@dataclass(slots=True)
class DraftState:
    """One answer's automaton and its own acceptance by source."""

    automaton: SuffixAutomaton | None
    fed: int = 0
    source: str = ""
    own: dict[str, Acceptance] = field(default_factory=dict)


class Drafters:
    def __init__(
        self, config: SpeculationConfig, cost: StepCost, *, rollback: bool = True, model: "DraftModel | None" = None
    ) -> None:
        """`rollback` False (recurrent state): nothing is drafted, since a wrong draft could not be taken back."""
        self.config = config
        self.cost = cost
        self.model = model
        self.on = rollback and config.max_draft > 0
        self.experience = Experience()
        self.states: dict[int, DraftState] = {}
        self.runs: OrderedDict[str, deque[list[int]]] = OrderedDict()

    def begin(self, sequence: "Sequence") -> None:
        if self.on and sequence.job.drafting and sequence.job.max_tokens > SHORT_ANSWER:
            self.states[id(sequence)] = DraftState(None)

    def end(self, sequence: "Sequence") -> None:
        """Keeps the answer for later calls of the same run."""
        self.states.pop(id(sequence), None)
        if self.model is not None:
            self.model.forget(sequence.resident.id)
        run = sequence.job.run
        if not run or not self.config.lookup or not sequence.written:
            return
        answers = self.runs.setdefault(run, deque())
        self.runs.move_to_end(run)
        answers.append(sequence.resident.tokens[-sequence.written :])
        while sum(map(len, answers)) > RUN_TOKENS:
            answers.popleft()
        if len(self.runs) > RUNS:
            self.runs.popitem(last=False)

    def wrote(self, sequence: "Sequence") -> None:
        """The answer has grown: so does what can be looked up."""
        state = self.states.get(id(sequence))
        if state is None or not self.config.lookup:
            return
        if state.automaton is None:
            state.automaton = SuffixAutomaton()
            for text in (*self.runs.get(sequence.job.run, ()), *sequence.job.lookup):
                state.automaton.feed(text)
        tokens = sequence.resident.tokens
        state.automaton.extend(tokens[state.fed :])
        state.fed = len(tokens)

    def propose(self, writing: "list[Sequence]", room: int, busy: bool) -> None:
        """Sets `sequence.draft`. `room` are the rows left for drafts; `busy`: a prompt is computed in the same batch."""
        rows = len(writing)
        undrafted: list[Sequence] = []
        for sequence in writing:
            sequence.draft = None
            state = self.states.get(id(sequence))
            if state is None:
                continue
            limit = min(self.config.max_draft, room, sequence.left - 1)
            if limit <= 0:
                continue
            source, kind, tokens = self._candidates(sequence, state, limit)
            length = self._length(state, kind, len(tokens), rows, len(writing)) if tokens else 0
            if length:
                self._set(sequence, state, tokens[:length], source, kind)
                rows += length
                room -= length
            else:
                undrafted.append(sequence)
        if self.model is not None and undrafted and not busy:
            self._propose_by_model(undrafted, rows, len(writing), room)

    def _candidates(self, sequence: "Sequence", state: DraftState, limit: int) -> tuple[str, str, list[int]]:
        """(source, its name in the statistics of acceptance, tokens). What a schema forces comes before a guess."""
        grammar = sequence.job.grammar if sequence.grammar_on else None
        forced = grammar.forced(limit) if grammar is not None and self.config.schema_ else []
        match = 0
        looked_up: list[int] = []
        if state.automaton is not None:
            match, looked_up = state.automaton.propose(limit)
        if grammar is not None and looked_up:
            looked_up = looked_up[: grammar.valid(looked_up)]
        if forced and looked_up[: len(forced)] != forced:
            return "schema", "schema", forced
        return "lookup", f"lookup{bucket(match)}", looked_up

    def _length(self, state: DraftState, kind: str, available: int, rows: int, answers: int) -> int:
        return best_length(self._rate(state, kind), available, rows, answers, self.cost)

    def _rate(self, state: DraftState, kind: str) -> float:
        general = self.experience.of(kind)
        own = state.own.setdefault(kind, Acceptance(general.rate))
        return own.rate

    @staticmethod
    def _set(sequence: "Sequence", state: DraftState, tokens: list[int], source: str, kind: str) -> None:
        from agentflow.llama.sequence import Draft

        sequence.draft = Draft(tokens, source)
        state.source = kind

    def _propose_by_model(self, sequences: "list[Sequence]", rows: int, answers: int, room: int) -> None:
        assert self.model is not None
        wishes: dict[int, int] = {}
        for sequence in sequences:
            limit = min(self.config.max_draft, room, sequence.left - 1)
            rate = self._rate(self.states[id(sequence)], "model")
            length = (
                best_length(rate, limit, rows, answers, self.cost, self.model.seconds_per_token) if limit > 0 else 0
            )
            if length:
                wishes[id(sequence)] = length
                rows += length
                room -= length
        chosen = [sequence for sequence in sequences if id(sequence) in wishes]
        drafts = self.model.propose([(s.resident.id, s.resident.tokens, wishes[id(s)]) for s in chosen])
        for sequence, tokens in zip(chosen, drafts, strict=True):
            if sequence.grammar_on and sequence.job.grammar is not None:
                tokens = tokens[: sequence.job.grammar.valid(tokens)]
            if tokens:
                self._set(sequence, self.states[id(sequence)], tokens, "model", "model")

    def verified(self, sequence: "Sequence", accepted: int) -> None:
        """What became of the draft, for the statistics and for the next draft's length."""
        assert sequence.draft is not None
        drafted = len(sequence.draft.tokens)
        state = self.states[id(sequence)]
        self.experience.of(state.source).observe(drafted, accepted)
        state.own[state.source].observe(drafted, accepted)
        statistics = sequence.statistics
        statistics.drafted += drafted
        statistics.accepted += accepted
        pair = statistics.by_source.setdefault(sequence.draft.source, [0, 0])
        pair[0] += drafted
        pair[1] += accepted
        sequence.draft = None
