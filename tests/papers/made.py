"""Twenty made papers about tides, and the answers of the public interfaces in the shapes that their documentation shows.

Paper n is about Port n: its PDF says how high the spring tide is there. Which source knows it, and what is wrong with its
PDF, follows from n.
"""

import io
import json
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

COUNT = 20
KNOWN = {
    "arxiv": range(1, 13),
    "crossref": range(5, 21),
    "openalex": range(1, 21),
    "semantic_scholar": range(3, 19),
    "pubmed": range(15, 21),
}
PEOPLE = [("Ida", "van Hansen"), ("Jo", "Berg"), ("Mei", "Lin"), ("José", "Álvarez")]


def title(n: int) -> str:
    return f"Spring tides of Port {n} & their causes"


def height(n: int) -> str:
    return f"{1 + n / 100:.2f} metres"


def fact(n: int) -> str:
    return f"The spring tide at Port {n} reaches {height(n)} above the chart datum."


def abstract(n: int) -> str:
    return f"We measured the water of Port {n} for a year. {fact(n)}"


def doi(n: int) -> str:
    return f"10.5555/tides.{n}"


def arxiv(n: int) -> str:
    return f"2101.{n:05d}"


def authors(n: int) -> list[tuple[str, str]]:
    return [PEOPLE[(n + place) % 4] for place in range(1 + n % 3)]


@cache
def pdf(n: int) -> bytes:
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, SimpleDocTemplate

    styles, out = getSampleStyleSheet(), io.BytesIO()
    texts = [
        abstract(n),
        "The harbour office has measured the water every hour since 1931.",
        f"We conclude about Port {n}: {fact(n)}",
    ]
    story = [Paragraph(escape(title(n)), styles["Title"]), *(Paragraph(text, styles["BodyText"]) for text in texts)]
    SimpleDocTemplate(out, pagesize=A4, invariant=1).build(story)
    return out.getvalue()


