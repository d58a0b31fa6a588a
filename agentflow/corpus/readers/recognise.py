"""The process that reads pictures of pages: PDFium draws a page, RapidOCR (PP-OCR on onnxruntime) reads it.

Requests and answers as in child.py: {"size", "seconds", "page"}, then {"pieces": [...]} as `Scans` describes them. The
models lie in the package: nothing is downloaded.
"""

import json
import resource
import sys
from typing import Any, BinaryIO

DPI = 200
MEMORY = 8_000_000_000  # bytes of address space; onnxruntime reserves more than it uses
THREADS = {
    f"EngineConfig.onnxruntime.{name}_num_threads": 1 for name in ("intra_op", "inter_op")
}  # idle ones would spin
LARGEST = 20_000_000  # dots of one page


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it writes no file
    source, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    engine = open_engine()
    while line := source.readline():
        answer(source, answers, json.loads(line), engine)


def open_engine() -> Any:
    import logging

    from rapidocr import RapidOCR

    logging.disable(logging.CRITICAL)
    return RapidOCR(params={"Global.log_level": "critical", "Global.max_side_len": 4000, **THREADS})


def answer(source: BinaryIO, answers: BinaryIO, request: dict[str, Any], engine: Any) -> None:
    content = source.read(request["size"])
    try:
        result: dict[str, Any] = {"pieces": page_pieces(content, request["page"], engine)}
    except MemoryError:
        result = {"unreadable": f"needs more than {MEMORY / 1e9:.0f} GB of memory to recognise"}
    except Exception as error:  # noqa: BLE001 - PDFium, OpenCV and onnxruntime have kinds of their own for damaged pictures
        result = {"unreadable": f"its text cannot be recognised ({type(error).__name__}: {error})"[:300]}
    answers.write(json.dumps(result).encode() + b"\n")
    answers.flush()


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
    main()
