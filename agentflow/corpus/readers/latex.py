"""LaTeX: the text as it is set, by pylatexenc; formulas stay as they are written. `line` is the line in the source."""

import warnings
from bisect import bisect_right
from typing import Any

from agentflow.corpus.blocks import BlockKind, Extract
from agentflow.corpus.dates import date_of_text
from agentflow.corpus.readers.decode import decode
from agentflow.corpus.readers.flow import Flow
from agentflow.corpus.readers.unreadable import Unreadable

LARGEST = 5_000_000
SECTIONS = ("part", "chapter", "section", "subsection", "subsubsection", "paragraph", "subparagraph")
LISTS = {"itemize", "enumerate", "description", "thebibliography"}
TABLES = {"tabular", "tabular*", "tabularx", "tabulary", "longtable", "array", "tblr"}
CODE = {"verbatim", "verbatim*", "lstlisting", "minted", "Verbatim", "alltt"}
FORMULAS = {"equation", "align", "gather", "multline", "eqnarray", "displaymath", "math", "alignat", "flalign"}
SILENT = {"comment", "tikzpicture", "filecontents", "pgfpicture"}
UNSET = set("newcommand renewcommand providecommand def let label usepackage documentclass newenvironment input include"
            " bibliography bibliographystyle maketitle tableofcontents includegraphics vspace hspace setlength pagestyle thispagestyle".split())  # fmt: skip
RULES = {"hline", "toprule", "midrule", "bottomrule", "cline", "cmidrule", "endhead", "endfoot", "endfirsthead"}
CITES = {"cite", "citep", "citet", "citealp", "autocite", "parencite", "textcite", "footcite"}
ABOUT = {"title": "title", "author": "author", "date": "date"}
Nodes = list[Any]


