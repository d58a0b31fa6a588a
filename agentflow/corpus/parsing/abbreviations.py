"""Where a full stop ends no sentence: abbreviations, initials and ordinals, of English and of other languages written so."""

import re

# Never the end of a sentence.
ALWAYS = frozenset(
    """mr mrs ms messrs dr prof st mt vs cf eg ie viz fig figs eq eqs approx gen col lt sgt capt cmdr maj rev hon gov sen rep
    pres supt dept univ est resp incl ref refs nat natl hist phys chem biol geol agric sci acad assn proc trans bull suppl
    surv conf symp ed eds transl repr jan feb mar apr jun jul aug sept sep oct nov dec
    bzw ggf evtl inkl zzgl vgl hrsg jh jhdt geb gest sog abb kap anm aufl einschl lfd bspw mio mrd hr fr frl hl dipl ing
    nr ext ziff abs bd rn tel insb insbes ehem urspr bes allg frz engl griech österr evang röm kath tägl zz inst
    mme mmes mlle mlles mgr env chap éd trad boul ste
    sr sra sres srta dr dra dras dres lic arq av avda gral cía depto dpto prof profa dña pág págs núm ud uds pte
    exmo exma ilmo ilma sto séc eng trav
    dott sig avv geom pag pagg
    mevr dhr drs bijv bijvb blz afb zgn jhr mej
    ul tzw tzn np zob rys hab inż mgr pl woj św ppłk płk lek godz wyd
    např tj tzv mudr judr phdr rndr mgr bc čl odst obr čís roč srov kupř popř tř hl okr
    ifj özv ún vö krt szerk pl
    bkz örn doç yrd mah
    kl eks dvs jf jfr jvf tlf kgl frk bl
    esim ks ts vrt nk klo oik
    βλ σελ αρ εικ αγ καθ λεωφ
    гг стр рис табл им ул тыс млн млрд руб акад проф доц канд гр обл пос пер просп наб корп напр ср изд ред сост инж ген
    кап вул див тис рр бул""".split()
)
# An end where the next word is one that opens sentences.
OFTEN = frozenset(
    """etc al inc ltd co corp jr bros op ca ch sec vol soc lond blvd ave usw usf ebd ff др пр ibid ecc enz itd itp apod atd
    stb vb cad osv ym yms jne cie""".split()
)  # with every `U.S.` and `z. B.`
# Ordinary words too: abbreviations before a number only.
NUMBERED = frozenset(
    """no nos p pp s art tab sec sect ch vol pt par para app line lines ex max min mind str sid gem pos hg poz ust pkt lp
    бл ст гл к д кв""".split()
)
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
# What a degree is in: `Dr. med.`, `Dr. rer. nat.`
DEGREE = re.compile(
    r"\b[DM]r\.(?:[ -]?[a-zäöü]{1,5}\.)*[ -]?(?:med|phil|jur|iur|nat|pol|oec|theol|agr|habil|vet|dent|techn|mont|h\. ?c)\.$"
)
STREET = re.compile(r"[^\W\d_]{3}str\.$")
CAPITALS = re.compile(r"\b(?:MM|([A-Z])\1\.\s([A-Z])\2)\.$")  # MM. Roux, EE. UU.
DOUBLED = re.compile(r"\b([A-Z])\1\.\s+([A-Z])\2\.")
ABBREVIATED = re.compile(r"\s*[^\W\d_]\.")  # what comes is an abbreviation itself
AND_SO_ON = re.compile(r"\bт\.\s?[дп]\.$")
COUNTED = re.compile(
    r"(?i)(?:^|\b(?:art|artikel|article|chapter|ch|chap|kap|kapitel|kapitola|part|teil|partie|parte|book|buch|livre|libro|section|sec|vol|bd|band"
    r"|tome|tom|title|titel|no|nr|figure|table|tab|act|appendix|annex|annexe|anhang|глава|часть|том|раздел)\.?\s+)[IVXLC]+\.$"
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
    opens = following.lower() in OPENERS and following[:1].isupper() and not ABBREVIATED.match(after)
    if ordinal := ORDINAL.search(head):
        return _is_ordinal(before, ordinal[1] or "", ordinal[2], following.lower(), opens)
    if AND_SO_ON.search(head):
        return False
    if DEGREE.search(head) or (STREET.search(head) and NUMBER.match(after)):
        return True
    if CAPITALS.search(head) or DOUBLED.match(f"{head[-3:]}{after}"):
        return not opens
    if DOTTED.search(head):
        if re.search(r"(?i)\b[ap]\.\s?m\.$", head):
            return following.lower() in DAYS
        return not opens
    word = match[1] if (match := LAST.search(head)) else ""
    if len(word) == 1 and word.isalpha():
        return not opens and not RUSSIAN_YEAR.search(head)
    if ROMAN.search(head):  # World War II ends a sentence, `Chapter IV.` does not
        return not opens and COUNTED.search(before) is not None
    low = word.lower()
    if low in NUMBERED and NUMBER.match(after):
        return True
    return low in ALWAYS or (low in OFTEN and not opens)


def _is_ordinal(before: str, previous: str, number: str, following: str, opens: bool) -> bool:
    """`am 3. Oktober`, `das 2. Haus`; a sentence of a number alone is the number of what follows."""
    if before.strip() == f"{number}." or following in AFTER_ORDINAL:
        return True
    return previous.lower() in BEFORE_ORDINAL and len(number) < 4 and not opens
