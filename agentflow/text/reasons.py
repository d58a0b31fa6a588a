"""Whether a text gives a reason, by its words."""

import re

BECAUSE = (
    r"because|since (?!(?:v|version )?\d)|due to|owing to|thanks to|caus(?:e[sd]?|ing)|reasons?\b(?! about)|so that|therefore|hence|consequently"
    r"|as a (?:result|consequence)|otherwise|weil|wegen|aufgrund|deshalb|daher|damit|denn|sonst|infolge"
)
HINT = (
    r"so as to|in order (?:to|that|not)|thus|(?:which|this|that) means|to (?:avoid|prevent|ensure|allow|keep|reduce|protect)|leads? to|led to"
    r"|results? (?:in|from)|resulted (?:in|from)|(?:designed|intended) (?:to|for)|need(?:s|ed)? to|would (?:break|fail|need|have to)"
    r"|(?:can|could|may|might|will) (?:break|fail|lead|introduce)|bottlenecked|limited by|lacks?|too (?:slow|large|small|few|many|much)"
)
REASON = re.compile(rf"\b(?:{BECAUSE})\b", re.IGNORECASE)
MAYBE = re.compile(rf"\b(?:{BECAUSE}|{HINT})\b", re.IGNORECASE)


def is_reason(text: str) -> bool:
    """Whether it says that it gives one: `because`, `due to`."""
    return REASON.search(text) is not None


def gives_reason(text: str) -> bool:
    """Whether it may give one: it says so, or tells what a thing is for or would lead to."""
    return MAYBE.search(text) is not None
