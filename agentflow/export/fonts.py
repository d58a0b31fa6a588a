"""A font of this machine that holds a text's letters: PDF's own fonts know Western ones alone."""

import sys
from functools import cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

FOLDERS = {
    "darwin": ("/System/Library/Fonts", "/System/Library/Fonts/Supplemental", "/Library/Fonts", "~/Library/Fonts"),
    "win32": ("C:/Windows/Fonts",),
}
ELSEWHERE = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
# of each family its plain, bold, italic and bold italic file; a missing one is set in the plain one
FAMILIES = (
    ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSans-Oblique.ttf", "DejaVuSans-BoldOblique.ttf"),
    ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf", "NotoSans-Italic.ttf", "NotoSans-BoldItalic.ttf"),
    ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf", "LiberationSans-Italic.ttf", "LiberationSans-BoldItalic.ttf"),
    ("Arial Unicode.ttf",) * 4,
    ("arial.ttf", "arialbd.ttf", "ariali.ttf", "arialbi.ttf"),
    ("Arial.ttf", "Arial Bold.ttf", "Arial Italic.ttf", "Arial Bold Italic.ttf"),
    ("Vera.ttf", "VeraBd.ttf", "VeraIt.ttf", "VeraBI.ttf"),  # comes with reportlab
)  # fmt: skip
STYLES = ("", "-Bold", "-Italic", "-BoldItalic")


def choose(text: str) -> tuple[str, str]:
    """(name of a registered family, the characters of the text that it does not hold)."""
    wanted = {char for char in text if not char.isspace()}
    held = {name: _glyphs(name) for name in map(_register, FAMILIES) if name}
    best = max(held, key=lambda name: len(wanted & held[name]))
    return best, "".join(sorted(wanted - held[best]))


@cache
def _register(family: tuple[str, ...]) -> str:
    """The family's name, empty when this machine does not have it."""
    files = _files()
    if not (plain := files.get(family[0])):
        return ""
    name = Path(family[0]).stem
    try:
        for style, file in zip(STYLES, family, strict=True):
            pdfmetrics.registerFont(TTFont(name + style, str(files.get(file, plain))))
    except (TTFError, OSError):
        return ""
    pdfmetrics.registerFontFamily(name, name, *(name + style for style in STYLES[1:]))
    return name


def _glyphs(name: str) -> set[str]:
    return {chr(code) for code in pdfmetrics.getFont(name).face.charToGlyph}


@cache
def _files() -> dict[str, Path]:
    import reportlab

    folders = [Path(reportlab.__file__).with_name("fonts")]
    folders += [Path(folder).expanduser() for folder in FOLDERS.get(sys.platform, ELSEWHERE)]
    wanted = {file for family in FAMILIES for file in family}
    return {path.name: path for folder in folders for path in folder.rglob("*.ttf") if path.name in wanted}
