"""Questions in German, Chinese and Japanese find their passage by words alone, whatever form their words have."""

from pathlib import Path

import pytest

from agentflow.corpus.german import beginnings
from agentflow.corpus.ingest.ingest import ingest
from agentflow.corpus.search.search import HybridSearcher
from agentflow.corpus.store import Corpus

DATA = Path(__file__).parent / "data" / "languages"  # a passage a line, and after a tab the question that it answers
LANGUAGES = ("de", "zh", "ja")


def lines(language: str) -> list[list[str]]:
    return [line.split("\t") for line in (DATA / f"{language}.tsv").read_text("utf-8").splitlines()]


@pytest.fixture
async def told(corpus: Corpus, tmp_path: Path) -> Corpus:
    """The passages of all three languages, a file each."""
    folder = tmp_path / "told"
    folder.mkdir()
    for language in LANGUAGES:
        for number, (passage, _) in enumerate(lines(language)):
            (folder / f"{language}{number}.txt").write_text(passage, "utf-8")
    await ingest(corpus, [folder], embedder=None)
    return corpus


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_question_finds_its_passage(told: Corpus, language: str) -> None:
    searcher, ranks = HybridSearcher(told, None), {}
    asked = {
        question: f"told/{language}{number}.txt" for number, (_, question) in enumerate(lines(language)) if question
    }
    for question, path in asked.items():
        found = [passage.path for passage in await searcher.search(question, k=10)]
        ranks[question] = found.index(path) + 1 if path in found else 99
    assert len(asked) >= 20 and len(lines(language)) >= 30
    assert sum(rank <= 10 for rank in ranks.values()) / len(ranks) >= 0.95, ranks
    assert sum(rank == 1 for rank in ranks.values()) / len(ranks) >= 0.9, ranks


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("Welche Bäume wachsen in den Wäldern der Stadt?", ["baum", "wachs", "wald", "stadt"]),
        ("Wie hoch sind die Häuser?", ["hoch", "haus"]),
        ("What was the name of the man who died in Berlin?", []),
        ("Was the war in the Netherlands lost?", []),
        ("¿Cuándo se construyó el puente del río?", []),
        ("Quand le pont de la ville a-t-il été construit ?", []),
        ("Vem byggde bron över ån i staden?", []),
        ("der", []),
        ("", []),
    ],
)
def test_german_words_lose_their_endings_and_others_do_not(question: str, found: list[str]) -> None:
    assert beginnings(question) == found
