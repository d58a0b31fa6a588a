"""What to read beside the passages that a question finds: what they name.

A question of several hops names the first document and asks about the second; the second's name stands in the first
(IRCoT, Trivedi et al. 2023, searches with what the last step found; here it is found without a further model call).
"""

import re
from collections.abc import Iterable, Sequence

from agentflow.corpus.filter import Filter
from agentflow.corpus.passage import Passage
from agentflow.corpus.rarity import Rarity
from agentflow.corpus.search import Searcher
from agentflow.corpus.store import Corpus
from agentflow.research.titled import named_documents
from agentflow.text.words import content_words

NAME = re.compile(r"\b[A-Z][\w’'-]+(?:[ ](?:of |the |de |von |van |and )?[A-Z][\w’'-]+)*")
LEADING = 3  # passages whose names are searched for
NAMES, WORDS, FOUND = 4, 6, 4  # of each passage; of the question, beside a name; passages found by each search


def leads(rarity: Rarity, passages: Sequence[Passage]) -> list[str]:
    """What to search for: each name that the first passages bring up, with what its passage leaves open of the question."""
    asked = set(content_words(rarity.question))
    found: dict[str, None] = {}
    for passage in passages[:LEADING]:
        rest = " ".join(rarity.open_words(f"{passage.source} {passage.text}")[:WORDS])
        names = dict.fromkeys(match.group() for match in NAME.finditer(passage.text))
        new = [name for name in names if len(name) > 3 and not set(content_words(name)) & asked]
        found |= dict.fromkeys(f"{name} {rest}".strip() for name in new[:NAMES])
    return list(found)


async def led_to(
    searcher: Searcher, corpus: Corpus, queries: Iterable[str], passages: Sequence[Passage], where: Filter | None = None
) -> list[int]:
    """Ids of passages beside those given, the best first: by how often and how far in front the queries find them, and
    whether the passages given name their document."""
    score: dict[int, float] = dict.fromkeys(corpus.openings(named_documents(corpus, passages, searcher.scope)), 1.0)
    for query in queries:
        for rank, found in enumerate(await searcher.search(query, k=FOUND, where=where), 1):
            score[found.chunk] = score.get(found.chunk, 0.0) + 1 / rank
    have = {passage.chunk for passage in passages}
    return sorted(score.keys() - have, key=lambda chunk: (-score[chunk], chunk))