def arxiv_feed(numbers: list[int], base: str, start: int) -> bytes:
    """https://info.arxiv.org/help/api/user-manual.html, 3.3"""
    entries = "".join(
        f"""<entry><id>http://arxiv.org/abs/{arxiv(n)}v2</id><updated>2021-02-{n:02d}T00:00:00Z</updated>
        <published>2021-01-{n:02d}T09:00:00Z</published><title>{escape(title(n))}</title><summary>  {escape(abstract(n))}
        </summary>{"".join(f"<author><name>{given} {family}</name></author>" for given, family in authors(n))}
        <arxiv:comment>3 pages</arxiv:comment>{f"<arxiv:doi>{doi(n)}</arxiv:doi>" if n % 2 else ""}
        <link href="http://arxiv.org/abs/{arxiv(n)}v2" rel="alternate" type="text/html"/>
        <link title="pdf" href="{base}/pdf/{arxiv(n)}v2" rel="related" type="application/pdf"/>
        <arxiv:primary_category term="physics.ao-ph" scheme="http://arxiv.org/schemas/atom"/></entry>"""
        for n in numbers
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
    <feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom"
    xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"><title>ArXiv Query</title><id>http://arxiv.org/api/x</id>
    <opensearch:totalResults>{len(KNOWN["arxiv"])}</opensearch:totalResults>
    <opensearch:startIndex>{start}</opensearch:startIndex><opensearch:itemsPerPage>100</opensearch:itemsPerPage>{entries}</feed>""".encode()


def crossref_item(n: int, base: str) -> dict[str, Any]:
    """https://api.crossref.org/swagger-ui/index.html, Work"""
    people = [
        {"given": given, "family": family, "sequence": "additional", "affiliation": []} for given, family in authors(n)
    ]
    item: dict[str, Any] = {
        "DOI": doi(n).upper(), "title": [title(n).replace("&", "&amp;")], "author": people, "type": "journal-article",
        "issued": {"date-parts": [[2022, 3, n]]}, "container-title": ["Journal of Made Tides"], "publisher": "Made Press",
        "volume": "7", "issue": str(n), "page": f"{n}-{n + 9}", "abstract": f"<jats:p>{abstract(n)}</jats:p>",
    }  # fmt: skip
    if n != COUNT:
        item["license"] = [{"start": {"date-parts": [[2022, 1, 1]]}, "content-version": "vor", "delay-in-days": 0,
                            "URL": "http://creativecommons.org/licenses/by/4.0/"}]  # fmt: skip
        item["link"] = [{"URL": f"{base}/pdf/{n}", "content-type": "application/pdf", "content-version": "vor",
                         "intended-application": "text-mining"}]  # fmt: skip
    return item


def crossref(numbers: list[int], base: str, following: str) -> bytes:
    message = {"facets": {}, "total-results": len(KNOWN["crossref"]), "items-per-page": len(numbers), "next-cursor": following,
               "query": {"start-index": 0, "search-terms": None}, "items": [crossref_item(n, base) for n in numbers]}  # fmt: skip
    return json.dumps(
        {"status": "ok", "message-type": "work-list", "message-version": "1.0.0", "message": message}
    ).encode()


def openalex_work(n: int, base: str) -> dict[str, Any]:
    """https://developers.openalex.org, Work"""
    index: dict[str, list[int]] = {}
    for place, word in enumerate(abstract(n).split()):
        index.setdefault(word, []).append(place)
    location = {"is_oa": n != COUNT, "landing_page_url": f"https://doi.org/{doi(n)}", "pdf_url": f"{base}/pdf/{n}" if n != COUNT else None,
                "license": "cc-by" if n != COUNT else None, "version": "publishedVersion",
                "source": {"id": "https://openalex.org/S1", "display_name": "Journal of Made Tides", "type": "journal"}}  # fmt: skip
    return {
        "doi": f"https://doi.org/{doi(n)}", "title": title(n), "publication_date": f"2022-03-{n:02d}", "publication_year": 2022,
        "ids": {"openalex": f"https://openalex.org/W{n}", "doi": f"https://doi.org/{doi(n)}", "pmid": f"https://pubmed.ncbi.nlm.nih.gov/{900 + n}"},
        "type": "article", "primary_location": location, "best_oa_location": location if n != COUNT else None,
        "authorships": [{"author_position": "first", "raw_author_name": f"{given} {family}",
                         "author": {"id": "https://openalex.org/A1", "display_name": f"{given} {family}"}} for given, family in authors(n)],
        "open_access": {"is_oa": n != COUNT, "oa_status": "gold" if n != COUNT else "closed", "oa_url": None},
        "biblio": {"volume": "7", "issue": str(n), "first_page": str(n), "last_page": str(n + 9)}, "abstract_inverted_index": index,
    }  # fmt: skip


def openalex(numbers: list[int], base: str, following: str) -> bytes:
    meta = {
        "count": len(KNOWN["openalex"]),
        "db_response_time_ms": 20,
        "page": None,
        "per_page": 100,
        "next_cursor": following or None,
    }
    return json.dumps({"meta": meta, "results": [openalex_work(n, base) for n in numbers], "group_by": []}).encode()


def semantic_scholar_item(n: int, base: str) -> dict[str, Any]:
    """https://api.semanticscholar.org/api-docs/graph, FullPaper"""
    return {
        "paperId": f"{n:040x}", "title": title(n), "abstract": abstract(n), "venue": "Journal of Made Tides", "year": 2022,
        "publicationDate": f"2022-03-{n:02d}", "publicationTypes": ["JournalArticle"], "isOpenAccess": True,
        "externalIds": {"DOI": doi(n), "CorpusId": n, "ArXiv": arxiv(n)}, "url": f"https://www.semanticscholar.org/paper/{n:040x}",
        "openAccessPdf": {"url": f"{base}/pdf/{n}", "status": "GOLD", "license": "CCBY", "disclaimer": "Notice: ..."},
        "journal": {"name": "Journal of Made Tides", "volume": "7", "pages": f"{n}-{n + 9}"},
        "authors": [{"authorId": "1", "name": f"{given} {family}"} for given, family in authors(n)],
    }  # fmt: skip


def semantic_scholar(numbers: list[int], base: str, offset: int, following: int | None) -> bytes:
    known: dict[str, Any] = {"total": len(KNOWN["semantic_scholar"]), "offset": offset}
    if following is not None:
        known["next"] = following
    return json.dumps({**known, "data": [semantic_scholar_item(n, base) for n in numbers]}).encode()


def pubmed_search(numbers: list[int]) -> bytes:
    """https://www.ncbi.nlm.nih.gov/books/NBK25499, ESearch"""
    result = {"count": str(len(KNOWN["pubmed"])), "retmax": str(len(numbers)), "retstart": "0", "idlist": [str(900 + n) for n in numbers],
              "translationset": [], "querytranslation": "tides[All Fields]"}  # fmt: skip
    return json.dumps({"header": {"type": "esearch", "version": "0.3"}, "esearchresult": result}).encode()


def pubmed_records(numbers: list[int]) -> bytes:
    """https://dtd.nlm.nih.gov/ncbi/pubmed/doc/out/250101/index.html"""
    articles = "".join(
        f"""<PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="1">{900 + n}</PMID><Article PubModel="Print">
        <Journal><ISSN IssnType="Electronic">1234-5678</ISSN><JournalIssue CitedMedium="Internet"><Volume>7</Volume>
        <Issue>{n}</Issue><PubDate><Year>2022</Year><Month>Mar</Month><Day>{n}</Day></PubDate></JournalIssue>
        <Title>Journal of Made Tides</Title><ISOAbbreviation>J Made Tides</ISOAbbreviation></Journal>
        <ArticleTitle>{escape(title(n))}.</ArticleTitle><Pagination><MedlinePgn>{n}-{n + 9}</MedlinePgn></Pagination>
        <Abstract><AbstractText Label="RESULTS" NlmCategory="RESULTS">{fact(n).replace("spring", "<i>spring</i>")}</AbstractText></Abstract>
        <AuthorList CompleteYN="Y">{"".join(f"<Author ValidYN='Y'><LastName>{family}</LastName><ForeName>{given}</ForeName></Author>" for given, family in authors(n))}
        <Author ValidYN="Y"><CollectiveName>Port Tide Study Group</CollectiveName></Author></AuthorList></Article></MedlineCitation>
        <PubmedData><ArticleIdList><ArticleId IdType="pubmed">{900 + n}</ArticleId><ArticleId IdType="doi">{doi(n)}</ArticleId>
        {f'<ArticleId IdType="pmc">PMC{700 + n}</ArticleId>' if n < 18 else ""}</ArticleIdList>
        <ReferenceList><Reference><ArticleIdList><ArticleId IdType="doi">10.9999/other</ArticleId></ArticleIdList></Reference>
        </ReferenceList></PubmedData></PubmedArticle>"""
        for n in numbers
    )
    return f"""<?xml version="1.0" ?><!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN"
    "https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd"><PubmedArticleSet>{articles}</PubmedArticleSet>""".encode()


def pmc_list(prefix: str) -> bytes:
    """Amazon S3, ListObjectsV2"""
    found = "".join(f"<CommonPrefixes><Prefix>{prefix}{version}/</Prefix></CommonPrefixes>" for version in (1, 2))
    return f"""<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
    <Name>pmc-oa-opendata</Name><Prefix>{prefix}</Prefix><KeyCount>2</KeyCount>{found}</ListBucketResult>""".encode()


def pmc_record(stem: str) -> bytes:
    """https://pmc.ncbi.nlm.nih.gov/tools/pmcaws"""
    return json.dumps({
        "pmcid": stem.split(".")[0], "version": 2, "is_pmc_openaccess": True, "is_manuscript": False, "is_retracted": False,
        "license_code": "CC BY", "pdf_url": f"s3://pmc-oa-opendata/{stem}/{stem}.pdf?md5=0", "xml_url": f"s3://pmc-oa-opendata/{stem}/{stem}.xml",
    }).encode()  # fmt: skip
