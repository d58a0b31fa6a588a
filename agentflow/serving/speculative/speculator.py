"""The drafters of one engine: who proposes for an answer, how much, and how well that went."""

from collections import OrderedDict, deque
from importlib import import_module
from typing import TYPE_CHECKING

from agentflow.serving.backend.step_cost import StepCost
from agentflow.serving.config import DraftingConfig
from agentflow.serving.speculative.draft import Draft, Drafter, DraftState, Guess
from agentflow.serving.speculative.draft_model import DraftModel, Wish
from agentflow.serving.speculative.draft_policy import Acceptance, AcceptanceStats, best_length, bucket, seconds_saved
from agentflow.serving.speculative.suffix_automaton import NO_MATCH, SuffixAutomaton

if TYPE_CHECKING:
    from agentflow.serving.engine.sequence import Sequence

RUNS = 64  # runs whose earlier answers are kept for lookup
RUN_TOKENS = 4096
SHORT_ANSWER = 4  # no drafting below: the automaton would cost more than it saves
# Modules of this folder with a `make() -> Drafter`, asked when neither schema nor repetition knows (CONTRIBUTING.md).
DRAFTERS: tuple[str, ...] = ()
CERTAIN = ("schema", "model")  # kinds that say nothing about repetition
LOOKUPS = {place: [f"{place} lookup{size}" for size in range(7)] for place in ("run", "prompt", "answer")}


