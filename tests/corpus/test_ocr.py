"""Scanned pages: read by text recognition page by page, each with its confidence, and going on where it was stopped."""

import io
import random
from pathlib import Path

import pytest

from agentflow.corpus.ingest.ingest import ingest
from agentflow.corpus.ingest.verify import verify
from agentflow.corpus.search.search import HybridSearcher
from agentflow.corpus.store import Corpus
from agentflow.events import Event, Progress

SIZE = 595, 260  # points; half the time of a reading goes with the paper
PAGES = [
    "The harbour of Tarn was closed in 1911. Its ledger names forty ships and their masters.",
    """In March 1923 the lighthouse burned down. The keeper, Anna Weiss, saved the lamp and two of the great lenses.
    Repairs took eleven weeks and cost 4,310 crowns, which the town council paid from the salt tax.""",
    """A new beacon was lit on 7 June 1923. It can be seen from nineteen miles, in fog from four.
    Pilots steer by it past the northern shoals, where the barge Cormorant sank in 1898.""",
]


def scanned(texts: list[str], from_page: int, dpi: int = 200) -> bytes:
    """A PDF whose pages from `from_page` (counted from 1) on are pictures with some noise, turned by half a degree."""
    import pypdfium2
    from PIL import Image
    from reportlab.lib.utils import ImageReader, simpleSplit
    from reportlab.pdfgen.canvas import Canvas

    def draw(canvas: Canvas, text: str) -> None:
        canvas.setFont("Times-Roman", 11)
        for number, line in enumerate(simpleSplit(" ".join(text.split()), "Times-Roman", 11, 400)):
            canvas.drawString(90, 200 - 15 * number, line)
        canvas.showPage()

    plain = io.BytesIO()
    canvas = Canvas(plain, pagesize=SIZE)
    for text in texts:
        draw(canvas, text)
    canvas.save()
    rng, drawn, mixed = random.Random(0), pypdfium2.PdfDocument(plain.getvalue()), io.BytesIO()
    canvas = Canvas(mixed, pagesize=SIZE)
    for number, text in enumerate(texts, 1):
        if number < from_page:
            draw(canvas, text)
            continue
        picture = drawn[number - 1].render(scale=dpi / 72).to_pil().convert("L")
        picture = picture.rotate(0.5, fillcolor=255, resample=Image.Resampling.BICUBIC)
        for _ in range(3000):
            picture.putpixel((rng.randrange(picture.width), rng.randrange(picture.height)), rng.randrange(256))
        canvas.drawImage(ImageReader(picture), 0, 0, *SIZE)
        canvas.showPage()
    canvas.save()
    return mixed.getvalue()


def errors(read: str, meant: str) -> float:
    """Character error rate: edits (Levenshtein) a character of what was meant, blanks and line ends alike."""
    read, meant = " ".join(read.split()), " ".join(meant.split())
    row = list(range(len(meant) + 1))
    for at, letter in enumerate(read, 1):
        before, row[0] = row[0], at
        for to, other in enumerate(meant, 1):
            before, row[to] = row[to], min(row[to] + 1, row[to - 1] + 1, before + (letter != other))
    return row[-1] / len(meant)


class Stop(Exception):
    """Somebody ends it here."""


@pytest.mark.timeout(900)
async def test_a_mixed_pdf_says_which_pages_were_read_how(corpus: Corpus, folder: Path) -> None:
    pytest.importorskip("rapidocr")
    (folder / "tarn.pdf").write_bytes(scanned(PAGES, from_page=2))

    def stop(event: Event) -> None:
        if isinstance(event, Progress) and event.task == "recognition":
            raise Stop

    with pytest.raises(Stop):
        await ingest(corpus, [folder], embedder=None, sink=stop)
    assert "pages 2, 3 of 3 with no text, only pictures" in dict(corpus.partly())["docs/tarn.pdf"]
    assert (await HybridSearcher(corpus, None).search("harbour of Tarn"))[0].path == "docs/tarn.pdf", "words at once"

    told: list[Progress] = []
    report = await ingest(
        corpus, [folder], embedder=None, sink=lambda e: told.append(e) if isinstance(e, Progress) else None
    )
    assert [(each.done, each.total) for each in told if each.task == "recognition"] == [(1, 1)], "page 2 was kept"
    assert "pages 2, 3 of 3 read by text recognition (OCR), " in dict(report.partly)["docs/tarn.pdf"]
    hit = (await HybridSearcher(corpus, None).search("who saved the lamp of the lighthouse"))[0]
    said = next(sentence for sentence in hit.sentences if "Anna Weiss" in sentence.text)
    place = corpus.locate(hit.document, said.start)
    assert place.page == 2 and place.ocr is not None and place.ocr > 0.9
    assert str(place).startswith("docs/tarn.pdf p. 2:") and str(place).endswith(f"(OCR, {place.ocr:.0%} sure)")
    first = (await HybridSearcher(corpus, None).search("ledger names forty ships"))[0]
    assert first.place.page == 1 and first.place.ocr is None
    assert errors(corpus.text(hit.document), " ".join(PAGES)) < 0.03
    again = await ingest(corpus, [folder], embedder=None)
    assert "docs/tarn.pdf" in again.unchanged and verify(corpus).problems == {}


@pytest.mark.timeout(900)
async def test_a_page_of_nothing_is_not_read_again_and_again(corpus: Corpus, folder: Path) -> None:
    pytest.importorskip("rapidocr")
    (folder / "blank.pdf").write_bytes(scanned([""], from_page=1))
    report = await ingest(corpus, [folder], embedder=None)
    assert [path for path, _ in report.failed] == ["docs/blank.pdf"]
    told: list[Event] = []
    await ingest(corpus, [folder], embedder=None, sink=told.append)
    assert not any(isinstance(event, Progress) and event.task == "recognition" for event in told)
