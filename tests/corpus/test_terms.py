"""Words are found whatever their letters, script and punctuation; the text itself stays as it is."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentflow.corpus.evidence import one_line
from agentflow.corpus.index.lexical import bm25
from agentflow.corpus.ingest.ingest import ingest
from agentflow.corpus.ingest.verify import verify
from agentflow.corpus.store import Corpus
from agentflow.corpus.terms import indexed, query_terms

TEXTS = {
    "ligature": "The traﬃc office has ﬁve ﬂoors.",
    "hyphens": "The admin\u00adis\u00adtra\u00adtion of tim\u200bber.",
    "decomposed": "Le the\u0301a\u0302tre de Besanc\u0327on.",
    "chinese": "图书馆的开放时间是上午九点。",
    "japanese": "この橋の長さは四百メートルです。",
    "thai": "ตลาดปิดทุกวันอาทิตย์",
    "wrapped": "这座石\n桥是去年修好的，\n在ทุ่งหญ้าริมแม่\nน้ำของตำบล。",
    "korean": "박물관에서 사진을 찍을 수 있습니다.",
    "hindi": "पुल की ऊँचाई बीस मीटर है।",
    "arabic": "المَكتَبة مفتوحة اليوم.",
    "broken": "They spoke of gov-\nernment and of a short-\nterm loan.",
    "version": "Version 7.2.11 and CVE-2031-4410, see RFC-9110 and section 4.2.",
    "decoy": "Version 2.7.11, 11.2.7 and 7.11.2; in 2031, of 4410 things, section 2.4.",
    "prefixed": "Mended in v6.1.20 and in ver.8.3.",
    "prefixed decoy": "Mended in v6.1.2, v20.6.1 and in ver.3.8 and 8.30.",
    "amount": "It has 48,210 books.",
}


@pytest.fixture
async def many(corpus: Corpus, tmp_path: Path) -> Corpus:
    folder = tmp_path / "many"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / f"{name}.txt").write_text(text, "utf-8")
    await ingest(corpus, [folder], embedder=None)
    return corpus


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("traffic", "ligature"),
        ("five floors", "ligature"),
        ("administration", "hyphens"),
        ("timber", "hyphens"),
        ("théâtre", "decomposed"),
        ("BESANCON", "decomposed"),
        ("开放时间", "chinese"),
        ("图书馆几点开门？", "chinese"),
        ("What was mended in 6.1.20?", "prefixed"),
        ("v8.3", "prefixed"),
        ("V6.1.20", "prefixed"),
        ("橋", "japanese"),
        ("メートル", "japanese"),
        ("วันอาทิตย์", "thai"),
        ("ตลาด", "thai"),
        ("石桥", "wrapped"),
        ("แม่น้ำ", "wrapped"),
        ("박물관", "korean"),
        ("사진", "korean"),
        ("ऊँचाई", "hindi"),
        ("المكتبة", "arabic"),
        ("government", "broken"),
        ("short-term", "broken"),
        ("7.2.11", "version"),
        ("CVE-2031-4410", "version"),
        ("RFC 9110", "version"),
        ("rfc9110", "version"),
        ("4.2", "version"),
        ("48210", "amount"),
    ],
)
async def test_a_word_is_found_however_it_is_written(many: Corpus, query: str, name: str) -> None:
    best = many.passage(bm25(many, query, 1)[0][0])
    assert best.path == f"many/{name}.txt"
    assert best.text == TEXTS[name], "what is quoted is the file's own text"


def test_a_quote_on_one_line_has_no_blank_where_its_script_sets_none() -> None:
    assert one_line("这座石\n桥是去年修好的，\n在河边。") == "这座石桥是去年修好的，在河边。"
    assert one_line("ริมแม่\nน้ำ") == "ริมแม่น้ำ"
    assert one_line("우물의\n깊이는 twelve\nmetres") == "우물의 깊이는 twelve metres"


async def test_an_index_of_an_older_version_is_made_anew_and_it_says_so(many: Corpus) -> None:
    many.db.execute("INSERT INTO chunks_fts(chunks_fts) VALUES ('delete-all')")
    many.db.execute("UPDATE corpus_meta SET value = '0' WHERE name = 'words'")
    assert not bm25(many, "traffic", 1)
    again = Corpus.open(many.path)
    assert again.notes == [f"the word index of an older version was rebuilt for {len(TEXTS)} passages"]
    assert bm25(again, "traffic", 1) and not verify(again).problems
    again.close()
    third = Corpus.open(many.path)
    assert third.notes == []
    third.close()


@given(st.text())
@settings(max_examples=100, deadline=None)
def test_every_term_of_a_text_is_in_what_is_indexed(text: str) -> None:
    held = indexed(text)
    assert all(term in held for term in query_terms(text) if term.isalnum() and term.isascii())
