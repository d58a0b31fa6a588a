"""Grounds an answer in a sentence: the engine finds the one that supports it, whatever number the model gave.

The number of a small model's sentence is right less often than its answer, so a citation moves to the sentence that holds
the answer's words (CiteFix, Maheshwari et al. 2025). What no sentence holds does not count as answered.
"""

import re
from collections.abc import Sequence

from agentflow.context import Context
from agentflow.corpus.evidence import cite
from agentflow.corpus.parsing.chunks import is_question
from agentflow.corpus.search.rarity import Rarity
from agentflow.corpus.terms import numbered as numbered_pairs
from agentflow.research.abilities import can
from agentflow.research.answers.doubt import echoes, is_silent
from agentflow.research.forms.definition import is_definition
from agentflow.research.forms.labelled import counted_line, labelled_date, latest_alike, value_of
from agentflow.research.passages.copy_errors import closest_stretch
from agentflow.research.passages.relevance import NEAR, ranking
from agentflow.research.passages.shown import Candidate, Shown
from agentflow.research.passages.steps import introduces, with_introduced
from agentflow.research.passages.titled import speaks_of, titled
from agentflow.research.question.planning import asks_reason, is_broad, is_polar, wants_explanation
from agentflow.research.reply import Reply, Support
from agentflow.research.verification import bounded, repeats
from agentflow.text.reasons import gives_reason
from agentflow.text.words import content_words, words

RANGE = re.compile(r"(?<=\d)\s?[–‑−]\s?(?=\d)")
PIECES = re.compile(r"(?<=[.!?])\s+|(?:^|\s)\d+[.)]\s+|(?:^|\s)[-•*]\s+")
LOOP = 20  # words, from which an answer may be a loop
NAMED = 0.3  # what the model's own choice adds to the score of a sentence, beside words (0..1)
FEW, FEWER = 4, 2  # words that explain nothing, by a model that cannot explain and by one that knows what it leaves out
BARE = frozenset(
    "yes no true false it they this that he she i we you me us both these those".split()
)  # stand in many sentences and tell of none
STRAY = 0.3  # of the question by the passage of a small model's answer; below it the model has lost its way
LEAD = 1.5  # times the next sentence's relevance, from which one stands out
REASONED = 1.2  # times the relevance of a sentence that gives a reason, to why
SAID, TWICE = 0.5, 2  # of the question, by the entry of a list that is meant; times what another one says
SENTENCE = 8  # words; fewer without a stop are a label
QUOTABLE = 0.55  # relevance from which a sentence stands for an answer that no sentence holds


def loops(text: str) -> bool:
    """Whether a model wrote the same few words over and over until its limit."""
    said = words(text)
    return len(said) > LOOP and len(set(said)) * 3 < len(said)


async def ground(context: Context, rarity: Rarity, text: str, number: int, shown: Shown) -> Reply:
    """The answer with the sentence that supports it; the best sentence itself as the answer where none does."""
    if loops(text) and (line := shown.at(number)):
        text = line.text
    why = asks_reason(rarity.question)
    telling = [item for item in shown.sentences if not is_question(item.text) and not (why and is_label(item, why))]
    holding = [] if is_bare(text) else [candidate for candidate in telling if holds(candidate, text)]
    holding = holding or [candidate for candidate in telling if holds_scattered(candidate.cells, text)]
    holding = holding or holding_news(rarity, text, telling)
    if not holding and (opening := opening_of(text)) and (first := [one for one in telling if holds(one, opening)]):
        holding, text = first, opening
    if not holding and (slip := closest_stretch(text, telling)):
        context.note(f"the documents say {slip[1]!r} where the model wrote {text!r}")
        holding, text = [slip[0]], slip[1]
    named = shown.at(number)
    named = None if named is not None and why and is_label(named, why) else named
    if named is not None and is_verdict(text) and is_polar(rarity.question) and can(context, "reader", "point"):
        return reply(context, rarity, text, named, "supported")
    if holding:
        same = of_the_same(context, rarity.question, holding)
        best = max(same, key=lambda item: score(rarity, item) + NAMED * (item is named))
        if line := labelled_date(rarity.question, text, best, shown.sentences):
            return reply(context, rarity, value_of(line.text), line, "supported")
        if later := latest_alike(rarity.question, best, shown.sentences):
            return reply(context, rarity, later.text, later, "supported")
        if count := counted_line(rarity.question, best, shown.sentences):
            return reply(context, rarity, *count, "supported")
        said = reply(context, rarity, text, best, "supported")
        return said if can(context, "reader", "point") else await best_supported(context, rarity, best, said, shown)
    if named is not None and not replies_to_another(named) and not is_question(named.text):
        evidence = cite(context.corpus, *named)
        support = "supported" if repeats(text, [evidence]) else bounded("supported", text, [evidence])
        if support == "supported" or (support == "partial" and len(content_words(text)) > FEW):
            return reply(context, rarity, text, named, support)
    context.note(f"no sentence holds the answer {text!r}: the nearest sentence stands for it")
    return await nearest_sentence(context, rarity, shown)


