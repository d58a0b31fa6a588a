"""The macros of man(7), with those of pod2man, rst2man, docbook-xsl and Tcl that show words."""

import re

from agentflow.corpus.readers.roff.lines import arguments
from agentflow.corpus.readers.roff.page import RoffPage

FONTS = set("B I SM SB BR BI IB IR RB RI R CW ZN PN C CB CI".split())
TOGETHER = {"BR", "BI", "IB", "IR", "RB", "RI"}  # their words stand without blanks
PARAGRAPHS = {"PP", "LP", "P", "HP", "sp", "Sp", "QP", "bp", "in", "SP"}
FILLED = {"nf": False, "EX": False, "Vb": False, "CS": False, "EQ": False, "DS": False, "fi": True, "EE": True, "Ve": True,
          "CE": True, "EN": True, "DE": True}  # fmt: skip
OTHERS = {"TP", "TQ", "RS", "RE", "INDENT", "UNINDENT", "YS", "IP", "TH", "UR", "UE", "MT", "ME", "URL", "MTO", "SY", "OP", "MR",
          "QW", "PQ", "AP", "so", "br", "ti", "ce", "TS", "TE", "IX"}  # fmt: skip
LEVELS = {"SH": 1, "SS": 2, "Sh": 2, "Ss": 2}
KNOWN = frozenset({*FONTS, *PARAGRAPHS, *FILLED, *LEVELS, *OTHERS})


class Man:
    def __init__(self, page: RoffPage) -> None:
        self.page = page
        self.title = ""
        self.date = ""
        self.address = ""

    def request(self, name: str, rest: str, number: int) -> None:
        page = self.page
        if name in FONTS:
            page.put(self.inline(name, rest), number, glues=rest.endswith("\\c"))
        elif name in PARAGRAPHS:
            page.paragraph()
        elif name in ("br", "ti", "ce"):
            page.line_break()
        elif name in ("TP", "TQ"):
            if name == "TP" or not page.bare():
                page.start("item", tagged=True)
        elif name in FILLED:
            page.fill(FILLED[name])
        elif name in LEVELS:
            page.filled = True
            page.start("heading", LEVELS[name])
            page.put(self.words(rest), number)
        elif name in ("RS", "INDENT"):
            page.indent()
        elif name in ("RE", "UNINDENT", "YS"):
            page.start("prose")
        else:
            self.rare(name, rest, number)

    def rare(self, name: str, rest: str, number: int) -> None:
        page = self.page
        given = [page.escapes.shown(each) for each in arguments(rest)]
        if name == "IP":
            if given and given[0].strip():
                page.start("item", tagged=True)
                page.put(given[0], number)
            else:
                page.start("prose")
        elif name == "TH" and not self.title and given:
            self.title = _called(given[0]) + (f"({given[1]})" if given[1:] else "")
            self.date = given[2] if given[2:] else ""
        elif name in ("UR", "MT"):
            self.address = given[0] if given else ""
        elif name in ("UE", "ME"):
            page.put(f"<{self.address}>{''.join(given[:1])}", number)
        elif name in ("URL", "MTO") and given:
            page.put(f"{''.join(given[1:2])} <{given[0]}>{''.join(given[2:3])}", number)
        elif name == "SY":
            page.start("prose")
            page.put(" ".join(given), number)
        elif name == "OP":
            page.put(f"[{' '.join(given)}]", number)
        elif name == "MR":
            page.put(f"{''.join(given[:1])}({''.join(given[1:2])}){''.join(given[2:3])}", number)
        elif name in ("QW", "PQ"):
            page.put(f"“{' '.join(given)}”" if name == "QW" else f"(“{' '.join(given)}”)", number)
        elif name == "AP":
            page.start("item", tagged=True)
            page.put(" ".join(given), number)
        elif name == "so" and given:
            page.put(given[0], number)

    def inline(self, name: str, rest: str) -> str:
        """What a macro of fonts shows; nothing for others."""
        if name in TOGETHER:
            return "".join(self.page.escapes.shown(each) for each in arguments(rest))
        return self.words(rest) if name in FONTS else ""

    def words(self, rest: str) -> str:
        return " ".join(self.page.escapes.shown(each) for each in arguments(rest))


def _called(name: str) -> str:
    """Many pages write their name in capitals, the program's is not."""
    return name.lower() if re.fullmatch(r"[^a-z]*", name) else name
