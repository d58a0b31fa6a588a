"""What kind of question it is, and the planner's questions, kept honest about where their words come from."""

import re
from collections.abc import Sequence

from agentflow.context import Context
from agentflow.corpus.evidence import one_line
from agentflow.research.question.comparison import comparison
from agentflow.research.question.direct import direct
from agentflow.text.words import content_words, coverage

MOST = 5
BROAD = re.compile(
    r"\b(?:summari[sz]e|overview|compare|comparison|differ\w*|discuss|review|describe|explain|what .{0,60}\bsay\b|tell (?:me|us) about|what is known about|(?:main|key) (?:points|findings|topics|themes|results|facts))\b",
    re.IGNORECASE,
)
POLAR = re.compile(
    r"(?:ist|sind|hat|haben|kann|können|darf|dürfen|muss|müssen|gibt es|wird|wurden?)\b(?!.*\boder\b)|(?:can|could|may|must|should|will|is|are|was|were|do|does|did|has|have)\b(?!.*\bor\b)",
    re.IGNORECASE,
)
AMOUNTS = (  # asked for behind `how`
    "much|many|few|high|low|large|big|small|long|short|old|young|often|far|near|close|tall|deep|shallow|wide|broad|narrow|"
    "thick|thin|heavy|fast|slow|soon|late|early|hot|warm|cold|steep|expensive"
)
EXPLAINS = re.compile(
    rf"(?:.*[:,] )?(?:warum|weshalb|wieso|why|what happens|how (?!(?:{AMOUNTS})\b))",
    re.IGNORECASE,
)
REASON = re.compile(
    r"(?:.*[:,] )?(?:why\b|warum\b|weshalb\b|wieso\b|for (?:what|which) reasons?\b|what (?:is|are|was|were) the (?:reasons?|causes?)\b|what (?:causes|caused)\b)",
    re.IGNORECASE,
)
PURPOSE = re.compile(r"what (?:does|do|did) .+ do\b\W*$|what (?:is|are) .+ for\W*$", re.IGNORECASE)
HOW_TO = re.compile(
    r"wie (?:\w+ )?(?:ich|man|wir|sie)\b|(?:which|what)(?: is the| are the| \w+)? commands?\b|(?:.*[:,] )?how (?:to\b|can\b|(?:do|does|could|should|would|must|might|may) (?:i|we|you|one|people|someone|somebody)\b)",
    re.IGNORECASE,
)
MEASURE = re.compile(rf"(?<=\bhow )(?:{AMOUNTS})\b", re.IGNORECASE)
OPEN = re.compile(
    r"(?:.*[:,] )?what (?:else )?(?:do|does|did|can|could|should|must|have|had|will|would|are|were)\b", re.IGNORECASE
)


def may_be_several(question: str) -> bool:
    """Whether what it asks for may be more than one thing: `What did they find?`"""
    return bool(OPEN.match(direct(question)))


def is_broad(question: str) -> bool:
    """Whether the question wants an overview rather than an answer; `How do I compare two runs?` does not, nor does what two values
    tell."""
    return bool(BROAD.search(question)) and not wants_instruction(question) and comparison(question) is None


def is_polar(question: str) -> bool:
    """Whether it asks for yes or no, which stands in no sentence to be copied."""
    said = direct(question)
    return bool(POLAR.match(said)) or (said != question and said.lower().startswith(("whether ", "if ")))


def wants_explanation(question: str) -> bool:
    """Whether a person asks how or why, so that a few words copied from a sentence tell less than the sentence."""
    return bool(EXPLAINS.match(direct(question)))


def asks_reason(question: str) -> bool:
    """Whether a person asks why."""
    return bool(REASON.match(direct(question)))


def wants_instruction(question: str) -> bool:
    """Whether a person asks how to do something."""
    return bool(HOW_TO.match(direct(question)))


def asks_purpose(question: str) -> bool:
    """Whether a person asks what something does or is for, which no line of code tells."""
    return bool(PURPOSE.match(direct(question)))


async def plan(context: Context, question: str) -> list[str]:
    """One to six questions by the planner, the person's own first; what repeats another or strays is dropped."""
    answer = await context.ask("planner", context.prompt("plan"), question=question)
    proposed = [one_line(item) for item in answer.data["questions"]]
    kept = useful(question, proposed)
    if lost := len(proposed) - len(kept):
        context.note(f"{lost} planned questions repeat another or have nothing to do with the question")
    return [question, *kept]


def useful(question: str, proposed: Sequence[str]) -> list[str]:
    """What asks for something else than the question and shares words with it."""
    return distinct([item for item in proposed if coverage(question, item) > 0], besides=[question])[:MOST]


def distinct(questions: Sequence[str], *, besides: Sequence[str]) -> list[str]:
    """Questions whose content words differ from those before them; a question of stop words alone is none."""
    seen: set[frozenset[str]] = {frozenset(content_words(item)) for item in besides} | {frozenset()}
    fresh = []
    for item in questions:
        if (key := frozenset(content_words(item))) not in seen:
            seen.add(key)
            fresh.append(item)
    return fresh