async def best_supported(context: Context, rarity: Rarity, best: Candidate, said: Reply, shown: Shown) -> Reply:
    """What stands for an answer in the wrong row or entry of a list, or on a passage that has little to do with the question; else
    the answer. A sentence without such a number is no row."""
    rows = named_by_number(rarity.question, shown) if numbered_pairs(best.cells) else []
    meant = max(rows, key=lambda item: score(rarity, item), default=best)
    if score(rarity, meant) > score(rarity, best):
        return reply(context, rarity, meant.text, meant, "supported")
    if entry := entry_meant(rarity, best, shown):
        return reply(context, rarity, entry.text, entry, "supported")
    if said.covered >= STRAY:
        return said
    stands = await nearest_sentence(context, rarity, shown)
    return said if stands.evidence is None else stands


def entry_meant(rarity: Rarity, best: Candidate, shown: Shown) -> Candidate | None:
    """The entry of the same list that says most of what is asked, where the one the answer is from says less than half as much."""
    if best.sentence.kind != "item":
        return None
    entries = [item for item in shown.sentences if item.passage == best.passage and item.sentence.kind == "item"]
    rarity = rarity.without(best.passage.lies_in)
    most = max(entries, key=lambda item: rarity.coverage(item.text))
    said = rarity.coverage(most.text)
    return most if said >= SAID and said >= TWICE * rarity.coverage(best.text) else None


async def leading(context: Context, rarity: Rarity, shown: Shown, *, alone: bool = True) -> Reply:
    """The nearest sentence where it is far ahead of the next, for what a small model, which copies, cannot say; without
    `alone` also where it is not, for who is meant by an `I` that the model copied; else none."""
    ranked = await ranking(context, rarity, shown.sentences)
    scores = [score for _, score in ranked[:2]] + [0.0, 0.0]
    if scores[0] < max(NEAR, LEAD * scores[1] if alone else 0.0) or replies_to_another(ranked[0][0]):
        return Reply(rarity.question)
    return reply(context, rarity, ranked[0][0].text, ranked[0][0], "supported")


async def nearest_sentence(context: Context, rarity: Rarity, shown: Shown) -> Reply:
    """The sentence that words and meaning find nearest, as its own answer; none when none is near enough, or all that is
    near repeats the question. A line of code explains nothing; to why, a sentence that gives a reason counts more."""
    why = asks_reason(rarity.question)
    for candidate, score in reasons_first(await ranking(context, rarity, shown.sentences), why):
        if score < QUOTABLE:
            break
        explains = (
            candidate.sentence.kind != "code" and not is_label(candidate, why) and not replies_to_another(candidate)
        )
        if explains and not echoes(rarity.question, candidate.text):
            return reply(context, rarity, candidate.text, candidate, "supported")
    return Reply(rarity.question)


def reasons_first(ranked: Sequence[tuple[Candidate, float]], why: bool) -> list[tuple[Candidate, float]]:
    """Where the question is why, what gives a reason counts REASONED times as much."""
    weighed = [(item, score * REASONED if why and gives_reason(item.text) else score) for item, score in ranked]
    return sorted(weighed, key=lambda pair: -pair[1])


def is_label(candidate: Candidate, why: bool) -> bool:
    """Whether it is the title of its document, as the first line of a plain text is; for a question why, which no label
    answers, also a field, a heading or a few words that are no sentence."""
    text, kind = candidate.text, candidate.sentence.kind
    if text == candidate.passage.title or not why:
        return text == candidate.passage.title
    short = (
        len(words(text)) < SENTENCE and not gives_reason(text) and not text.rstrip("*_`\"')").endswith((".", "!", ":"))
    )
    short = short or (introduces(candidate.sentence) and not gives_reason(text))
    return kind in ("field", "columns") or text in candidate.source.split(" › ") or (kind == "prose" and short)


