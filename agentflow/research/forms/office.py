"""Who holds an office: the person whom the newest document elects or appoints, not a former holder."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from agentflow.context import Context
from agentflow.corpus.passage import Passage
from agentflow.research.passages.shown import Candidate, show
from agentflow.research.question.direct import direct
from agentflow.text.names import TITLES, named

ASKS = re.compile(
    r"who(?: is|['’]s) (?:(?:the|our|your|its) )?(?:(?:new|current|present|acting) )?(?P<office>(?!(?:on|in|at|to|with|not)\b)[\w-]+(?: [\w-]+){0,3}?)"
    r"(?: (?:of|for|at|in|now) .*| now)?\s*\?*$",
    re.IGNORECASE,
)
WORD = r"[A-ZÀ-ÖØ-Þ][\w'’-]{1,40}"
NAME = (
    rf"(?<!\w)(?!(?:The|An?|Our|Its|Their|His|Her|This|That)\b)(?:(?:Dr|Mr|Mrs|Ms|Prof)\.? )?{WORD}(?: {WORD}){{0,2}}"
)
CHOSEN = r"(?:re-?)?(?:elected|appointed|named|chosen)"
ENTERS = rf"(?:(?:(?:is|was|has been|will be) )?{CHOSEN}|becomes|became|(?:takes|took|has taken) over(?: from {NAME})?|(?:succeeds|succeeded|replaces|replaced) {NAME}|remains)"
GAP = r"[\s-]+"
A = r"(?: as)?(?: (?:the|our|its|new|acting))*"
CLAIM = re.compile(
    rf"(?P<name>{NAME}) is (?:(?:the|our|its) )?(?:(?:new|current) )?(?P<office>[\w -]+?)(?: of .*)?\.?$", re.DOTALL
)


class OfficeHolder(NamedTuple):
    """Who holds an office by a sentence; `enters` where it tells that this one took or keeps it."""

    name: str
    enters: bool


def office_asked(question: str) -> str:
    """`treasurer` of `Who is the treasurer?`; empty where it asks for something else."""
    found = ASKS.match(direct(question))
    return found["office"] if found else ""


def holder(office: str, text: str) -> OfficeHolder | None:
    """Whom a sentence tells to hold the office."""
    role = rf"(?i:{GAP.join(map(re.escape, office.split()))})(?!\w)"
    entering = [rf"(?P<name>{NAME}) {ENTERS}{A} {role}", rf"{CHOSEN} (?P<name>{NAME}){A} {role}"]
    if re.search(CHOSEN, text):  # `Ida Brandt is elected chair, Per Olsen secretary`
        entering.append(rf"(?:, |and )(?P<name>{NAME}){A} {role}")
    holding = [
        rf"(?<!\w){role}(?: is(?: now)?|:|,) (?P<name>{NAME})",
        rf"(?P<name>{NAME}),? (?:is )?(?:the |our )?{role}",
    ]
    for enters, forms in ((True, entering), (False, holding)):
        for form in forms:
            if found := re.search(form, text):
                return OfficeHolder(found["name"], enters)
    return None


def succeeded(claim: str, quote: str) -> bool:
    """Whether the claim says of one that he holds an office, and the quote that another one took it."""
    said = CLAIM.match(claim)
    taken = holder(said["office"], quote) if said else None
    return bool(said and taken and taken.enters and not {*named(taken.name)} & {*named(said["name"])} - TITLES)


def office_answer(context: Context, question: str, passages: Sequence[Passage]) -> tuple[str, Candidate] | None:
    """The name and the sentence, from the newest document that has them; None where no document says that someone took the office."""
    if not (office := office_asked(question)):
        return None
    told = [(candidate, found) for candidate in show(passages).sentences if (found := holder(office, candidate.text))]
    if not any(found.enters for _, found in told):
        return None
    dates = {one.passage.document: context.corpus.document(one.passage.document).date for one, _ in told}
    newest = max(told, key=lambda one: (dates[one[0].passage.document], one[1].enters, one[0].sentence.start))
    return newest[1].name, newest[0]
