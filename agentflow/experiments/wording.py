"""What a question says of an experiment: which part is the cause, which the effect, and which way it is said to go."""

import re
from typing import NamedTuple

from agentflow.experiments.plan import Direction

LOWERS = r"shorten(?:s|ed|ing)?|reduc(?:e|es|ed|ing)|lower(?:s|ed|ing)?|decreas(?:e|es|ed|ing)|cut(?:s|ting)?|lessen(?:s|ed)?|diminish(?:es|ed)?|suppress(?:es|ed)?|prevent(?:s|ed)?|fall|drop"
RAISES = r"rais(?:e|es|ed|ing)|increas(?:e|es|ed|ing)|lengthen(?:s|ed)?|prolong(?:s|ed)?|boost(?:s|ed)?|enhanc(?:e|es|ed)|rise|grow"
MOVES = r"affect(?:s|ed)?|chang(?:e|es|ed)|influenc(?:e|es|ed)|impact(?:s|ed)?|improv(?:e|es|ed)|help(?:s|ed)?|hurt(?:s)?|harm(?:s|ed)?|worsen(?:s|ed)?|predict(?:s|ed)?|drive(?:s)?|determine(?:s|d)?|caus(?:e|es|ed)|lead(?:s)? to|speed(?:s)? up|slow(?:s)?(?: down)?|alter(?:s|ed)?|matter(?:s)? (?:for|to)|make a difference (?:to|for|in)"
LESS = r"shorter|lower|fewer|less|smaller|lighter|worse"
MORE = r"longer|higher|more|greater|larger|bigger|heavier|taller|better|stronger"
FASTER, SLOWER = r"faster|sooner|quicker|quickly|earlier", r"slower|slowly|later"
COMPARES = rf"(?:{LESS}|{MORE}|{FASTER}|{SLOWER})"
DOES = r"do|does|perform|feel|fare|respond|react|recover|go|come|get|live|learn|grow|sleep|work|run|buy|stay|weigh|earn|score|make|die|heal|leave|return|wait|walk|eat|drink|spend|finish|fail"
SPEEDS = re.compile(r"(?i)speed|rate|per_|per |pace|velocity")
LASTS = re.compile(
    r"(?i)day|hour|minute|week|month|second|time|duration|length|delay|latency|until|stay|(?:^|_)(?:ms|s|sec|min|h|hrs?|d)$"
)

PATTERNS = [re.compile(pattern, re.IGNORECASE) for pattern in (
    r"\b(?:effects?|influence|impact) (?:of|from) (?P<cause>.+?) (?:on|upon) (?P<effect>.+)",
    r"\b(?:effects?|influence|impact) (?:does|do|did|has|have|had) (?P<cause>.+?)(?: have| had)? (?:on|upon) (?P<effect>.+)",
    r"^(?P<cause>.+?) (?:has|have|had|with) (?:an?|any|no|the) (?:\w+ )?(?:effect|influence|impact) (?:on|upon) (?P<effect>.+)",
    r"\b(?:does|do|did|is|are) (?P<effect>.+?) (?:differ|vary|depend|depends|differs|varies|different|dependent)\b ?(?:between|by|across|among|with|on|for|in|according to)? ?(?P<cause>.+)",
    r"\bdifferen\w+ (?:in|of) (?P<effect>.+?) (?:between|by|across|among|with|for) (?P<cause>.+)",
    r"\b(?:relation\w*|association|correlation|link|connection) (?:between|of) (?P<cause>.+?) (?:and|with|to) (?P<effect>.+)",
    r"\b(?P<cause>.+?) (?:related|linked|tied|connected|correlated|associated|go(?:es)? together|correlates?|associates?) (?:to|with) (?P<effect>.+)",
    rf"^(?P<cause>.+?) \b(?:(?P<down>{LOWERS})|(?P<up>{RAISES})|(?:{MOVES}))\b (?P<effect>.+)",
    rf"^(?P<cause>.+?) (?:have|has|had|show|shows|need|needs|get|gets|give|gives|report|reports|reach|reaches)\b(?= .*\b{COMPARES}\b|) (?P<effect>.*\b{COMPARES}\b.*?)(?: than (?P<other>.+))?$",
    r"\b(?:is|are|was|were|do|does|did) (?P<cause>.+?) (?:more|less) (?:likely|often) (?:to )?(?P<effect>.+?)(?: than (?P<other>.+))?$",
    rf"\b(?:is|are|was|were) (?P<effect>.+?) (?P<how>{COMPARES})\b(?:.*?) (?:with|for|in|under|on|among|after|when|at|by|of|using|from) (?P<cause>.+?)(?: than (?P<other>.+))?$",
    r"^(?:do|does|did) (?P<effect>.+?) (?:when|if|after|where|once) (?P<cause>.+)",
    rf"^(?:do|does|did|is|are) (?P<cause>.+?) (?P<effect>(?:{DOES})\b.*?)(?: than (?P<other>.+))?$",
    rf"^(?:do|does|did) (?P<effect>(?:(?! than ).)+?\b{COMPARES}\b(?:(?! than ).)*?) (?:with|under|on|in|using) (?P<cause>.+)",
)]  # fmt: skip
OPEN = re.compile(
    rf"(?i)^(?:what|which)\b(?: (?:factors?|columns?|variables?|things?|conditions?))? (?:{MOVES}|{LOWERS}|{RAISES}|explains?|(?:is|are) (?:related|linked|associated|correlated) (?:to|with))\b (?P<effect>.+)"
)


