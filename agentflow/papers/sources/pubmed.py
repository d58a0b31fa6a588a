"""PubMed by E-utilities: https://www.ncbi.nlm.nih.gov/books/NBK25499. Three requests a second without a key."""

from collections.abc import Iterator
from typing import Any

from agentflow.papers.paper import Paper
from agentflow.papers.sources import Identity, SourceGet, each, json_of, listed, xml_of
from agentflow.papers.values import ABSTRACT, MOST_AUTHORS, author, date, doi, line, whole
from agentflow.text.months import month_number
from agentflow.toolbox.errors import ToolFailed

URL = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils"
HOSTS = ("eutils.ncbi.nlm.nih.gov", "pmc-oa-opendata.s3.amazonaws.com")
PAUSE = 0.34
PAGE = 100


def identity(mailto: str, key: str) -> Identity:
    given = {"tool": "agentflow", "email": mailto, "api_key": key}
    return Identity({name: value for name, value in given.items() if value})


def papers(ask: SourceGet, query: str, count: int) -> Iterator[Paper]:
    """ESearch for the ids, EFetch for their records."""
    for start in range(0, count, PAGE):
        wanted = {"db": "pubmed", "term": query, "retstart": start, "retmax": min(PAGE, count - start), "retmode": "json",
                  "sort": "relevance"}  # fmt: skip
        ids = [id for id in listed(_found(ask("/esearch.fcgi", wanted)), "idlist") if whole(id).isdigit()]
        if not ids:
            return
        articles = xml_of(ask("/efetch.fcgi", {"db": "pubmed", "id": ",".join(map(whole, ids)), "retmode": "xml"}))
        yield from each(articles.findall("PubmedArticle"), read)


def _found(body: bytes) -> Any:
    answer = json_of(body)
    found = answer.get("esearchresult") if isinstance(answer, dict) else None
    if error := (found or {}).get("ERROR") if isinstance(found, dict) else None:
        raise ToolFailed(f"it answered: {line(error)}", "ask in other words")
    return found


def read(record: Any) -> Paper:
    article, ids = record.find("MedlineCitation/Article"), _ids(record)
    issue = article.find("Journal/JournalIssue")
    told, pmcid = doi(ids.get("doi", "")), ids.get("pmc", "")
    pmid = whole(record.findtext("MedlineCitation/PMID", ""))
    return Paper(
        title=_text(article.find("ArticleTitle")).removesuffix("."), authors=_authors(article), date=_date(article, issue),
        venue=line(article.findtext("Journal/Title", "")), abstract=_abstract(article), doi=told, pmid=pmid,
        pmcid=pmcid if pmcid.removeprefix("PMC").isdigit() else "",
        url=f"https://doi.org/{told}" if told else f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/",
        volume=whole(issue.findtext("Volume", "")) if issue is not None else "", issue=whole(issue.findtext("Issue", "")) if issue is not None else "",
        pages=line(article.findtext("Pagination/MedlinePgn", ""), 40), open=bool(pmcid), sources=("pubmed",),
    )  # fmt: skip


def _ids(record: Any) -> dict[str, str]:
    """Its own: the lists of its references hold others."""
    return {each.get("IdType"): line(each.text) for each in record.findall("PubmedData/ArticleIdList/ArticleId")}


def _text(node: Any) -> str:
    return line("".join(node.itertext())) if node is not None else ""


def _authors(article: Any) -> tuple[dict[str, str], ...]:
    told = article.findall("AuthorList/Author")[:MOST_AUTHORS]
    parts = ("LastName", "ForeName", "CollectiveName")
    return tuple(filter(None, (author(*(line(each.findtext(part, "")) for part in parts)) for each in told)))


def _date(article: Any, issue: Any) -> str:
    """`MedlineDate` says `2021 Mar-Apr`: its year counts."""
    for told in (issue.find("PubDate") if issue is not None else None, article.find("ArticleDate")):
        if told is None:
            continue
        year, month, day = (line(told.findtext(part, "")) for part in ("Year", "Month", "Day"))
        number = int(month) if month.isdigit() else month_number(month) if month else 0
        if found := date(
            "-".join([year, *([f"{number:02d}"] if number else []), *([day.zfill(2)] if number and day else [])])
        ):
            return found
        if found := date(line(told.findtext("MedlineDate", ""))):
            return found
    return ""


def _abstract(article: Any) -> str:
    """Each part after its label, as in `METHODS: ...`."""
    parts = article.findall("Abstract/AbstractText")
    shown = (f"{each.get('Label')}: {_long(each)}" if each.get("Label") else _long(each) for each in parts)
    return "\n\n".join(filter(None, map(str.strip, shown)))[:ABSTRACT]


def _long(node: Any) -> str:
    return line("".join(node.itertext()), ABSTRACT)
