"""Sites that are slow, dead, broken or lying: each costs its own answer alone, within its deadline, and is named."""

import asyncio
import gzip
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentflow.corpus.passage import Passage
from agentflow.corpus.search.search import HybridSearcher
from agentflow.corpus.store import Corpus
from agentflow.events import Event, Note
from agentflow.federation.searcher import FederatedSearcher
from agentflow.federation.settings import SiteSettings
from agentflow.federation.sites import Sites
from tests.sites.harness import (
    Hostile,
    Site,
    answer,
    found,
    key_for,
    passage,
    saying,
    silent,
    write_project,
)

QUERY = "When was the mill of Ardenbrook built?"
BUILT = "The mill of Ardenbrook was built in 1842."
OWN = "The mill of Ardenbrook has two wheels."
LIE = passage(BUILT)


@pytest.fixture
def corpus(tmp_path: Path) -> Iterator[Corpus]:
    project = write_project(tmp_path / "asker", {"wheels.md": f"# Wheels\n\n{OWN}\n"})
    corpus = Corpus.open(project.database)
    yield corpus
    corpus.close()


class Asking:
    """The passages of a search and what was said with it."""

    def __init__(self, corpus: Corpus, sites: Sites | None = None, *, seconds: float = 20.0, lab: str = "") -> None:
        self.notes: list[str] = []
        started = time.monotonic()
        self.passages = asyncio.run(
            self._ask(corpus, sites or Sites({"lab": SiteSettings(url=lab, seconds=seconds)}, corpus.base))
        )
        self.seconds = time.monotonic() - started

    async def _ask(self, corpus: Corpus, sites: Sites) -> list[Passage]:
        try:
            return await FederatedSearcher(HybridSearcher(corpus, None), sites, sink=self._hear).search(
                QUERY, per_document=3
            )
        finally:
            await sites.close()

    def _hear(self, event: Event) -> None:
        assert isinstance(event, Note)
        self.notes.append(event.text)

    @property
    def paths(self) -> list[str]:
        return [passage.path for passage in self.passages]


def refused(corpus: Corpus, value: Any, **more: Any) -> str:
    """What is said of a site that answers with this; nothing of it may count."""
    with saying(value, **more) as site:
        asked = Asking(corpus, lab=site.url)
    assert asked.paths == ["wheels.md"]
    assert asked.notes[0].startswith("site lab ") and asked.notes[0].endswith("nothing of it is in this answer")
    assert len(asked.notes) == 1
    assert corpus.value("SELECT count(*) FROM site_passages") == 0
    return asked.notes[0].removeprefix("site lab ").removesuffix(": nothing of it is in this answer")


