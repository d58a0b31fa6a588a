"""A line of mdoc(7) macros as it is read: options with their hyphens, brackets and quotes closed, blanks where they belong."""

import re
from typing import NamedTuple

from agentflow.corpus.readers.roff.lines import ARGUMENT

# To the end of the line, and over lines by an opening and a closing macro.
AROUND = {
    "Op": "[]", "Aq": "<>", "Bq": "[]", "Brq": "{}", "Pq": "()", "Dq": "“”", "Sq": "‘’", "Qq": '""', "Ql": "‘’", "En": "“”",
}  # fmt: skip
OPENING = {"Oo": "[", "Ao": "<", "Bo": "[", "Bro": "{", "Po": "(", "Do": "“", "So": "‘", "Qo": '"'}
CLOSING = {"Oc": "]", "Ac": ">", "Bc": "]", "Brc": "}", "Pc": ")", "Dc": "”", "Sc": "’", "Qc": '"'}
PLAIN = set("Ar Cm Ic Li Pa Em Sy No Tn Va Vt Ev Er Dv Ad An Fa Ft Cd Ms Mt Lb Xc Xo Nd Fd Bsx Dx At St Ex Rv Es Sx Ot Bt Ud"
            " %A %B %C %D %I %J %N %O %P %Q %R %T %U %V".split())  # fmt: skip
NAMES = {"Ux": "UNIX", "Bx": "BSD", "Fx": "FreeBSD", "Nx": "NetBSD", "Ox": "OpenBSD", "At": "AT&T UNIX"}
OTHERS = {"Fl", "Nm", "Xr", "Fn", "Fo", "Fc", "In", "Lk", "Ns", "Ap", "Pf", "Ta"}
MACROS = {*AROUND, *OPENING, *CLOSING, *PLAIN, *NAMES, *OTHERS}
CLOSERS = re.compile(r"[.,;:!?)\]]")
OPENERS = re.compile(r"[(\[]")
SAID = {
    "Ex": "The utility exits 0 on success, and >0 if an error occurs.",
    "Rv": "Upon successful completion, the value 0 is returned; otherwise the value -1 is returned and errno is set.",
}


class Given(NamedTuple):
    text: str
    quoted: bool


def tokens(rest: str) -> list[Given]:
    return [
        Given(match["quoted"].replace('""', '"'), quoted=True) if match["quoted"] is not None else Given(match["bare"], quoted=False)
        for match in ARGUMENT.finditer(rest)
    ]  # fmt: skip


class Words:
    """`glued`: what comes next stands without a blank. `name` is what the page is of."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.parts: list[str] = []
        self.glued = True
        self.macro = ""
        self.given = 0  # arguments of the macro so far
        self.pending: list[str] = []

    def line(self, macro: str, given: list[Given]) -> str:
        end = len(given)
        while end and not given[end - 1].quoted and CLOSERS.fullmatch(given[end - 1].text):
            end -= 1
        self.begin(macro)
        for token in given[:end]:
            if not token.quoted and token.text in MACROS:
                self.finish()
                self.begin(token.text)
            else:
                self.word(token)
        self.finish()
        while self.pending:
            self.add(self.pending.pop(), left=True)
        for token in given[end:]:
            self.add(token.text, left=True)
        return "".join(self.parts)

    def add(self, text: str, *, left: bool = False, right: bool = False) -> None:
        self.parts.append(text if left or self.glued else f" {text}")
        self.glued = right

    def begin(self, macro: str) -> None:
        self.macro, self.given = macro, 0
        if macro in AROUND:
            self.add(AROUND[macro][0], right=True)
            self.pending.append(AROUND[macro][1])
        elif macro in OPENING:
            self.add(OPENING[macro], right=True)
        elif macro in CLOSING:
            self.add(CLOSING[macro], left=True)
        elif macro == "Ns":
            self.glued = True
        elif macro == "Ap":
            self.add("'", left=True, right=True)
        elif macro in NAMES:
            self.add(NAMES[macro])
        elif macro == "Fc":
            self.add(")", left=True)

    def word(self, token: Given) -> None:
        text, macro = token.text, self.macro
        if not token.quoted and CLOSERS.fullmatch(text):
            self.finish(punctuation=True)
            self.add(text, left=True)
            return
        if not token.quoted and OPENERS.fullmatch(text):
            self.add(text, right=True)
            return
        self.given += 1
        if macro == "Fl":
            self.add(f"-{text}")
        elif macro in ("Xr", "Fn", "Fo") and self.given == 1:
            self.add(text)
            if macro != "Xr":
                self.add("(", left=True, right=True)
        elif macro == "Xr" and self.given == 2:
            self.add(f"({text})", left=True)
        elif macro == "Fn" and self.given > 2:
            self.add(",", left=True)
            self.add(text)
        elif macro in ("Nx", "Fx", "Ox", "Bx", "At") and self.given == 1:
            self.add(text)
        elif macro == "In":
            self.add(f"<{text}>")
        elif macro == "Pf" and self.given == 1:
            self.add(text, right=True)
        elif macro in ("St", "Ex", "Rv") and text.startswith("-"):
            self.add(SAID.get(macro, text[1:]))
        else:
            self.add(text)

    def finish(self, *, punctuation: bool = False) -> None:
        """What a macro shows that got no argument."""
        if self.given == 0:
            if self.macro == "Fl":
                self.add("-", right=not punctuation)
            elif self.macro == "Nm" and self.name:
                self.add(self.name)
            elif self.macro == "Ar":
                self.add("file ...")
        if self.macro == "Fn" and self.given:
            self.add(")", left=True)
        self.given = 1
        self.macro = ""
