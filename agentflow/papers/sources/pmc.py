"""PDFs of PubMed Central's open articles, from its Cloud Service: https://pmc.ncbi.nlm.nih.gov/tools/pmcaws.

It took the place of the FTP service and the OA web service in August 2026.
"""

import re
from typing import NamedTuple

from agentflow.papers.paper import Link
from agentflow.papers.sources import Identity, SourceGet, json_of, xml_of
from agentflow.papers.values import licence, line, web_address

URL = "https://pmc-oa-opendata.s3.amazonaws.com"
PAUSE = 0.2
LIST = {"s3": "http://s3.amazonaws.com/doc/2006-03-01/"}


class FullText(NamedTuple):
    link: Link | None
    licence: str


def identity(mailto: str, key: str) -> Identity:
    return Identity()


def full_text(ask: SourceGet, address: str, pmcid: str) -> FullText:
    """The newest version's PDF, at the service's `address`; none for an article that is not open or was retracted."""
    asked = {"list-type": 2, "prefix": f"{pmcid}.", "delimiter": "/"}
    prefixes = xml_of(ask("/", asked)).findall("s3:CommonPrefixes/s3:Prefix", LIST)
    versions = [
        int(found[1]) for each in prefixes if (found := re.fullmatch(rf"{pmcid}\.(\d{{1,3}})/", each.text or ""))
    ]
    if not versions:
        return FullText(None, "")
    record = json_of(ask(f"/metadata/{pmcid}.{max(versions)}.json", {}))
    if (
        not isinstance(record, dict)
        or record.get("is_pmc_openaccess") is not True
        or record.get("is_retracted") is True
    ):
        return FullText(None, "")
    url = web_address(line(record.get("pdf_url"), 2000).replace("s3://pmc-oa-opendata", address).partition("?")[0])
    return FullText(Link(url, "pmc") if url else None, licence(record.get("license_code")))
