"""What documents say of a question and of the columns: quotes, further hypotheses that the data can test, descriptions."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from agentflow.context import Context
from agentflow.corpus.evidence import Evidence, cite
from agentflow.corpus.passage import Passage
from agentflow.experiments.data import KINDS
from agentflow.experiments.matching import mapped_by_words
from agentflow.experiments.plan import Mapped
from agentflow.experiments.wording import said
from agentflow.research.findings import keep
from agentflow.research.nearby import nearby
from agentflow.research.passages.shown import show

LONGEST = 160  # characters of a column's description
K = 8


class Proposed(NamedTuple):
    """A hypothesis that a sentence of a document states."""

    mapped: Mapped
    quote: Evidence


async def read_of(context: Context, question: str) -> list[Passage]:
    """Passages near the question, of documents; tables are data and no evidence."""
    found = await context.searcher.search(question, k=K)
    return [passage for passage in found if Path(passage.path).suffix.lower() not in KINDS]


async def quotes_on(context: Context, question: str, passages: Sequence[Passage]) -> list[Evidence]:
    near = await nearby(context, [question], passages, [])
    for evidence, score in near:
        keep(context, evidence, question, score)
    return [evidence for evidence, _ in near]


async def stated(
    context: Context,
    passages: Sequence[Passage],
    tables: Sequence[dict[str, Any]],
    besides: Sequence[Mapped],
    most: int,
) -> list[Proposed]:
    """Sentences that claim something between two columns which they name; each pair of columns once."""
    known = {frozenset((item.outcome, item.group)) for item in besides}
    found: list[Proposed] = []
    for candidate in show(passages).sentences:
        text = candidate.sentence.text
        if len(found) == most or len(text) > 400 or text.rstrip().endswith("?"):
            continue
        told = said(text)
        mapped = mapped_by_words(text, tables) if told.claims and not told.is_open else None
        if mapped and (pair := frozenset((mapped.outcome, mapped.group))) not in known:
            known.add(pair)
            quote = cite(context.corpus, candidate.passage, candidate.sentence)
            keep(context, quote, f"{mapped.outcome} by {mapped.group}", 1.0)
            found.append(Proposed(mapped, quote))
    return found


async def described(context: Context, tables: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The tables, with what documents say `about` a column whose name they hold as written: `los_d: length of stay, in days`."""
    return [
        {**table, "columns": [{**item, **await _about(context, item["name"])} for item in table["columns"]]}
        for table in tables
    ]


async def _about(context: Context, name: str) -> dict[str, str]:
    pattern = re.compile(
        rf"(?<![\w.]){re.escape(name)}(?:[`*\"'|]*)\s*(?:[:=|–—-]|is\b|are\b|means\b|\()\s*(?P<told>[^\n|]{{3,{LONGEST}}})"
    )
    for passage in await context.searcher.search(name, k=3):
        if Path(passage.path).suffix.lower() not in KINDS and (said_of := pattern.search(passage.text)):
            return {"about": " ".join(re.split(r"[.;] |[.;]$", said_of["told"])[0].strip(" `*|()").split())}
    return {}
