"""The question alone, without the greeting, the request and the story that a person puts before it."""

import re
from functools import lru_cache

from agentflow.text.words import content_words

ASKS = r"(?:how|what|when|where|which|who|whom|whose|why|is|are|was|were|do|does|did|can|could|may|must|should|will)"
STARTS = re.compile(rf"{ASKS}\b", re.IGNORECASE)
POINTS_BACK = re.compile(r"\b(?:it|its|they|them|their|this|that|these|those|he|she|his|her)\b", re.IGNORECASE)
FEW = 3  # content words; with fewer a question says too little to be looked up

REQUEST = re.compile(
    r"(?:please |(?:can|could|will|would|do|does) (?:you|any(?:one|body)|some(?:one|body)) )(?:please )?"
    r"(?:tell|say|know|give|show)(?! (?:me |us )?about\b)(?: me| us)?,? |(?:for [^,?]{1,40} )?i(?: need|['’]d like|"
    r" want| would like)(?: to (?:know|have|see))? ",
    re.IGNORECASE,
)
LED = r"(?:(?:in|at|by|from|for|on|to|with|until|till|since|of)\s+)?"
ORDER = re.compile(  # `Tell me who signs`, `remind me when it is due`
    r"(?:please\s+)?(?:(?:tell|remind|show|give)\s+(?:me|us)(?:\s+again)?|let\s+(?:me|us)\s+know|find\s+out|look\s+up|check"
    r"|any\s+idea|i(?:['’]m|\s+am|\s+was)?\s+wonder(?:ing)?|i\s+(?:can['’]?t|cannot|don['’]?t)\s+(?:remember|recall|know|find)"
    rf"|i(?:['’]ve|\s+have)?\s+forg[eo]t(?:ten)?),?\s+(?={LED}{ASKS}\b)",
    re.IGNORECASE,
)
GREETING = re.compile(
    r"(?:(?:hi|hello|hey|hiya|good\s+(?:morning|afternoon|evening|day)|dear\s+\w+)(?:\s+(?:there|all|everyone|again|team))?"
    r"|thanks(?:\s+in\s+advance)?|thank\s+you|(?:so\s+)?sorry(?:\s+to\s+(?:bother|disturb|trouble)\s+you)?|excuse\s+me"
    r"|quick\s+(?:one|question)\b[^:,.!?]{0,40}?)\s*(?:[,.!:;–—]+|\s-)\s*",
    re.IGNORECASE,
)
TOLD = (
    r"(?:(?:ok(?:ay)?|so|well|now|right)[\s,]+)*(?:i|i['’]?m|i['’]ve|we|we['’]?(?:re|ve)|my|our"
    r"|(?!(?:accord|includ|exclud|regard|concern|assum|dur|follow|depend|start|consider|us|giv)ing\b)[a-z]{2,}ing\s+(?:my|our|up|in|on|for|the))\b[^?]{0,200}?"
)
ASKED = (
    rf"(?:(?:and|but|so)\s+)?(?P<asked>{LED}(?:how|what|when|where|which|who|whom|whose|why)\b['’]?[^?]*"
    rf"|{ASKS}\b[^?,.!;]*)\?*\s*$"
)
STORY = re.compile(  # what a person tells of themselves, or in a sentence of its own, before the question
    rf"(?:(?P<own>{TOLD})(?:[:.!;,]\s+|\s+[-–—]+\s+)|(?!{ASKS}\b)(?P<sentence>[^?.!]{{0,150}}\w{{2}}(?:[.!]|\s[-–—]+))\s+"
    rf"|(?P<purpose>for\b[^?\d]{{0,80}}?)[:.!;]\s+){ASKED}",
    re.IGNORECASE,
)
CHATTY = re.compile(rf"(?!{ASKS}\b)(?P<sentence>[^?]{{0,200}}?)(?:[:.!;,]\s+|\s+[-–—]+\s+){ASKED}", re.IGNORECASE)
FORGOTTEN = re.compile(  # why it is asked, of which the documents do not speak
    r"[\s,]+(?:and|but)\s+(?:i\s+|we\s+)?(?:(?:can['’]?t|cannot|don['’]?t)\s+(?:remember|recall|know|find)|forgot|(?:nobody|no one)\s+(?:remembers|knows))\b.*$",
    re.IGNORECASE,
)
LEAD = re.compile(r"^(?:(?:ok(?:ay)?|so|well|now|right)\b[\s,]*)+", re.IGNORECASE)
RUN_ON = re.compile(r"\b(what|who|where|when|how)['’]?s\b(?! (?:own|name)\b)(?=\s\w)", re.IGNORECASE)  # `whats the fee`


@lru_cache(1024)
def direct(question: str) -> str:
    """The question without greeting, request or story: `who wrote it?` of `Can you tell me who wrote it?` A story without
    which it cannot be looked up goes behind it: `What does that mean (the boiler shows F75)?`"""
    rest = _after_greetings(question)
    found = None if ORDER.match(rest) else STORY.match(rest) or (CHATTY.match(rest) if rest != question else None)
    asked = _asked(found) if found else rest
    request = ORDER.match(asked) or REQUEST.match(asked)
    return RUN_ON.sub(r"\1 is", asked[request.end() :] if request else asked)


def _after_greetings(question: str) -> str:
    while (found := GREETING.match(question)) and question[found.end() :].strip():
        question = question[found.end() :]
    return question


def _asked(found: re.Match[str]) -> str:
    told = found.groupdict()
    asked = found["asked"].strip()
    alone = len(content_words(asked)) >= FEW and not POINTS_BACK.search(asked)
    if told.get("purpose"):
        return f"{asked}?" if alone else found[0]
    story = FORGOTTEN.sub("", LEAD.sub("", told.get("own") or found["sentence"])).strip(" ,.!;:-–—")
    if not story or (alone and told.get("own") and not any(mark.isdigit() for mark in story)):
        return f"{asked}?"
    return f"{asked} ({story})?"
