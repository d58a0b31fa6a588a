"""What decides whether something is so: a sentence that asserts it, not one that asks, plans, supposes or advises it."""

import re

from agentflow.context import Context
from agentflow.corpus.search.rarity import Rarity
from agentflow.research.answers.grounding import is_label, replies_to_another, reply
from agentflow.research.passages.relevance import NEAR, ranking
from agentflow.research.passages.shown import Shown
from agentflow.research.question.direct import direct
from agentflow.research.reply import Reply
from agentflow.text.words import FAMILY, content_words, families

SUPPOSES = re.compile(
    r"\b(?:hypothesi[sz]\w*|investigat\w+|whether(?! or not)|speculat\w+|propos(?:e and test|ed|al|als)|recommend\w*|advise[sd]?|concern(?:s|ed)? that|so-called"
    r"|explored?|examined?|aim(?:s|ed)? (?:to|at)|in order to|to (?:estimate|test|determine|assess|examine)|we (?:also |then )?(?:ask|asked|test|tested|study|studied|sought|wondered|propose)"
    r"|(?<!you )should|(?<!you )(?<!you may )(?<!you might )needs? to|need(?:ed)? in|would (?:then|therefore)?|might|if so|by assuming|(?:is|are|was|were) (?:thought|believed|assumed|said|attributed)"
    r"|in this (?:article|issue|paper|review),? we (?:summari[sz]e|review|discuss|present)|underpowered|was obtained|were obtained)\b",
    re.IGNORECASE,
)
CONCLUDES = re.compile(
    r"\b(?:we (?:show|find|found|demonstrate|conclude|estimate)|(?:was|were|is|are) found to|shows?|showed|shown|demonstrat\w+|conclu\w+|evidence (?:is|of|that|for)"
    r"|suggest(?:s|ed|ing|ive)? that|results?|indicat\w+|reported that|significantly|associated with|related to|more likely|less likely|proven|discovered"
    r"|no (?:evidence|effect|difference|association)|not (?:associated|related|effective)|confirm\w*|revealed?)\b",
    re.IGNORECASE,
)
ALLOWS = re.compile(
    r"\b(?:never|must not|may not|can ?not|can['’]t|do not|don['’]t|(?:not|un)(?: )?supported|(?:not )?(?:possible|allowed))\b",
    re.IGNORECASE,
)
STOPS = re.compile(r"[.!:][\"'”’*_`)\]]*\s*$")
MAY = re.compile(r"(?:can|may|could|must|should) (?:i|we|you|one|people)\b", re.IGNORECASE)
SUPPOSED, CONCLUDED, FRAGMENT = 0.6, 1.2, 0.7
DECIDES = 0.45  # relevance from which a sentence that asserts decides
MEANT = 0.45  # cosine from which a sentence speaks of the same in other words


async def asserted(context: Context, rarity: Rarity, shown: Shown) -> Reply:
    """The sentence nearest to a question for yes or no that asserts something of what it is about, as its own answer; none
    when none is near."""
    near = [
        (score * max(asserts(candidate.text), allows(rarity.question, candidate.text)), candidate)
        for candidate, score in await ranking(context, rarity, shown.sentences)
        if score >= NEAR
        and candidate.sentence.kind != "code"
        and not replies_to_another(candidate)
        and not is_label(candidate, why=True)
    ]
    alike = await context.searcher.similarity(rarity.question, [candidate.text for _, candidate in near])
    about = {word[:FAMILY] for word in content_words(direct(rarity.question))[:1]}
    telling = [
        (weight, candidate)
        for place, (weight, candidate) in enumerate(near)
        if about <= families(f"{candidate.passage.path} {candidate.source} {candidate.text}")
        or (alike and alike[place] >= MEANT)
    ]
    weight, best = max(telling, key=lambda pair: pair[0], default=(0.0, None))
    return (
        reply(context, rarity, best.text, best, "supported") if best and weight >= DECIDES else Reply(rarity.question)
    )


def asserts(text: str) -> float:
    """How much a sentence says that something is so, as a factor of its relevance: below 1 where it only supposes it, or is
    no sentence but an entry of a table or a list."""
    said = CONCLUDED if CONCLUDES.search(text) else 1.0
    return said * (SUPPOSED if SUPPOSES.search(text) else 1.0) * (1.0 if STOPS.search(text) else FRAGMENT)


def allows(question: str, text: str) -> float:
    """The same of a question whether one may, by a sentence that allows or forbids."""
    return CONCLUDED if MAY.match(direct(question)) and ALLOWS.search(text) else 0.0
