"""A picture as text for the terminal, as Mermaid, and as SVG."""

from xml.sax.saxutils import escape

from agentflow.workflow.parse import END
from agentflow.workflow.picture import GLYPHS, Box, Picture

LONGEST = 60
ROW, COLUMN, WIDTH, HEIGHT = 74, 250, 210, 44  # SVG units
COLOURS = {"map": "#e8f0fe", "loop": "#fef7e0", "branch": "#fce8e6", "end": "#e6f4ea", "start": "#e6f4ea"}

MARKER = 'id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"'
TIP = f'<defs><marker {MARKER}><path d="M0 0 8 4 0 8z"/></marker></defs>'


def as_text(picture: Picture) -> str:
    """One box a line in the order they run, maps and loops indented, arrows only where the next line is not next."""
    lines = [picture.title, ""]
    for position, box in enumerate(picture.boxes):
        rail = "│  " * picture.depth(box)
        lines.append(f"{rail}{GLYPHS.get(box.kind, '●')} {box.name}{_kind(box)}".rstrip())
        following = picture.boxes[position + 1].name if position + 1 < len(picture.boxes) else ""
        arrows = [arrow for arrow in picture.leaving(box.name) if not arrow.back and arrow.word not in ("each", "turn")]
        plain = len(arrows) == 1 and not arrows[0].word and arrows[0].target == following
        inside = any(arrow.word in ("each", "turn") for arrow in picture.leaving(box.name))
        if not plain:
            after = _after(picture, position)
            for arrow in arrows:
                if arrow.word or not (inside and arrow.target == after):
                    word = f"{_short(arrow.word)} " if arrow.word else ""
                    lines.append(f"{rail}│  └─ {word}→ {arrow.target}")
    return "\n".join(lines) + "\n"


def _after(picture: Picture, position: int) -> str:
    """The first box behind those inside the one at `position`."""
    depth = picture.depth(picture.boxes[position])
    later = picture.boxes[position + 1 :]
    return next((box.name for box in later if picture.depth(box) <= depth), "")


def _kind(box: Box) -> str:
    if box.kind in ("end", "start", "node"):
        return ""
    return f"  {box.kind}{': ' + _short(box.detail) if box.detail else ''}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def as_mermaid(picture: Picture) -> str:
    """A flowchart; names are quoted, so that no text of the file can be syntax."""
    lines = ["flowchart TD"]
    ids = {box.name: f"n{number}" for number, box in enumerate(picture.boxes)}
    for box in picture.boxes:
        text = f"{box.name}{'<br>' + _quoted(_kind(box).strip()) if _kind(box) else ''}"
        left, right = (
            ("{", "}") if box.kind == "branch" else ("([", "])") if box.kind in ("end", "start") else ("[", "]")
        )
        lines.append(f'  {ids[box.name]}{left}"{text}"{right}')
    for arrow in picture.arrows:
        word = f'|"{_quoted(_short(arrow.word))}"|' if arrow.word else ""
        lines.append(f"  {ids[arrow.source]} {'-.->' if arrow.back else '-->'}{word} {ids[arrow.target]}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return escape(text, {'"': "#quot;"})


def as_svg(picture: Picture) -> str:
    """Boxes in rows by their longest way from the start; no script, no outside reference."""
    rows = _rows(picture)
    columns: dict[int, int] = {}
    at: dict[str, tuple[int, int]] = {}
    for box in picture.boxes:
        row = rows[box.name]
        at[box.name] = (20 + columns.get(row, 0) * COLUMN, 20 + row * ROW)
        columns[row] = columns.get(row, 0) + 1
    width, height = 20 + COLUMN * max(columns.values()), 20 + ROW * (max(rows.values()) + 1)
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="13">',
        TIP,
        f"<title>{escape(picture.title)}</title>",
    ]
    for arrow in picture.arrows:
        parts.append(_line(at[arrow.source], at[arrow.target], arrow.word, arrow.back))
    for box in picture.boxes:
        parts.append(_box(box, *at[box.name]))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _rows(picture: Picture) -> dict[str, int]:
    rows = dict.fromkeys((box.name for box in picture.boxes), 0)
    ahead = [arrow for arrow in picture.arrows if not arrow.back]
    for _ in picture.boxes:
        for arrow in ahead:
            rows[arrow.target] = max(rows[arrow.target], min(rows[arrow.source] + 1, len(rows)))
    inside = {box.name: [item.name for item in picture.boxes if item.group == box.name] for box in picture.boxes}
    for box in picture.boxes:  # what follows a map or loop lies below what is inside it
        deepest = max((rows[name] for name in inside[box.name]), default=0)
        for arrow in picture.leaving(box.name):
            if arrow.word not in ("each", "turn") and not arrow.back and rows[arrow.target] <= deepest:
                _push(picture, rows, arrow.target, deepest + 1)
    return rows


def _push(picture: Picture, rows: dict[str, int], name: str, row: int) -> None:
    rows[name] = row
    for arrow in picture.leaving(name):
        if not arrow.back and rows[arrow.target] <= row < len(picture.boxes):
            _push(picture, rows, arrow.target, row + 1)


def _line(source: tuple[int, int], target: tuple[int, int], word: str, back: bool) -> str:
    x1, y1, x2, y2 = source[0] + WIDTH // 2, source[1] + HEIGHT, target[0] + WIDTH // 2, target[1]
    if back:
        side = max(source[0], target[0]) + WIDTH
        path = f"M{source[0] + WIDTH} {source[1] + HEIGHT // 2}C{side + 30} {source[1]} {side + 30} {target[1] + HEIGHT} {target[0] + WIDTH} {target[1] + HEIGHT // 2}"
    else:
        path = f"M{x1} {y1}C{x1} {y1 + 16} {x2} {y2 - 16} {x2} {y2}"
    dash = ' stroke-dasharray="4 3"' if back else ""
    text = (
        f'<text x="{(x1 + x2) // 2 + 6}" y="{(y1 + y2) // 2 + 4}" font-size="11" fill="#555">{escape(_short(word))}</text>'
        if word
        else ""
    )
    return f'<path d="{path}" fill="none" stroke="#777"{dash} marker-end="url(#tip)"/>{text}'


def _box(box: Box, x: int, y: int) -> str:
    fill = COLOURS.get(box.kind, "#ffffff")
    radius = 20 if box.name == END or box.kind == "start" else 6
    detail = escape(_short(_kind(box).strip())[:32])
    lines = f'<text x="{x + 10}" y="{y + 18}" font-weight="bold">{escape(box.name[:26])}</text>'
    lines += f'<text x="{x + 10}" y="{y + 35}" font-size="11" fill="#555">{detail}</text>'
    return f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="{radius}" fill="{fill}" stroke="#999"/>{lines}'
