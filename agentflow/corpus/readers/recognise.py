"""The process that reads pictures of pages: PDFium draws a page, RapidOCR (PP-OCR on onnxruntime) reads it.

Requests and answers as in child.py: {"size", "seconds", "page"}, then {"pieces": [...]} as `Scans` describes them. The
models lie in the package: nothing is downloaded.
"""

from functools import cache
from typing import Any

from agentflow.corpus.readers.child import serve

DPI = 200
MEMORY = 8_000_000_000  # bytes of address space; onnxruntime reserves more than it uses
THREADS = {
    f"EngineConfig.onnxruntime.{name}_num_threads": 1 for name in ("intra_op", "inter_op")
}  # idle ones would spin
LARGEST = 20_000_000  # dots of one page


@cache
def open_engine() -> Any:
    import logging

    from rapidocr import RapidOCR

    logging.disable(logging.CRITICAL)
    return RapidOCR(params={"Global.log_level": "critical", "Global.max_side_len": 4000, **THREADS})


def recognised(request: dict[str, Any], content: bytes) -> dict[str, Any]:
    engine = open_engine()
    try:
        return {"pieces": page_pieces(content, request["page"], engine)}
    except MemoryError:
        return {"unreadable": f"needs more than {MEMORY / 1e9:.0f} GB of memory to recognise"}
    except Exception as error:  # noqa: BLE001 - PDFium, OpenCV and onnxruntime have kinds of their own for damaged pictures
        return {"unreadable": f"its text cannot be recognised ({type(error).__name__}: {error})"[:300]}


def page_pieces(content: bytes, number: int, engine: Any) -> list[list[Any]]:
    """The lines of a page, from 1, as (text, left, right, baseline, height, confidence), places in points."""
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    try:
        page = document[number - 1]
        scale = min(DPI / 72, (LARGEST / max(page.get_width() * page.get_height(), 1)) ** 0.5)
        picture = page.render(scale=scale, may_draw_forms=False, rev_byteorder=False).to_numpy()
    finally:
        document.close()
    found = engine(picture[:, :, :3])
    if found.boxes is None:
        return []
    return [
        _piece(box, text, score, scale) for box, text, score in zip(found.boxes, found.txts, found.scores, strict=True)
    ]


def _piece(box: Any, text: str, score: float, scale: float) -> list[Any]:
    xs, ys = [float(x) / scale for x, _ in box], [float(y) / scale for _, y in box]
    height = max(ys) - min(ys)
    size = 0.75 * height  # the box stands a little over the letters
    return [text.strip(), min(xs), max(xs), max(ys) - 0.22 * height, size, round(float(score), 4)]


if __name__ == "__main__":
    serve(MEMORY, recognised)