class Statement(NamedTuple):
    """`cause` and `effect` are parts of the sentence, both the whole of it where it does not tell; `is_open` asks which of
    all columns matter; `claims`: it says that one thing bears on another, or asks whether it does."""

    cause: str
    effect: str
    other: str
    direction: Direction
    is_open: bool
    claims: bool


def said(sentence: str) -> Statement:
    text = " ".join(sentence.split()).rstrip("?.! ")
    if found := OPEN.match(text):
        return Statement("", found["effect"], "", "different", True, True)
    for pattern in PATTERNS:
        if found := pattern.search(text):
            groups = found.groupdict()
            return Statement(
                groups["cause"], groups["effect"], groups.get("other") or "", _direction(groups, text), False, True
            )
    than = re.match(rf"(?i)(?P<cause>.*?\b{COMPARES}\b.*?) than (?P<other>.+)$", text)
    other = than["other"] if than else ""
    compares = bool(re.search(rf"(?i)\b{COMPARES}\b", text))
    main = re.split(r"[,;:] ", text)[0]
    return Statement(main, main, other, _direction({}, text), False, compares)


def _direction(groups: dict[str, str | None], text: str) -> Direction:
    if groups.get("down"):
        return "lower"
    if groups.get("up"):
        return "higher"
    ways: set[Direction] = set()
    for pattern, way in ((LESS, "lower"), (MORE, "higher")):
        if re.search(
            rf"(?i)\b(?:{pattern})\b(?! (?:likely|often|slowly|quickly))", re.sub(r"(?i)\b(?:better|worse)\b", "", text)
        ):
            ways.add(way)  # type: ignore[arg-type]
    if re.search(r"(?i)\bmore (?:likely|often)\b", text):
        ways.add("higher")
    if re.search(r"(?i)\bless (?:likely|often)\b", text):
        ways.add("lower")
    return ways.pop() if len(ways) == 1 else "different"


def with_speed(direction: Direction, sentence: str, outcome: str) -> Direction:
    """`faster` is a lower number of days and a higher number of words a minute; of what is neither it tells nothing."""
    fast, slow = (
        re.search(rf"(?i)\b(?:{words})\b", sentence)
        for words in (rf"{FASTER}|speed(?:s)? up", rf"{SLOWER}|slow(?:s)?(?: down)?")
    )
    speed = bool(SPEEDS.search(outcome))
    if direction != "different" or bool(fast) == bool(slow) or not (speed or LASTS.search(outcome)):
        return direction
    return "higher" if bool(fast) == speed else "lower"
