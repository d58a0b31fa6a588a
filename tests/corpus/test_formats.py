"""One fact in each format, in ten languages: found by its words in the first three, quoted whole, with its place."""

from pathlib import Path

import pytest

from agentflow.corpus.ingest import ingest
from agentflow.corpus.search import HybridSearcher
from agentflow.corpus.store import Corpus
from tests.corpus.made import FILES

# File, query, fact, place behind the file's name.
FACTS = [
    ("talk.pptx", "lighthouse Skerrow painted", "The lighthouse of Skerrow was painted red in 1931.", " (slide 2):2"),
    ("table.pptx", "Brücke Ahlen Gewicht", "Die Brücke von Ahlen trägt 38 Tonnen.", " (slide 2):3"),
    ("notes.pptx", "moulin Verzac construit", "Le moulin de Verzac fut construit en 1742.", " (slide 2):2"),
    ("group.pptx", "puente Olmara largo", "El puente de Olmara mide 212 metros de largo.", " (slide 2):2"),
    ("costs.xlsx", "Turm Velden Treppe Stufen", "Der Turm von Velden hat 311 Stufen.", " (sheet Costs):3"),
    ("notes.odt", "маяк Каменка высота", "Маяк в Каменке имеет высоту 47 метров.", ":3"),
    ("table.odt", "瓶窑镇 桥 长度", "瓶窑镇的石桥长八十六米。", ":3"),
    ("costs.ods", "北浜 灯台 建設", "北浜の灯台は大正九年に建てられた。", " (sheet Costs):5"),
    ("talk.odp", "솔내 다리 길이", "솔내 다리의 길이는 구십이 미터이다.", " (slide 2):2"),
    ("book.epub", "منارة رأس الزيت ارتفاع", "يبلغ ارتفاع منارة رأس الزيت ستين مترا.", " (chapter 2):2"),
    ("letter.eml", "φάρος Καλύβας ύψος", "Ο φάρος της Καλύβας έχει ύψος 29 μέτρα.", ":8"),
    ("box.mbox", "most Zalewice ciężar", "Most w Zalewicach wytrzymuje ciężar 19 ton.", " (message 2):8"),
    ("notes.docx", "दीपगढ़ पुल लंबाई", "दीपगढ़ के पुल की लंबाई 140 मीटर है।", ":3"),
    ("notes.tex", "harbour Quillmouth dredged", "The harbour of Quillmouth was dredged in 1888.", ":8"),
    ("table.tex", "Wehr Tannau Breite", "Das Wehr von Tannau ist 14 Meter breit.", ":11"),
    ("list.tex", "écluse Brevon largeur", "L'écluse de Brevon a une largeur de 9 mètres.", ":10"),
    ("notes.org", "granero Villora trigo", "El granero de Villora guarda 700 sacos de trigo.", ":5"),
    ("table.org", "мельница Дубровка жернова", "Мельница в Дубровке имеет три жернова.", ":4"),
    ("refs.bib", "eel Marrowmere migration", "The eel of Marrowmere migrates in late October.", ":3"),
    ("data.xml", "Orgel Seckau Pfeifen", "Die Orgel von Seckau hat 2114 Pfeifen.", ":3"),
    ("doc.xml", "cloche Aubrac poids", "La cloche d'Aubrac pèse 870 kilos.", ":3"),
    ("utf16.xml", "campana Moraleda peso", "La campana de Moraleda pesa 640 kilos.", ":2"),
    ("data.json", "часы Липовка башня", "Часы на башне Липовки спешат на шесть минут.", ":7"),
    ("deep.json", "青石镇 钟楼 高度", "青石镇的钟楼高三十三米。", ":1"),
    ("csl.json", "藤川 水車 直径", "藤川の水車は直径五メートルである。", ":2"),
    ("lines.jsonl", "달맞이 등대 불빛", "달맞이 등대의 불빛은 이십 킬로미터까지 보인다.", ":2"),
    ("files.zip", "قلعة وادي النخيل أبراج", "لقلعة وادي النخيل سبعة أبراج.", " (file a/two.md):3"),
    (
        "talk.zip",
        "γεφύρι Δρακόλιμνης τόξα",
        "Το γεφύρι της Δρακόλιμνης έχει πέντε τόξα.",
        " (file talk.pptx, slide 2):2",
    ),
    ("notes.txt", "wieża Kruszyn schody", "Wieża w Kruszynie ma 95 schodów.", ":3"),
    ("utf16.txt", "सोनपुर मीनार सीढ़ियां", "सोनपुर की मीनार में 180 सीढ़ियां हैं।", ":3"),
    ("notes.md", "ferry Dunmarrow crossing", "The ferry of Dunmarrow takes 40 minutes.", ":9"),
    ("table.md", "Brunnen Hallwang tief", "Der Brunnen von Hallwang ist 52 Meter tief.", ":3"),
    ("notes.rst", "phare Kermeur portée", "Le phare de Kermeur a une portée de 21 milles.", ":6"),
    ("page.html", "faro Punta Lisa alcance", "El faro de Punta Lisa alcanza 18 millas.", ":3"),
    ("table.html", "плотина Сосновка длина", "Плотина в Сосновке имеет длину 310 метров.", ":2"),
    ("table.csv", "双河村 水塔 容量", "双河村的水塔可存九百吨水。", ":2"),
    ("table.tsv", "鷹取 吊り橋 全長", "鷹取の吊り橋は全長百二十メートルである。", ":2"),
    ("notes.rtf", "느티골 우물 깊이", "느티골 우물의 깊이는 열두 미터이다.", ":2"),
    ("book.ipynb", "سد عين الورد طول", "يبلغ طول سد عين الورد مئتي متر.", ":1"),
    ("code.py", "μύλος Αλατόβρυσης πέτρες", "Ο μύλος της Αλατόβρυσης έχει τρεις πέτρες.", ":2"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("formats") / "docs"
    root.mkdir()
    for name, _, fact, _ in FACTS:
        (root / name).write_bytes(FILES[name](fact))
    return root


@pytest.fixture(scope="module")
async def filled(folder: Path) -> Corpus:
    corpus = Corpus.open(folder.parent / ".agentflow" / "agentflow.db", create=True)
    await ingest(corpus, [folder], embedder=None)
    return corpus


def test_every_format_has_its_fact(filled: Corpus) -> None:
    assert {name for name, *_ in FACTS} == set(FILES)
    assert filled.status().failed == []


@pytest.mark.parametrize(("name", "query", "fact", "place"), FACTS, ids=[name for name, *_ in FACTS])
async def test_a_fact_is_found_and_quoted(filled: Corpus, name: str, query: str, fact: str, place: str) -> None:
    found = [each for each in await HybridSearcher(filled, None).search(query, k=3) if each.path == f"docs/{name}"]
    assert found, "not in the first three"
    quote = next(each for each in found[0].sentences if fact in each.text)
    assert quote.citable
    at = quote.start + quote.text.index(fact)
    assert filled.text(quote.document)[at : at + len(fact)] == fact
    assert str(filled.locate(quote.document, at)) == f"docs/{name}{place}"