def test_of_three_sites_one_slow_one_dead_one_lying_the_answer_comes_in_time(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lying = {**LIE, "sentences": [{**LIE["sentences"][0], "sha256": "0" * 64}]}
    honest = write_project(tmp_path / "honest", {"mill.md": f"# Mill\n\n{BUILT}\n"})
    with Hostile(silent) as slow, saying(found(lying)) as liar, Site(honest) as good:
        dead = Hostile(silent)
        dead.server.server_close()
        sites = Sites(
            {
                "slow": SiteSettings(url=slow.url, seconds=1.0),
                "dead": SiteSettings(url=dead.url, seconds=1.0),
                "liar": SiteSettings(url=liar.url),
                "good": SiteSettings(url=good.url, key="GOOD_KEY"),
            },
            corpus.base,
        )
        monkeypatch.setenv("GOOD_KEY", key_for(honest))
        asked = Asking(corpus, sites)
    assert sorted(asked.paths) == ["good:mill.md", "wheels.md"]
    assert asked.notes == [
        "site slow did not answer within 1 s: nothing of it is in this answer",
        "site dead cannot be reached: nothing of it is in this answer",
        "site liar quotes docs/mill.md with a hash that is not that of its text: nothing of it is in this answer",
    ]
    assert asked.seconds < 10, "the slow site is left at its deadline"


def test_an_honest_answer_is_believed(corpus: Corpus) -> None:
    with saying(found(LIE)) as site:
        asked = Asking(corpus, lab=site.url)
    assert sorted(asked.paths) == ["lab:docs/mill.md", "wheels.md"] and not asked.notes
    foreign = next(one for one in asked.passages if one.path.startswith("lab:"))
    assert foreign.chunk < 0 and str(foreign.place) == "lab:docs/mill.md:3"
    assert corpus.passages([foreign.chunk])[0].sentences == foreign.sentences
    assert corpus.text(foreign.document) == BUILT and str(corpus.locate(foreign.document, 0)) == "lab:docs/mill.md:3"
    assert [one.path for one in corpus.documents()] == ["wheels.md"], "it is no document of the project"


def test_a_dripping_site_has_no_longer_than_a_silent_one(corpus: Corpus) -> None:
    def drip(path: str, body: bytes, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(400):
            connection.sendall(b" ")
            time.sleep(0.05)

    with Hostile(drip) as site:
        asked = Asking(corpus, lab=site.url, seconds=0.5)
    assert asked.notes == ["site lab did not answer within 0.5 s: nothing of it is in this answer"]


def test_a_body_without_end_is_left_after_four_mebibytes(corpus: Corpus) -> None:
    sent = [0]

    def flood(path: str, body: bytes, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
        for _ in range(1024):
            connection.sendall(b"[" * (1 << 20))
            sent[0] += 1

    with Hostile(flood) as site:
        asked = Asking(corpus, lab=site.url)
    assert asked.notes == ["site lab sends more than 4 MiB: nothing of it is in this answer"]
    assert sent[0] < 64, "of a body of 1 GiB"


def test_a_bomb_is_not_decompressed(corpus: Corpus) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    assert "something else" in refused(corpus, bomb, headers="Content-Encoding: gzip\r\n")


def test_a_redirect_is_not_followed(corpus: Corpus) -> None:
    with saying(found(LIE)) as elsewhere:
        told = refused(corpus, b"", status="307 Temporary Redirect", headers=f"Location: {elsewhere.url}/search\r\n")
    assert told == "sends elsewhere (a redirect, which is not followed)" and not elsewhere.heard


def test_what_does_not_stand_in_its_document_is_refused(corpus: Corpus) -> None:
    beyond = {**LIE["sentences"][0], "end": 4000}
    assert "does not stand in the passage of docs/mill.md" in refused(corpus, found({**LIE, "sentences": [beyond]}))
    assert "does not stand" in refused(corpus, found({**LIE, "sentences": LIE["sentences"] * 2}))
    other = {**LIE, "text": BUILT.replace("1842", "1942")}
    assert "with a hash that is not that of its text" in refused(corpus, found(other))


def test_more_than_was_asked_for_is_refused(corpus: Corpus) -> None:
    many = [passage(f"{BUILT} {number}", f"docs/{number}.md") for number in range(60)]
    assert refused(corpus, found(*many)) == "sends 60 passages where 8 were asked for"
    assert "something else" in refused(corpus, found(*many * 20)), "1,200 are more than an answer may hold"
    one = [passage(BUILT, start=1000 * number) for number in range(4)]
    assert refused(corpus, found(*one)) == "sends more passages of one document than were asked for"
    assert refused(corpus, {**found(LIE), "holders": {"secret": 3}}) == "counts words that were not asked for"


@pytest.mark.parametrize(
    "value",
    [
        b"", b"null", b"[]", b"{", b"\xff\xfe", b"[" * 100_000, b'{"passages": "none"}', {"passages": [1]},
        {"passages": [], "searched": "many"}, {"passages": [], "searched": -1}, {"passages": [], "extra": 1},
        found({**LIE, "start": -5}), found({**LIE, "start": 10**12}), found({**LIE, "text": 7}), found({**LIE, "document": None}),
        found({**LIE, "document": {**LIE["document"], "sha256": "x"}}), found({**LIE, "sentences": []}),
        b'{"passages": [], "searched": NaN}', {"passages": [1] * 10_000}, {**found(LIE), "holders": {"mill": 10**30}},
        {**found(LIE), "holders": {"mill": -1}}, found({**LIE, "document": {**LIE["document"], "date": "](http://x)"}}),
        found({**LIE, "sentences": [{**LIE["sentences"][0], "page": 10**30}]}), found({**LIE, "text": "x" * 30_000}),
    ],
)  # fmt: skip
def test_wrong_types_are_refused(corpus: Corpus, value: Any) -> None:
    assert "answered with something else than asked for" in refused(corpus, value)


def test_half_characters_do_not_get_in(corpus: Corpus) -> None:
    text = "The mill \ud800 of Ardenbrook"
    broken = answer(found({**LIE, "text": text}))
    with Hostile(lambda path, body, connection: connection.sendall(broken)) as site:
        asked = Asking(corpus, lab=site.url)
    assert asked.paths == ["wheels.md"] and len(asked.notes) == 1


def test_a_document_that_cannot_be_printed_is_refused(corpus: Corpus) -> None:
    assert "cannot be printed" in refused(corpus, found(passage(BUILT, "docs/\x1b[31mred.md")))
    assert "cannot be printed" in refused(corpus, found(passage(BUILT, "a\nb.md")))


def test_no_site_speaks_in_the_name_of_another_or_of_the_project(corpus: Corpus) -> None:
    with saying(
        found(passage(BUILT, "wheels.md"), passage(BUILT + " Yes.", "good:mill.md"), passage("Up.", "../x.md"))
    ) as site:
        asked = Asking(corpus, lab=site.url)
    assert sorted(asked.paths) == ["lab:../x.md", "lab:good:mill.md", "lab:wheels.md", "wheels.md"]


def test_two_texts_for_one_place_are_refused_and_the_first_is_kept(corpus: Corpus) -> None:
    with saying(found(LIE)) as site:
        first = Asking(corpus, lab=site.url).passages
    other = BUILT.replace("1842", "1942")
    with saying(found(passage(other))) as site:
        asked = Asking(corpus, lab=site.url)
    assert asked.notes == ["site lab tells two texts for one place of docs/mill.md: nothing of it is in this answer"]
    assert [one.text for one in corpus.passages(one.chunk for one in first)] == [one.text for one in first]


def test_a_site_that_was_silent_is_left_alone_for_a_while(corpus: Corpus) -> None:
    with Hostile(silent) as slow:
        sites = Sites({"slow": SiteSettings(url=slow.url, seconds=0.3)}, corpus.base)
        notes: list[Event] = []

        async def ask() -> float:
            searcher = FederatedSearcher(HybridSearcher(corpus, None), sites, sink=notes.append)
            await searcher.search(QUERY)
            started = time.monotonic()
            for _ in range(20):
                await searcher.search(QUERY)
            await sites.close()
            return time.monotonic() - started

        asyncio.run(ask())
        assert len(slow.heard) == 1 and len(notes) == 21


def test_a_document_of_a_site_is_opened_by_the_name_that_citations_give(corpus: Corpus) -> None:
    with saying(found(LIE)) as site:
        Asking(corpus, lab=site.url)
    document = corpus.document("lab:docs/mill.md")
    assert document.id < 0 and corpus.text(document.id) == BUILT
    assert [sentence.text for sentence in corpus.following(document.id, 0, 5)] == [BUILT]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def nearly_honest(draw: st.DrawFn) -> Any:
    """An honest answer of two passages in which one value, anywhere, is another."""
    whole: Any = found(passage(BUILT), passage(OWN, "docs/other.md"))
    held = whole
    while isinstance(held, dict | list) and held:
        key = draw(st.sampled_from(sorted(held) if isinstance(held, dict) else range(len(held))))
        if not isinstance(held[key], dict | list) or draw(st.booleans()):
            held[key] = draw(ANYTHING)
            return whole
        held = held[key]
    return whole


def test_whatever_a_site_answers_the_search_ends_with_the_own_passages(corpus: Corpus) -> None:
    told: list[Any] = []

    def behave(path: str, body: bytes, connection: socket.socket) -> None:
        connection.sendall(answer(told[-1]))

    with Hostile(behave) as site:

        @settings(max_examples=150, suppress_health_check=list(HealthCheck))
        @given(nearly_honest())
        def search(value: Any) -> None:
            told.append(value)
            asked = Asking(corpus, lab=site.url)
            assert "wheels.md" in asked.paths and len(asked.notes) <= 1
            for one in asked.passages:
                assert corpus.passages([one.chunk])[0].text == one.text
                for sentence in one.sentences:
                    assert corpus.text(one.document)[sentence.start : sentence.end] == sentence.text

        search()
