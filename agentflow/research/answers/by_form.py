"""What a document answers by the form of its text, for no call of a model: instructions, lists, definitions."""

from collections.abc import Sequence
from dataclasses import replace

from agentflow.context import Context
from agentflow.corpus.evidence import cite
from agentflow.corpus.passage import Passage
from agentflow.corpus.search.rarity import Rarity
from agentflow.research.abilities import can
from agentflow.research.answers.grounding import reply
from agentflow.research.forms.defaults import default_answer
from agentflow.research.forms.definition import definition, definition_text, is_definition, thing
from agentflow.research.forms.difference import difference_answer
from agentflow.research.forms.enumeration import is_numbered, list_answer, listing, wants_list
from agentflow.research.forms.howto import instruction
from agentflow.research.forms.labelled import field_asked, value_of
from agentflow.research.forms.office import office_answer
from agentflow.research.forms.records import field_stated
from agentflow.research.forms.requirements import required_version
from agentflow.research.forms.section import section_answer, version_answer
from agentflow.research.forms.which_documents import titles, which_documents
from agentflow.research.passages.shown import Candidate
from agentflow.research.passages.steps import answer_text, with_steps
from agentflow.research.question.planning import wants_instruction
from agentflow.research.reply import Reply
from agentflow.research.tables.computed import Computed, computed_answer
from agentflow.research.tables.lookup import table_answer
from agentflow.research.tables.operations import NAMED


async def by_form(context: Context, question: str, passages: Sequence[Passage]) -> Reply:
    """To a question for who holds an office whom the newest document tells to have it; for a version its section; for a cell or
    rows of a table these; for what a line gives by its label the value, and whether something is so the same; for the version of something that is needed its line;
    for how two things differ a sentence of each; for what is so by default that; how to do something the steps numbered under
    these words, else the instruction nearest to it; what several are asked for the list, or what stands under their name; for a
    model that cannot point the definition; empty when none is near."""
    rarity, how = Rarity(context.corpus, question), wants_instruction(question)
    computed = None if how else computed_answer(context, question, passages)
    if computed and not computed.is_lookup:
        return of_rows(context, rarity, computed)
    stated = field_stated(context.corpus, question, passages)
    line, held = field_asked(context.corpus, question, passages), office_answer(context, question, passages)
    several = await listing(context, rarity, passages) if not line and (how or wants_list(question)) else None
    if found := held or version_answer(context, question, passages):
        text, quote = found
    elif stated:
        text, quote = f"{stated.passage.title}: {value_of(stated.text)}", stated
    elif not how and (cells := table_answer(context, question, passages)):
        text, quote = cells
    elif line:
        text, quote = value_of(line.text), line
    elif computed:
        return of_rows(context, rarity, computed)
    elif speaking := which_documents(context.corpus, question, context.searcher.scope):
        return of_lines(context, rarity, titles(speaking), speaking)
    elif needed := await required_version(context, question, passages):
        text, quote = needed.text, needed
    elif pair := await difference_answer(context, question, passages):
        text, quote = pair
    elif not how and (usual := await default_answer(context, question, passages)):
        text, quote = usual
    elif several and (not how or is_numbered(context, several)):
        text, quote = list_answer(context, several)
    elif beneath := section_answer(context, question, passages):
        text, quote = beneath
    elif how and (steps := await instruction(context, rarity, passages)):
        text, quote = answer_text(context, *steps), with_steps(context, *steps)
    elif not can(context, "reader", "point") and (defining := await definition(context, question, passages)):
        text, quote = definition_text(context.corpus, question, defining), defining
    else:
        return Reply(question)
    return replace(reply(context, rarity, quote.text, quote, "supported"), text=text, covered=1.0)


def of_rows(context: Context, rarity: Rarity, computed: Computed) -> Reply:
    """Rests on the rows, of very many on the first."""
    if len(computed.rows) > NAMED:
        context.note(f"computed from {len(computed.rows)} rows, of which the first {NAMED} are quoted")
    quotes = [quote for row in computed.rows[:NAMED] for quote in row.quotes(computed.columns)]
    return of_lines(context, rarity, computed.text, quotes[:NAMED])


def of_lines(context: Context, rarity: Rarity, text: str, quotes: Sequence[Candidate]) -> Reply:
    first = reply(context, rarity, text, quotes[0], "supported")
    beside = tuple(cite(context.corpus, *quote) for quote in quotes[1:])
    return replace(first, text=text, covered=1.0, rows=beside)


async def defined(context: Context, said: Reply, passages: Sequence[Passage]) -> Reply:
    """Of what something is, the sentence that defines it, in place of a model's answer from one that does not; nothing of a
    small model's where none does."""
    question = said.question
    if not (asked := thing(question)) or (said.evidence and is_definition(question, said.evidence.text)):
        return said
    if (found := await definition(context, question, passages)) is None:
        guesses = asked.bare and said.evidence is not None and not can(context, "reader", "point")
        if guesses:
            context.note(f"no answer, since no sentence says what {asked.name} is; the model said {said.text!r}")
        return Reply(question) if guesses else said
    return reply(
        context, Rarity(context.corpus, question), definition_text(context.corpus, question, found), found, "supported"
    )
