"""Where a full stop ends no sentence: abbreviations, initials and ordinals, of English and of other languages written so."""

import re

# Never the end of a sentence.
ALWAYS = frozenset(
    """mr mrs ms messrs dr prof st mt vs cf eg ie viz fig figs eq eqs approx gen col lt sgt capt cmdr maj rev hon gov sen rep
    pres supt dept univ est resp incl ref refs nat natl hist phys chem biol geol agric sci acad assn proc trans bull suppl
    surv conf symp ed eds transl repr
    jan feb mar apr jun jul aug sept sep oct nov dec
    bzw ggf evtl inkl zzgl vgl hrsg jh jhdt geb gest sog abb kap anm aufl einschl lfd bspw mio mrd hr fr frl hl dipl ing
    nr ziff abs bd rn tel
    mme mlle env chap éd sra srta dña pág núm ud uds sig dott pag
    гг стр рис табл им ул тыс млн млрд руб акад проф""".split()
)
# An end where the next word is one that opens sentences.
OFTEN = frozenset(
    "etc al inc ltd co corp jr sr bros op ca ch sec vol usw ff др пр ibid".split()
)  # with every `U.S.` and `z. B.`
# Ordinary words too: abbreviations before a number only.
NUMBERED = frozenset("no nos p pp s art tab sec ch vol pt par para app line lines ex max min mind str к д кв".split())
OPENERS = frozenset(
    """the a an this that these those it he she they we i you there here his her its their our my your in on at as by from for
    with when while if after before since although however but and or so then thus most many some all no not what who how
    der die das ein eine es er sie wir ich dies diese dieser im in am auf bei nach vor seit als wenn doch aber und so dann
    он она оно они это мы вы в на с к по из для но
    le la les un une il elle ils elles on nous ce cette ces el los las una ella""".split()
)
DAYS = frozenset("monday tuesday wednesday thursday friday saturday sunday".split())
# German words before an ordinal, and those after one.
BEFORE_ORDINAL = frozenset(
    """am zum vom dem den der die das im beim seit bis ab zur des ein eine einen einem einer jeder jeden jedem jedes sein seine
    seinen seinem seiner ihr ihre ihren ihrem ihrer unser unsere unseren mein meine meinen dieser diesen diesem und oder
    montag dienstag mittwoch donnerstag freitag samstag sonntag""".split()
)
AFTER_ORDINAL = frozenset(
    """januar jänner februar märz april mai juni juli august september oktober november dezember jahrhundert jahrhunderts
    jahrtausend jh jhdt mal tag platz auflage klasse kapitel jahr stock obergeschoss etage rang bezirk armee""".split()
)
DOTTED = re.compile(r"(?:[^\W\d_]\.\s?)+[^\W\d_]\.$")  # U.S., z. B., i. d. R., т. е.
LAST = re.compile(r"(?:^|(?<=[\s(\[{\"'“„‚«/.–—-]))([^\W_]+)\.$")
ORDINAL = re.compile(r"(?:^|([^\W\d_]+)[,\s]+|[\s(–-])(\d{1,4})\.$")
RUSSIAN_YEAR = re.compile(r"\d\s?[гв]\.$")  # 1931 г.
ROMAN = re.compile(r"\b[IVXLC]{2,}\.$")
NEXT = re.compile(r"[\W_]*([^\W_]+)")
NUMBER = re.compile(r"\s*[(\[§]?(?:\d|[ivxlc]+\b)")


def ends_nothing(before: str, after: str) -> bool:
    """Whether the full stop at the end of `before` (a sentence so far) ends it not, seen what comes `after`."""
    head = before[-40:]
    following = match[1] if (match := NEXT.match(after)) else ""
    opens = following.lower() in OPENERS and following[:1].isupper()
    if ordinal := ORDINAL.search(head):
        return _is_ordinal(before, ordinal[1] or "", ordinal[2], following.lower(), opens)
    if DOTTED.search(head):
        if re.search(r"(?i)\b[ap]\.\s?m\.$", head):
            return following.lower() in DAYS
        return not opens
    word = match[1] if (match := LAST.search(head)) else ""
    if len(word) == 1 and word.isalpha():
        return not opens and not RUSSIAN_YEAR.search(head)
    if ROMAN.search(head):
        return not opens
    low = word.lower()
    if low in NUMBERED and NUMBER.match(after):
        return True
    return low in ALWAYS or (low in OFTEN and not opens)


def _is_ordinal(before: str, previous: str, number: str, following: str, opens: bool) -> bool:
    """`am 3. Oktober`, `das 2. Haus`; a sentence of a number alone is the number of what follows."""
    if before.strip() == f"{number}." or following in AFTER_ORDINAL:
        return True
    return previous.lower() in BEFORE_ORDINAL and len(number) < 4 and not opens
