"""Citations tell when a document was written. When its file was last changed, which stands in where the document tells
nothing, is no such date."""

from contextlib import closing
from pathlib import Path

from agentflow.corpus.store import Corpus
from agentflow.research.report.schema import Report


def undated(database: Path | None) -> set[str]:
    """The paths of the documents that have only their file's date; empty without a database."""
    if database is None or not database.exists():
        return set()
    with closing(Corpus.open(database)) as corpus:
        return {path for (path,) in corpus.rows("SELECT path FROM documents WHERE dated = 0")}


def with_own_dates(report: Report, database: Path | None) -> Report:
    """The report with no date of a quote whose document tells none."""
    without = undated(database)
    quotes = [quote.model_copy(update={"date": ""}) if quote.path in without else quote for quote in report.evidence]
    return report.model_copy(update={"evidence": quotes})
