"""Tables of AsciiDoc: which lines are a row, and whether the first one names the columns."""

import re
from collections.abc import Iterator

from agentflow.corpus.blocks import BlockKind
from agentflow.corpus.readers.lines import SourceLine

SPEC = r"(?:(?:\d{1,3}(?:\.\d{1,3})?|\.\d{1,3})[+*])?(?:[<^>]?(?:\.[<^>])?)[adehlmsv]?"
CELL = re.compile(rf"(?:^|(?<=\s))({SPEC})(?<!\\)\|")
COLUMNS = re.compile(r"cols\s*=\s*(?:\"(?P<quoted>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^,\]]+))")
TIMES = re.compile(r"(\d{1,2})\*")
HEADED = re.compile(r"%header|options\s*=\s*\"?[\w,]*header|%[\w%]*header")
Row = tuple[BlockKind, int, int, int]  # kind, first line, line after it, characters to leave out


def table_rows(lines: list[SourceLine], at: int, end: int, style: str, mark: str) -> Iterator[Row]:
    """A row is as many cells as there are columns; where cells reach over several, or are written otherwise, a line."""
    filled = [number for number in range(at, end) if not lines[number].blank]
    cells = {number: CELL.findall(lines[number].text) for number in filled}
    if mark != "|" or any(re.search(r"\d[+*]", spec) for specs in cells.values() for spec in specs):
        groups = [[number] for number in filled]
    else:
        groups = _grouped(filled, cells, _columns(style))
    headed = bool(HEADED.search(style)) or _apart(lines, filled, cells)
    for place, group in enumerate(groups):
        text = lines[group[0]].text
        opening = re.match(rf"\s*{SPEC}\|\s*", text)
        kind: BlockKind = "columns" if headed and place == 0 and len(groups) > 1 else "row"
        yield kind, group[0], group[-1] + 1, opening.end() if opening and opening.end() < len(text) else 0


def _grouped(filled: list[int], cells: dict[int, list[str]], columns: int) -> list[list[int]]:
    columns = columns or (len(cells[filled[0]]) if filled else 0)
    groups: list[list[int]] = []
    taken = columns
    for number in filled:
        if (taken >= columns and cells[number]) or not groups:
            groups.append([])
            taken = 0
        groups[-1].append(number)
        taken += len(cells[number])
    return groups


def _columns(style: str) -> int:
    found = COLUMNS.search(style)
    if found is None:
        return 0
    said = (found["quoted"] or found["single"] or found["bare"] or "").strip()
    if said.isdigit() and len(said) < 3 and found["bare"]:
        return 1
    return sum(int(times[1]) if (times := TIMES.match(each.strip())) else 1 for each in re.split(r"[,;]", said))


def _apart(lines: list[SourceLine], filled: list[int], cells: dict[int, list[str]]) -> bool:
    """A first line of several cells with an empty line below is the head."""
    return len(filled) > 1 and len(cells[filled[0]]) > 1 and filled[1] > filled[0] + 1
