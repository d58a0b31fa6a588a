"""Point 3: the same text written with drafting and without: given text, so that only the speed can differ, or the model's own."""

import statistics
from dataclasses import dataclass
from typing import Any

from agentflow.serving.engine.engine import InferenceEngine
from agentflow.serving.text.chat_template import ChatTemplate
from agentflow.serving.text.grammar import GrammarCompiler
from benchmarks.serve.engines import Clock, Replay, start
from benchmarks.serve.texts import ASKED, Sample

TOKENS = 160


@dataclass(frozen=True, slots=True)
class Writer:
    """How a sample is written: word for word as it is given, or as a chat model answers it (`own`)."""

    engine: InferenceEngine
    compiler: GrammarCompiler
    own: bool = False

    def prompt(self, sample: Sample, kind: str) -> list[int]:
        vocab = self.engine.vocab
        if not self.own:
            return vocab.tokenize(sample.prompt)
        template = ChatTemplate(vocab, self.engine.context.weights.metadata("tokenizer.chat_template"))
        asked = {"role": "user", "content": f"{sample.prompt}\n{ASKED[kind]}"}
        return template.tokens(template.render([asked]))

    def write(self, sample: Sample, kind: str, drafting: bool, run: str) -> Replay:
        prompt, answer = self.prompt(sample, kind), self.engine.vocab.tokenize(sample.answer)[:TOKENS]
        return start(
            self.engine,
            prompt,
            min(TOKENS, self.engine.window - len(prompt)) if self.own else len(answer),
            forced=None if self.own else answer,
            grammar=self.compiler.from_schema(sample.schema) if sample.schema else None,
            drafting=drafting,
            run=run,
            logprobs=0 if self.own else None,
        )


def measure(writer: Writer, samples: list[Sample], width: int, kind: str) -> dict[str, Any]:
    """Decoding only: the prompt is in the cache already. Both ways take turns on every group of `width` samples."""
    engine = writer.engine
    speeds = {True: list[float](), False: list[float]()}
    per_cpu = {True: list[float](), False: list[float]()}
    texts = {True: list[list[int]](), False: list[list[int]]()}
    drafted = accepted = 0
    by_source: dict[str, list[int]] = {}
    for number in range(0, len(samples) - width + 1, width):
        group = samples[number : number + width]
        for sample in group:
            start(engine, writer.prompt(sample, kind), 2).statistics()  # 1 would be a score, and not kept
        for drafting in (False, True) if number % 2 else (True, False):
            clock = Clock()
            ends = [writer.write(sample, kind, drafting, f"{kind}{width}{drafting}") for sample in group]
            found = [end.statistics() for end in ends]
            texts[drafting] += [end.tokens for end in ends]
            written = sum(s.completion for s in found)
            speeds[drafting].append(written / clock.seconds)
            per_cpu[drafting].append(written / clock.cpu)
            if drafting:
                drafted += sum(s.drafted for s in found)
                accepted += sum(s.accepted for s in found)
                for name, pair in ((name, pair) for s in found for name, pair in s.by_source.items()):
                    total = by_source.setdefault(name, [0, 0])
                    total[0], total[1] = total[0] + pair[0], total[1] + pair[1]
    ratios = gains(speeds)
    return {
        "without": round(statistics.median(speeds[False]), 1),
        "with": round(statistics.median(speeds[True]), 1),
        "ratio": round(statistics.median(ratios), 2),
        "lowest": round(min(ratios), 2),
        "per CPU": round(statistics.median(gains(per_cpu)), 2),
        "drafted": drafted,
        "accepted": accepted,
        "by_source": by_source,
        **({"same": f"{sum(map(list.__eq__, texts[True], texts[False]))} of {len(texts[True])}"} if writer.own else {}),
    }


def gains(speeds: dict[bool, list[float]]) -> list[float]:
    return [drafted / plain for drafted, plain in zip(speeds[True], speeds[False], strict=True)]


def greedy(engine: InferenceEngine, samples: list[Sample], tokens: int = 96) -> dict[str, Any]:
    """Real decoding by a trained model: the same text must come out with drafting and without."""
    ratios, same, drafted, accepted = [], 0, 0, 0
    for number, sample in enumerate(samples):
        prompt = engine.vocab.tokenize(sample.prompt)
        start(engine, prompt, 2).statistics()
        seconds: dict[bool, float] = {}
        texts: dict[bool, list[int]] = {}
        for drafting in (False, True) if number % 2 else (True, False):
            clock = Clock()
            replay = start(engine, prompt, tokens, drafting=drafting, logprobs=0, ignore_end=True)
            found = replay.statistics()
            seconds[drafting] = clock.seconds
            texts[drafting] = replay.tokens
            if drafting:
                drafted, accepted = drafted + found.drafted, accepted + found.accepted
        ratios.append(seconds[False] / seconds[True])
        same += texts[True] == texts[False]
    return {
        "ratio": round(statistics.median(ratios), 2),
        "identical": same,
        "answers": len(samples),
        "drafted": drafted,
        "accepted": accepted,
    }
