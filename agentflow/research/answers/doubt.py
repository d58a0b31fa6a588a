"""Why an answer is not to be believed, of a model that says something rather than nothing.

Measured with the default model on the questions of a public set whose paragraph was taken away, and on exact questions
about headers that the documents lack: docs/results.md.
"""

import re
from collections.abc import Sequence

from agentflow.context import Context
from agentflow.corpus.evidence import cells
from agentflow.corpus.passage import Passage
from agentflow.corpus.readers.lines import field_of
from agentflow.corpus.search.rarity import Rarity
from agentflow.corpus.terms import numbered
from agentflow.research.answers.certainty import SURE, Certainty
from agentflow.research.passages.dated import YEAR
from agentflow.research.passages.rows import is_head
from agentflow.research.passages.titled import is_named
from agentflow.research.question.kinds import measures_nothing, of_another_kind, of_another_name, unfit
from agentflow.research.question.planning import is_polar, wants_explanation
from agentflow.research.reply import Reply
from agentflow.research.tables.table import parts
from agentflow.text.names import OPENERS, TITLES, capitals, identifying, name_runs, names
from agentflow.text.numbers import MONTH
from agentflow.text.words import FAMILY, STOP, content_words, families, has_digit, words

EMPTY = 0.2  # chance of an empty answer, from which the passages most likely do not tell
UNSURE = 0.05  # the same where neither the first token is sure nor another reading agrees
ALL = 0.9  # of the question, by a whole sentence that a model may be unsure of
FIRM = 0.8  # chance of the first token, from which the answer may stand apart from the words of the question
CHOICE = re.compile(r"(?<!\w)(?!(\w+?)s? or \1s?\b)\S+ or\b", re.IGNORECASE)  # `PEP or PEPs` is none
OTHER = re.compile(
    r"\b(?:which|what|name the|name an?)(?: \w+)? (?:other|another|older|newer|earlier|later|previous)\b",
    re.IGNORECASE,
)
REPLACED = re.compile(r"\b(?:supersed\w+|replac\w+|obsolet\w+|predecessor|successor|takes? the place)\b", re.IGNORECASE)
LABEL = re.compile(r"^[\w-]+(?: [\w-]+){0,2}: ")
PICKS = re.compile(r"\b(?:which|what|name)\b", re.IGNORECASE)
VERSION = re.compile(r"(?<![\w.])v?(\d+\.\d+\.\d+)(?!\.?\d)")
OF_ANYTHING = set(content_words("happens cannot"))  # are said of all things
COUNTING = set(
    "top first last next past least than since around nearly almost exactly approximately circa aged age".split()
)


def doubt(
    rarity: Rarity,
    answer: str,
    sentence: str,
    passage: Passage,
    sure: Certainty,
    beside: Sequence[Passage] = (),
    source: str = "",
) -> str:
    """The reason in words, empty when there is none. `sentence` of `passage`, under the headings of `source`, is what the
    answer rests on; `beside` was read with it."""
    question = rarity.question
    if sure.none >= EMPTY:
        return f"the model itself gives {sure.none:.0%} to there being none"
    if echoes(question, answer, passage.title):
        return "it only repeats the question"
    if not wants_explanation(question) and (lacking := unfit(question, answer, passage.source)):
        return lacking
    if kind := of_another_kind(question, answer, sentence, passage.source):
        return f"it is the number of no {kind}"
    if measures_nothing(question, answer, sentence):
        return "its number measures nothing"
    if name := of_another_name(question, f"{passage.path} {passage.source} {sentence}"):
        return f"its sentence does not speak of {name}"
    missing = unmet_number(question, known(passage))
    if missing and not (sure == SURE and is_led_to(question, passage, beside)):
        return f"its passage does not speak of {missing}"
    if is_polar(question) and (missing := unmet_version(question, known(passage))):
        return f"its passage does not speak of {missing}"
    if missing := other_version(question, known(passage)):
        return f"its passage speaks of another version than {missing}"
    if sure.begins >= FIRM or sure.agreed:
        return ""
    outright = words(answer) == words(sentence) and rarity.coverage(sentence) >= ALL
    if sure.none >= UNSURE and not outright and not wants_explanation(question) and not is_polar(question):
        return f"the model is not sure of it, and gives {sure.none:.0%} to there being none"
    if missing := unmet_name(question, known(passage)):
        return f"its passage does not speak of {missing}"
    spoken = f"{sentence} {' '.join(fields_named(question, passage))}"
    named = f"{passage.lies_in} › " if passage.lies_in else ""  # then its title is no name but says something
    if not CHOICE.search(question) and is_silent(rarity, spoken, named + (source or passage.source)):
        return "its sentence says nothing that the question asks for"
    return ""