def reply(context: Context, rarity: Rarity, text: str, candidate: Candidate, support: Support) -> Reply:
    candidate = with_introduced(context, candidate)
    short = len(words(text)) <= (FEWER if can(context, "reader", "explain") else FEW)
    dodges = is_polar(rarity.question) and not is_verdict(text)
    question = rarity.question
    told_whole = wants_explanation(question) or is_broad(question) or not is_definition(question, candidate.text)
    if short and (dodges or told_whole):
        text = candidate.text
    covered = rarity.coverage(f"{candidate.passage.source} {candidate.passage.text}")
    return Reply(rarity.question, text, cite(context.corpus, *candidate), support, covered, candidate.passage)


async def is_far(context: Context, rarity: Rarity, shown: Shown) -> bool:
    """Whether no sentence is near the question in words and meaning. Words alone cannot tell."""
    ranked = await ranking(context, rarity, shown.sentences)
    judged = ranked and await context.searcher.similarity(rarity.question, [ranked[0][0].text])
    return bool(judged) and ranked[0][1] < NEAR


def holds(candidate: Candidate, text: str) -> bool:
    """Whether the sentence contains the answer's words, in the same order and without a gap; a model writes `4-6` for `4–6`."""
    forms = {candidate.text, candidate.cells}
    return any(in_a_row(text, form) or in_a_row(RANGE.sub("-", text), RANGE.sub("-", form)) for form in forms)


def in_a_row(text: str, form: str) -> bool:
    return f" {' '.join(words(text))} " in f" {' '.join(words(form))} "


def of_the_same(context: Context, question: str, holding: Sequence[Candidate]) -> Sequence[Candidate]:
    """Those of a document that the question names by its title; else those whose passage has every name and number of the
    question, where any has: of two things that cost 7 euros the one that is asked about."""
    if len(holding) == 1:
        return holding
    asked = titled(context.corpus, question, None)
    named = [item for item in holding if item.passage.document in asked]
    return named or [item for item in holding if speaks_of(question, item.passage)] or holding


def replies_to_another(candidate: Candidate) -> bool:
    """Whether the sentence says yes or no to the question of its heading. Had that been the one asked, its document would
    have answered (research/forms/asked.py)."""
    return is_verdict(" ".join(words(candidate.text)[:1])) and is_question(candidate.passage.under)


def is_verdict(text: str) -> bool:
    """Whether it says yes or no and nothing else: no sentence holds that, but the model names the one that tells."""
    return words(text) in (["yes"], ["no"])


def is_bare(text: str) -> bool:
    return len(words(text)) == 1 and words(text)[0] in BARE


def opening_of(text: str) -> str:
    """The first sentence, or entry of a list, of an answer that has several; else empty."""
    pieces = [piece for piece in PIECES.split(text) if words(piece)]
    return pieces[0].strip() if len(pieces) > 1 and len(words(pieces[0])) > FEWER else ""


def holds_scattered(sentence: str, text: str) -> bool:
    """Whether the sentence contains the answer's words in the same order, however far apart: `tunnels No. 1 and No. 2`
    for `No. 1, 2`. One word alone stands too easily somewhere."""
    rest, wanted = iter(words(sentence)), words(text)
    return len(wanted) > 1 and all(word in rest for word in wanted)


def holding_news(rarity: Rarity, text: str, sentences: Sequence[Candidate]) -> list[Candidate]:
    """Sentences that hold what the answer says beyond the question: `plan 292` answers `Which plan replaced plan 215?`, and
    `Replaced by: 292` holds it."""
    asked = set(words(rarity.question))
    news = [word for word in words(text) if word not in asked]
    if not news or len(news) == len(words(text)):
        return []
    return [
        candidate
        for candidate in sentences
        if holds(candidate, " ".join(news)) and not is_silent(rarity, candidate.text, candidate.source)
    ]


def named_by_number(question: str, shown: Shown) -> list[Candidate]:
    """Statements about what the question tells from others by a number, `line 8` or `pump 12`: they hold the pair.
    A small model confuses the rows of a table; words do not."""
    pairs = [pair.strip('"') for pair in numbered_pairs(question)]
    return [
        candidate
        for candidate in shown.sentences
        if pairs and all(holds(candidate, pair) for pair in pairs) and not candidate.text.endswith("?")
    ]


def score(rarity: Rarity, candidate: Candidate) -> float:
    return rarity.coverage(f"{candidate.source} {candidate.text} {candidate.cells}")
