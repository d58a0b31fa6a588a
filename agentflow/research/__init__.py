"""Evidence and claims: selection by number, support check, citation, report. `graphs/research.py` is the graph over it.

In the order of a question, with the main function of each step:

- The question: planning (`plan`), parts (one that joins several), follow_up and standalone (one that points back), overview (`subject`).
- The passages: gathering (`gather`, `expand`), hops (`answer_by_steps`), changelog, titled.
- The answer: answering (`answer`) reads the passages with a model: shown (numbered sentences in a prompt), fit_window,
  readings, certainty and doubt (whether it is believed), grounding (`ground`: the sentence that bears it).
- Answers without a model, by the form of the text (forms: `by_form`): howto, definition, enumeration, lookup and rows, section, office,
  labelled, defaults, requirements, difference; asked and same_question (a document that asks the question itself), polar (yes or no).
- What is put right in an answer: copy_errors, listed (the whole list, date or link), steps and leaning (lines that belong to it), kinds, dated.
- Claims: writing (`write`), verification (`check`), conflicts (`disagreements`), nearby, mmr, short_answer.
- The report: findings, sources and site_answers (what has become of the sources), report_schema (the published contract),
  report, markdown, report_words.
- Reading for a YAML workflow: reading (`read`).
"""
