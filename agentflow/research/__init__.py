"""Answers from documents: one question from its words to its report. `graphs/research.py` is the graph over it.

The folders, each of which imports those below it alone:

- answers/: one question answered (`answering.answer`): read by a model (readings, grounding) or told by form, then believed or doubted.
- tables/: what rows tell: a cell, the rows with what is asked for, and what is counted, summed up or compared over them.
- forms/: what the form of a document tells without a model: a definition, a list, a cell, an instruction, a default.
- passages/: what a model is shown (shown), how near it is (relevance), and what belongs to a sentence.
- question/: what is asked: planning (`plan`), parts, follow_up, kinds.
- report/: the published contract (schema) and a report's words.

The modules beside them are the steps of the graph, in its order: each_place, gathering (`gather`), two_sides, overview and hops (`answer_by_steps`),
findings (`keep`), writing, verification (`check`), conflicts (`disagreements`), nearby, short_answer; state is what passes between
them, reply what a part was answered with. reading is for YAML workflows.
"""