def read(content: bytes) -> Extract:
    """Raises Unreadable for texts that are too large or nested too deep. Damaged LaTeX is read as far as it makes sense."""
    from pylatexenc.latexwalker import LatexWalker, LatexWalkerError

    if len(content) > LARGEST:
        raise Unreadable(f"{len(content) / 1e6:.0f} MB of LaTeX is more than the limit of {LARGEST / 1e6:.0f} MB")
    source = decode(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            nodes, _, _ = LatexWalker(source, tolerant_parsing=True).get_latex_nodes()
            return Latex(source).extract(nodes)
    except RecursionError:
        raise Unreadable("nested too deep") from None
    except (LatexWalkerError, ValueError, IndexError, AttributeError, TypeError, KeyError, AssertionError) as error:
        raise Unreadable(f"damaged LaTeX ({type(error).__name__}: {error})") from error


class Latex:
    def __init__(self, source: str) -> None:
        from pylatexenc.latex2text import LatexNodes2Text

        self.source = source
        self.starts = [0, *(at + 1 for at, mark in enumerate(source) if mark == "\n")]
        self.flow = Flow()
        self.about: dict[str, str] = {}
        self.notes: list[tuple[str, int]] = []
        self.plain = LatexNodes2Text(math_mode="verbatim", keep_comments=False)

    def extract(self, nodes: Nodes) -> Extract:
        document = next((node for node in nodes if _environment(node) == "document"), None)
        self.head(nodes)
        if document is not None:
            self.head(document.nodelist)
        self.show(document.nodelist if document is not None else nodes, "prose")
        self.settle("prose")
        extract = self.flow.extract()
        extract.title, extract.author = self.about.get("title", ""), self.about.get("author", "")
        extract.date = date_of_text(self.about.get("date", ""))
        return extract

    def head(self, nodes: Nodes) -> None:
        for node in nodes:
            if (key := ABOUT.get(_macro(node))) and key not in self.about:
                self.about[key] = " ".join(self.text(_last(node)).split())

    def line(self, node: Any) -> int:
        return bisect_right(self.starts, node.pos)

    def text(self, nodes: Nodes) -> str:
        return str(self.plain.nodelist_to_text(nodes))

    def show(self, nodes: Nodes, kind: BlockKind) -> None:
        """Blocks open and close as the nodes tell; what stands between them is added to the open one."""
        for node in nodes:
            macro, environment = _macro(node), _environment(node)
            if environment:
                self.environment(node, environment, kind)
            elif macro in SECTIONS or macro in ("title", "caption"):
                self.heading(node, macro, kind)
            elif macro in ("item", "bibitem"):
                self.settle("item")
                self.inline(_last(node) if macro == "item" else [])
            elif getattr(node, "specials_chars", "") == "\n\n" or macro == "par":
                self.settle(kind)
            elif macro == "footnote":
                self.notes.append((self.text(_last(node)), self.line(node)))
            elif macro not in UNSET and macro not in ABOUT:
                self.inline([node], kind)

    def inline(self, nodes: Nodes, kind: BlockKind = "prose") -> None:
        for node in nodes:
            macro = _macro(node)
            if macro in CITES:
                self.flow.add(f"[{' '.join(self.text(_last(node)).split())}]", self.line(node))
            elif _kind(node) == "LatexGroupNode" and any(_environment(each) for each in node.nodelist):
                self.show(node.nodelist, kind)
            elif _kind(node) == "LatexMacroNode" and macro in ("\\", "newline"):
                self.flow.add(" ", self.line(node))
            elif _kind(node) != "LatexCommentNode":
                self.flow.add(self.text([node]), self.line(node))
                self.flow.add(getattr(node, "macro_post_space", "") and " ", self.line(node))

    def settle(self, after: BlockKind) -> None:
        """Ends the open block, and its footnotes with it."""
        self.flow.end()
        notes, self.notes = self.notes, []
        for text, line in notes:
            self.flow.put("item", text, line)
        self.flow.begin(after, 0)

    def heading(self, node: Any, macro: str, kind: BlockKind) -> None:
        self.settle(kind)
        self.flow.begin(
            "prose" if macro == "caption" else "heading", SECTIONS.index(macro) + 1 if macro in SECTIONS else 0
        )
        self.inline(_last(node))
        self.settle(kind)

    def environment(self, node: Any, environment: str, kind: BlockKind) -> None:
        bare = environment.rstrip("*")
        if bare in FORMULAS:
            self.flow.add(f" {self.source[node.pos : node.pos + node.len]} ", self.line(node))
            return
        if environment in SILENT:
            return
        self.settle(kind)
        if environment in CODE:
            self.code(node)
        elif environment in TABLES:
            self.table(node)
        else:
            self.show(node.nodelist, "item" if environment in LISTS else kind)
        self.settle(kind)

    def code(self, node: Any) -> None:
        first, *rest = self.source[node.pos : node.pos + node.len].split("\n")
        for number, line in enumerate(rest[:-1] if rest else [first], self.line(node) + bool(rest)):
            self.flow.put("code", line, number)

    def table(self, node: Any) -> None:
        rows: list[list[Nodes]] = [[[]]]
        for each in node.nodelist:
            if _macro(each) in ("\\", "tabularnewline"):
                rows.append([[]])
            elif getattr(each, "specials_chars", "") == "&":
                rows[-1].append([])
            elif _macro(each) not in RULES:
                rows[-1][-1].append(each)
        filled = [row for row in rows if any(self.text(cell).strip() for cell in row)]
        for number, row in enumerate(filled):
            line = self.line(next(each for cell in row for each in cell if self.text([each]).strip()))
            told = [(" ".join(self.text(cell).split()), line) for cell in row]
            self.flow.row(told, names=number == 0 and len(filled) > 1)


def _kind(node: Any) -> str:
    return type(node).__name__


def _macro(node: Any) -> str:
    return str(getattr(node, "macroname", "") or "")


def _environment(node: Any) -> str:
    return str(getattr(node, "environmentname", "") or "")


def _last(node: Any) -> Nodes:
    """The nodes of a macro's last argument."""
    arguments = [each for each in (getattr(node.nodeargd, "argnlist", None) or ()) if each is not None]
    if not arguments:
        return []
    last = arguments[-1]
    return list(last.nodelist) if hasattr(last, "nodelist") else [last]
