"""A document put together from several texts, each with a name of its own: slides, chapters, files of an archive."""

from dataclasses import replace

from agentflow.corpus.blocks import Block, Extract


class Parts:
    """`add` each part in order; `extract` is the whole."""

    def __init__(self) -> None:
        self.extract = Extract("")
        self.pieces: list[str] = []
        self.size = 0

    def add(self, label: str, part: Extract, heading: str = "") -> None:
        """`heading` stands over the part, whose own headings are then one level deeper. Parts of the part keep their
        names: `file talk.pptx, slide 3`."""
        if not part.text.strip():
            return
        top, whole = self.size, self.extract
        whole.pages.append(top)
        whole.labels.append(label)
        if heading:
            whole.blocks.append(Block("heading", top, top + len(heading), 1))
            self._text(heading + "\n")
        start = self.size
        names = part.labels or [f"page {number}" for number in range(1, len(part.pages) + 1)]
        for offset, name in zip(part.pages, names, strict=True):
            whole.pages.append(start + offset)
            whole.labels.append(f"{label}, {name}")
        if heading and not part.pages and not part.lines:
            whole.pages.append(start)  # its lines are counted below the heading, which is not its own
            whole.labels.append(label)
        whole.lines += [(start + offset, line) for offset, line in part.lines]
        deeper = 1 if heading else 0
        whole.blocks += [
            replace(each, start=each.start + start, end=each.end + start, level=each.level + deeper * (each.kind == "heading" or each.level > 0))
            for each in part.blocks
        ]  # fmt: skip
        self._text(part.text if part.text.endswith("\n") else part.text + "\n")

    def finish(self) -> Extract:
        self.extract.text = "".join(self.pieces)
        return self.extract

    def _text(self, text: str) -> None:
        self.pieces.append(text)
        self.size += len(text)
