"""The macros of mdoc(7), the manual pages of the BSD systems: sections, lists and displays."""

from agentflow.corpus.readers.roff.man import Man
from agentflow.corpus.readers.roff.mdoc_words import MACROS, Given, Words, tokens
from agentflow.corpus.readers.roff.page import RoffPage

LEVELS = {"Sh": 1, "Ss": 2}
BREAKS = {"Pp", "Lp", "Rs", "Re"}
STARTS = {"Nm", "Fn", "Fo", "In", "Fd", "Ft", "Vt", "Cd"}  # each a line of its own in a synopsis


class Mdoc:
    """Macros of man(7) that stand in such a page all the same are left to `Man`."""

    def __init__(self, page: RoffPage) -> None:
        self.page = page
        self.man = Man(page)
        self.title = ""
        self.date = ""
        self.name = ""
        self.synopsis = False
        self.lists: list[str] = []
        self.arguments = 0  # of a function that is still open, and one

    def request(self, name: str, rest: str, number: int) -> None:
        page = self.page
        given = [Given(page.escapes.shown(text), quoted=quoted) for text, quoted in tokens(rest)]
        texts = [token.text for token in given]
        if name in LEVELS:
            page.filled, self.synopsis = True, texts == ["SYNOPSIS"]
            page.start("heading", LEVELS[name])
            page.put(self.words("No", given), number)
            page.start("prose")
        elif name in BREAKS:
            page.paragraph()
        elif name in ("Bl", "El", "Bd", "Ed"):
            self.bounds(name, texts)
        elif name == "It":
            self.item(given, number)
        elif name in ("Dl", "D1"):
            page.code(self.words("No", given), number)
        elif name == "Dd":
            self.date = " ".join(text for text in texts if not text.startswith("$"))
        elif name == "Dt" and texts:
            self.title = texts[0].lower() + (f"({texts[1]})" if texts[1:] else "")
        elif name in MACROS:
            self.shown(name, given, number)
        elif name not in ("Os", "Sm", "Bk", "Ek", "Bf", "Ef", "Tg", "Db"):
            self.man.request(name, rest, number)

    def shown(self, name: str, given: list[Given], number: int) -> None:
        page = self.page
        if name == "Nm" and given and not self.name:
            self.name = given[0].text
        if self.synopsis and name in STARTS:
            page.start("prose")
        if name == "Nd":
            page.put("–", number)
        if name == "In" and self.synopsis:
            page.put("#include", number)
        if name == "Fa" and self.arguments:
            page.glued = True
            page.put("," if self.arguments > 1 else "", number)
            page.glued = self.arguments == 1
        self.arguments = 1 if name == "Fo" else self.arguments + 1 if name == "Fa" and self.arguments else 0
        attached = name in ("Oc", "Ac", "Bc", "Brc", "Pc", "Dc", "Sc", "Qc", "Ns", "Ap", "Fc")
        words = Words(self.name)
        text = words.line(name, given)
        page.glued = page.glued or attached
        page.put(text, number)
        page.glued = words.glued if words.parts else attached

    def words(self, name: str, given: list[Given]) -> str:
        return Words(self.name).line(name, given)

    def bounds(self, name: str, texts: list[str]) -> None:
        """A list or display begins or ends."""
        page = self.page
        if name == "Bl":
            self.lists.append(texts[0] if texts else "")
        elif name == "El" and self.lists:
            self.lists.pop()
        if name == "Bd" and {"-literal", "-unfilled"} & set(texts):
            page.fill(filled=False)
        elif name == "Ed":
            page.fill(filled=True)
        elif not page.bare():
            page.start("prose")

    def item(self, given: list[Given], number: int) -> None:
        page = self.page
        if self.lists and self.lists[-1] == "-column":
            page.start("row")
            cells: list[list[Given]] = [[]]
            for token in given:
                first, *more = token.text.split("\t")
                if token.text == "Ta" and not token.quoted:
                    cells.append([])
                    continue
                cells[-1].append(Given(first, token.quoted))
                cells += [[Given(text, token.quoted)] for text in more]
            for at, cell in enumerate(cells):
                if at:
                    page.flow.cell(number)
                page.put(self.words("No", cell), number)
            return
        page.start("item", tagged=bool(given))
        if given:
            page.put(self.words("No", given), number)
