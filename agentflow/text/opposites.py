"""Words that mean the opposite of each other, which embeddings find alike, and those that deny."""

import re

from agentflow.text.words import words

PAIRS = (
    "on/off enable/disable add/remove add/delete install/uninstall import/export with/without start/stop larger/smaller"
    " bigger/smaller longer/shorter more/less more/fewer faster/slower largest/smallest most/least first/last before/after"
    " allow/forbid show/hide lock/unlock encrypt/decrypt upload/download connect/disconnect minimum/maximum"
    " include/exclude open/close mount/unmount mount/umount attach/detach increase/decrease"
)
DENIALS = frozenset(  # those that mean nothing else in another language
    "not no nor never none neither without cannot hardly false untrue wrong denied denies deny"
    " nicht kein keine keinen keinem keiner keines nie niemals ohne weder pas jamais aucun aucune nunca non niet geen nooit zonder".split()
)
NUMBER = re.compile(r"\bno(?:\.\s*|\s+)(?=\d)|\bno of\b", re.IGNORECASE)  # `Invoice no. 12` denies nothing
OPPOSITES: dict[str, set[str]] = {}
for one, other in (pair.split("/") for pair in PAIRS.split()):
    OPPOSITES.setdefault(one, set()).add(other)
    OPPOSITES.setdefault(other, set()).add(one)


def opposite(asked: str, said: str) -> bool:
    """Whether a text has the opposite of a word that is asked for, and not the word."""
    mine, theirs = set(words(asked)), set(words(said))
    return any(OPPOSITES.get(word, set()) & theirs for word in mine - theirs)


def denials(text: str) -> int:
    said = words(NUMBER.sub(" ", text))
    return sum(word in DENIALS or word.endswith(("n't", "n’t")) for word in said)