class Speculator:
    def __init__(
        self, config: DraftingConfig, cost: StepCost, *, rollback: bool = True, model: DraftModel | None = None
    ) -> None:
        """`rollback` False (recurrent state): nothing is drafted, since a wrong draft could not be taken back."""
        self.config = config
        self.cost = cost
        self.model = model
        self.on = rollback and config.max_draft > 0
        self.experience = AcceptanceStats()
        self.runs: OrderedDict[str, deque[list[int]]] = OrderedDict()
        self.drafters: dict[str, Drafter] = {name: import_module(f"{__package__}.{name}").make() for name in DRAFTERS}

    def begin(self, sequence: "Sequence") -> None:
        if self.on and sequence.job.drafting and sequence.job.max_tokens > SHORT_ANSWER:
            sequence.drafting = DraftState()

    def end(self, sequence: "Sequence") -> None:
        """Keeps the answer for later calls of the same run."""
        sequence.drafting = None
        if self.model is not None:
            self.model.forget(sequence.slot.id)
        run = sequence.job.run
        if not run or not self.config.lookup or not sequence.written:
            return
        answers = self.runs.setdefault(run, deque())
        self.runs.move_to_end(run)
        answers.append(sequence.slot.tokens[-sequence.written :])
        while sum(map(len, answers)) > RUN_TOKENS:
            answers.popleft()
        if len(self.runs) > RUNS:
            self.runs.popitem(last=False)

    def wrote(self, sequence: "Sequence") -> None:
        """The answer has grown: so has what can be looked up, and what is known about guesses."""
        state = sequence.drafting
        if state is None:
            return
        tokens = sequence.slot.tokens
        if state.guess is not None:
            self._learn(state, state.guess, tokens[state.fed :])
        if self.config.lookup:
            if state.automaton is None:
                state.automaton = self._automaton(sequence)
                state.start = len(state.automaton.text)
            state.automaton.extend(tokens[state.fed :])
        state.fed = len(tokens)

    def _automaton(self, sequence: "Sequence") -> SuffixAutomaton:
        automaton = SuffixAutomaton()
        for text in (*self.runs.get(sequence.job.run, ()), *sequence.job.lookup):
            automaton.feed(text)
        return automaton

    def _learn(self, state: DraftState, guess: Guess, written: list[int]) -> None:
        """Also from a guess that was not drafted: its first token shows for nothing whether drafting would pay now."""
        for kind, guessed, token in zip(guess.kinds, guess.tokens[: max(1, guess.drafted)], written, strict=False):
            right = guessed == token
            general = self.experience.of(kind)
            if kind not in CERTAIN:
                state.repetition.observe(right, general.rate)
            general.observe(right)
            self._own(state, kind).observe(right)
            if not right:
                break
        state.guess = None

    def propose(self, writing: "list[Sequence]", room: int, busy: bool) -> None:
        """Sets `sequence.draft`. `room` are the rows left for drafts; `busy`: a prompt is computed in the same batch."""
        rows = len(writing)
        undrafted: list[Sequence] = []
        for sequence in writing:
            sequence.draft = None
            state = sequence.drafting
            if state is None:
                continue
            limit = min(self.config.max_draft, room, sequence.left - 1)
            if limit <= 0:
                continue
            state.guess = guess = self._guess(sequence, state, limit)
            rates = (self._own(state, kind).rate for kind in guess.kinds)
            if length := best_length(rates, rows, len(writing), self.cost):
                self._draft(sequence, guess, length)
                rows += length
                room -= length
            else:
                undrafted.append(sequence)
        if self.model is not None and undrafted and not busy:
            self._propose_by_model(undrafted, rows, len(writing), room)

    def _guess(self, sequence: "Sequence", state: DraftState, limit: int) -> Guess:
        """What a schema forces comes before what a repetition suggests."""
        grammar = sequence.job.grammar if sequence.grammar_on else None
        forced = grammar.forced(limit) if grammar is not None and self.config.schema_ else []
        found = state.automaton.propose(limit) if state.automaton is not None else NO_MATCH
        tokens = found.tokens
        if grammar is not None and tokens:
            tokens = tokens[: grammar.valid(tokens)]
        if forced and tokens[: len(forced)] != forced:
            return Guess("schema", ["schema"] * len(forced), forced)
        for name, drafter in self.drafters.items():
            if tokens:
                break
            proposed = drafter.propose(sequence.slot.tokens, limit)
            if proposed := proposed[: grammar.valid(proposed)] if grammar is not None else proposed:
                return Guess(name, [name] * len(proposed), proposed)
        names = LOOKUPS[place_of(found.at, state.start, len(sequence.job.prompt))]
        kinds = [names[bucket(found.length + i)] for i in range(len(tokens))]
        kinds[: len(forced)] = ["schema"] * len(forced)
        return Guess("lookup", kinds, tokens)

    def _own(self, state: DraftState, kind: str) -> Acceptance:
        if kind not in state.own:
            general = self.experience.of(kind).rate
            state.own[kind] = Acceptance(general if kind in CERTAIN else general * state.repetition.ratio)
        return state.own[kind]

    @staticmethod
    def _draft(sequence: "Sequence", guess: Guess, length: int) -> None:
        guess.drafted = length
        sequence.draft = Draft(guess.tokens[:length], guess.source)

    def _propose_by_model(self, sequences: "list[Sequence]", rows: int, answers: int, room: int) -> None:
        assert self.model is not None
        wishes: list[Wish] = []
        chosen: list[Sequence] = []
        for sequence in sequences:
            assert sequence.drafting is not None
            limit = min(self.config.max_draft, room, sequence.left - 1)
            rate = self._own(sequence.drafting, "model").rate
            seconds = self.model.seconds_per_token
            length = best_length([rate] * limit, rows, answers, self.cost, seconds)
            behind = self.model.seconds_behind(sequence.slot.id, sequence.slot.tokens)
            saved = seconds_saved(rate, length, rows, answers, self.cost, seconds)
            if length and sequence.left * saved > behind:
                wishes.append(Wish(sequence.slot.id, sequence.slot.tokens, length))
                chosen.append(sequence)
                rows += length
                room -= length
        for sequence, tokens in zip(chosen, self.model.propose(wishes), strict=True):
            if sequence.grammar_on and sequence.job.grammar is not None:
                tokens = tokens[: sequence.job.grammar.valid(tokens)]
            if tokens and sequence.drafting is not None:
                sequence.drafting.guess = guess = Guess("model", ["model"] * len(tokens), tokens)
                self._draft(sequence, guess, len(tokens))

    def verified(self, sequence: "Sequence", accepted: int) -> None:
        """What became of the draft, for the statistics."""
        assert sequence.draft is not None
        drafted = len(sequence.draft.tokens)
        statistics = sequence.statistics
        statistics.drafted += drafted
        statistics.accepted += accepted
        pair = statistics.by_source.setdefault(sequence.draft.source, [0, 0])
        pair[0] += drafted
        pair[1] += accepted
        sequence.draft = None


def place_of(at: int, start: int, prompt: int) -> str:
    """Where a repetition stands: an earlier answer of the run, the prompt or this answer. They differ in how far they go."""
    if at < start:
        return "run"
    return "prompt" if at < start + prompt else "answer"
