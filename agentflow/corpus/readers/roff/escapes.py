"""Escapes of roff: what a terminal shows of a line. Fonts, sizes, movements and registers are left out."""

import re
import unicodedata

BUDGET = 1_000_000  # characters that strings may add to a page
LONGEST = 400  # characters of a string
ESCAPE = re.compile(
    r"""\\(?:
      [fF](?:\[[^\]\n]{0,80}\]|\(..|.)
    | \((?P<two>..) | \[(?P<long>[^\]\n]{0,80})\] | C'(?P<named>[^'\n]{0,80})' | N'(?P<code>\d{1,7})'
    | \*(?:\((?P<second>..)|\[(?P<string>[^\]\n]{0,80})\]|(?P<first>.))
    | [nmMgkVY][+-]?(?:\[[^\]\n]{0,80}\]|\(..|.)
    | s(?:\[[^\]\n]{0,20}\]|[+-]?\(..|\([+-]?..|'[^'\n]{0,20}'|[+-]?(?:[123]\d|\d))
    | [oZ]'(?P<over>[^'\n]{0,200})'
    | (?P<moves>h)(?:'(?P<by>[^'\n]{0,200})'|"[^"\n]{0,200}")
    | [vwlLDXRbABSxH](?:'[^'\n]{0,200}'|"[^"\n]{0,200}")
    | \$(?:\(..|\[[^\]\n]{0,80}\]|.)
    | ["\#].* | (?P<one>.) | $
    )""",
    re.VERBOSE,
)
ONE = {
    **dict.fromkeys("&|^/,:%!)(cdurpaz{}?", ""),
    **dict.fromkeys(" ~0", " "),
    "e": "\\", "\\": "\\", "E": "\\", "-": "-", "t": "\t",
}  # fmt: skip
NAMES = (
    "aq ' dq \" lq “ rq ” oq ‘ cq ’ Bq „ bq ‚ Fo « Fc » fo ‹ fc › bu • em — en – hy - mi - co © rg ® tm ™ de ° +- ± mu × di ÷ <= ≤ >= ≥"
    " != ≠ == ≡ ~= ≅ =~ ≅ ~~ ≈ ap ∼ -> → <- ← <> ↔ ua ↑ da ↓ rA ⇒ lA ⇐ hA ⇔ sc § ps ¶ dg † dd ‡ ct ¢ Po £ Ye ¥ Eu € eu € Cs ¤ fm ′ sd ″"
    " mc µ 12 ½ 14 ¼ 34 ¾ S1 ¹ S2 ² S3 ³ ga ` ha ^ ti ~ rs \\ ba | bv │ br │ or | bb ¦ sl / at @ sh # Do $ lC { rC } lB [ rB ] la ⟨ ra ⟩ ul _ ru _"
    " ae æ AE Æ oe œ OE Œ ss ß /o ø /O Ø /l ł /L Ł oa å oA Å -D Ð Sd ð TP Þ Tp þ .i ı .j ȷ IJ Ĳ ij ĳ if ∞ sr √ is ∫ pd ∂ gr ∇ es ∅ mo ∈ nm ∉"
    " sb ⊂ sp ⊃ ib ⊆ ip ⊇ ca ∩ cu ∪ no ¬ tno ¬ AN ∧ OR ∨ te ∃ fa ∀ ** * pl + eq = pt ∝ md ⋅ pc · ci ○ sq □ OK ✓ CR ↵ lz ◊ aa ´ a^ ^ a~ ~ ad ¨"
    " ac ¸ ah ˇ Of ª Om º r! ¡ r? ¿ ff ff fi fi fl fl Fi ffi Fl ffl %0 ‰ lh ☜ rh ☞ bs ☎ coproduct ∐ product ∏ sum ∑ radicalex ‾ hbar ℏ"
    " lf ⌊ rf ⌋ lc ⌈ rc ⌉ 3d ∴ tf ∴ pl + u2026 …"
).split()  # fmt: skip
GREEK = dict(zip("ABGDEZYHIKLMNCOPRSTUFXQWabgdezyhiklmncoprstufxqw", "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρστυφχψω", strict=True))  # fmt: skip
GLYPHS = {**dict(zip(NAMES[::2], NAMES[1::2], strict=True)), **{f"*{mark}": sign for mark, sign in GREEK.items()}}
ACCENTS = {"'": "\u0301", "`": "\u0300", "^": "\u0302", ":": "\u0308", "~": "\u0303", ",": "\u0327", "v": "\u030c"}
STRINGS = {
    "R": "®", "Tm": "™", "lq": "“", "rq": "”", "Lt": "<", "Gt": ">", "Am": "&", "Ba": "|", "Le": "≤", "Ge": "≥", "Ne": "≠",
    "q": '"', "Pm": "±", "If": "∞", "Aq": "'", "Na": "NaN", "Lq": "“", "Rq": "”", "aa": "´", "ga": "`",
}  # fmt: skip


class Escapes:
    """Knows the strings that a page defines (`.ds`)."""

    def __init__(self) -> None:
        self.strings = dict(STRINGS)
        self.budget = BUDGET

    def define(self, name: str, value: str, *, more: bool = False) -> None:
        before = self.strings.get(name, "") if more else ""
        self.strings[name] = (before + self.shown(value))[:LONGEST]

    def shown(self, text: str) -> str:
        return ESCAPE.sub(self._one, text) if "\\" in text else text

    def _one(self, match: re.Match[str]) -> str:
        if (one := match["one"]) is not None:
            return ONE.get(one, one)
        if name := match["two"] or match["long"] or match["named"]:
            return glyph(name)
        if name := match["second"] or match["string"] or match["first"]:
            value = self.strings.get(name, "")
            self.budget -= len(value)
            return value if self.budget > 0 else ""
        if match["moves"]:
            return "" if (match["by"] or "").startswith("-") else " "
        return _character(match["code"], 10) if match["code"] else match["over"] or ""


def glyph(name: str) -> str:
    """The sign of a name; empty for one that is not known."""
    if name in GLYPHS:
        return GLYPHS[name]
    if len(name) == 2 and name[0] in ACCENTS and name[1].isalpha():
        return unicodedata.normalize("NFC", name[1] + ACCENTS[name[0]])
    if match := re.fullmatch(r"u([0-9A-F]{4,6})(?:_([0-9A-F]{4,6}))?", name):
        return unicodedata.normalize("NFC", _character(match[1], 16) + _character(match[2] or "", 16))
    if match := re.fullmatch(r"char(\d{1,3})", name):
        return _character(match[1], 10)
    return name if len(name) == 1 else ""


def _character(number: str, base: int) -> str:
    value = int(number, base) if number else 0
    return chr(value) if 32 <= value < 0x110000 and not 0xD800 <= value < 0xE000 else ""