def echoes(question: str, answer: str, title: str = "") -> bool:
    """Whether the answer, a label before it apart, has no word that the question lacks, but for fewer that the title of its
    document adds, or as many where another one is asked for, or what replaces this one. One that says which of several it is, or that something is so,
    may."""
    if is_polar(question) or CHOICE.search(question):
        return False
    said, asked = set(content_words(LABEL.sub("", answer).replace("_", " "))), set(content_words(question))
    named = set(content_words(title))
    if not said or not said <= asked | named:
        return False
    of_itself = bool(named - said) and named - said <= asked and bool(REPLACED.search(question))
    return len(said & asked) > len(said) / 2 or bool(OTHER.search(question)) or of_itself


def names_columns(context: Context, said: Reply) -> bool:
    """Whether the head of a table stands for the answer, in place of one of its rows: all of it, or of more than two columns
    the name of one. `Which` and `what` may ask for such a name; what has a figure or a name in it may be a row that stands first."""
    if not said.evidence or not said.passage:
        return False
    line, text = said.evidence.text, context.corpus.text(said.passage.document)
    if said.kind != "columns" and not (said.kind == "row" and is_head(text, said.evidence.end)):
        return False
    tells = (
        has_digit(said.text)
        or names(said.text)
        or len(parts(said.evidence.path, line)) < 3
        or PICKS.search(said.question)
    )
    return said.text == line or not tells


def unmet(question: str, passage: Passage) -> str:
    """What the question names and the passage of its answer does not; else empty."""
    return unmet_number(question, known(passage)) or unmet_name(question, known(passage))


def is_led_to(question: str, passage: Passage, beside: Sequence[Passage]) -> bool:
    """Whether a passage that speaks of the question's number names the document of this one: a question of several hops."""
    speaking = [other for other in beside if not unmet_number(question, known(other))]
    return len(passage.title) > 3 and is_named(passage, speaking)


def known(passage: Passage) -> str:
    """Its source and text, rows of a table in the form in which they are compared."""
    return " ".join([passage.source, *(cells(passage.path, line) for line in passage.text.splitlines())])


def unmet_number(question: str, text: str) -> str:
    """What the question names by its number, `pump 12`, when the text holds none of these numbers; else empty."""
    pairs = [
        pair
        for pair in numbered(question)
        if pair.split()[0] not in MONTH.keys() | STOP | COUNTING and not YEAR.fullmatch(pair.split()[-1])
    ]
    told = set(words(text))
    return "" if any(pair.split()[-1] in told for pair in pairs) else " or ".join(pairs)


def unmet_version(question: str, text: str) -> str:
    """The first name or number with a digit in it, `HTTP/3` or `3.14`, that the question has and the text has not."""
    told = text.lower()
    return next((name for name in sorted(identifying(question)) if has_digit(name) and name not in told), "")


def other_version(question: str, text: str) -> str:
    """The version that the question names, `4.2.0`, when the text tells others and not this one; else empty."""
    told = set(VERSION.findall(text))
    return next((version for version in VERSION.findall(question) if told and version not in told), "")


def unmet_name(question: str, text: str) -> str:
    """The names of two words or more that the question is about, when the text holds each of them in part and none whole:
    `Nettle Tower` is not `Nettle Hall`. A text without any of a name's words may tell of the same thing otherwise; words of
    one family count as the same; else empty."""
    told = {word[:FAMILY] for word in words(text)}
    runs = name_runs([name for name in capitals(question) if not name.opens or name.word not in OPENERS])
    runs = [[word for word in run if word.lower() not in TITLES] for run in runs]
    asked = [run for run in runs if sum("." not in word for word in run) > 1]
    held = [[part[:FAMILY] in told for word in run for part in words(word)] for run in asked]
    return "" if any(all(parts) or not any(parts) for parts in held) else " or ".join(map(" ".join, asked))


def fields_named(question: str, passage: Passage) -> list[str]:
    """The values of its fields that the question names, `Birch Mills` of `Customer: Birch Mills`: all other fields are of these."""
    asked = f" {' '.join(words(question))} "
    values = [(field_of(sentence.text) or ("", ""))[1] for sentence in passage.sentences if sentence.kind == "field"]
    return [value for value in values if words(value) and f" {' '.join(words(value))} " in asked]


def is_silent(rarity: Rarity, sentence: str, source: str) -> bool:
    """Whether the sentence and the headings above it hold none of the question's words but those that name its document:
    `Status: Final` on page `PEP 8` speaks of PEP 8, but not of who wrote it. Words of one family count as the same."""
    title, _, headings = source.partition(" › ")
    asked = rarity.weight.keys() - set(content_words(title)) - OF_ANYTHING
    return bool(asked) and not families(f"{headings} {sentence}") & {word[:FAMILY] for word in asked}
