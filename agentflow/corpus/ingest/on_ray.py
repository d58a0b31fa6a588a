"""Documents read, and passages embedded, by processes that Ray places; the corpus and its one writer stay here."""

from types import TracebackType
from typing import Self

from agentflow.cluster import Hosts
from agentflow.corpus.parsing.parser import FileFacts, Parser
from agentflow.corpus.parsing.prepare import Prepared
from agentflow.corpus.readers import Format, Scans
from agentflow.corpus.readers.unreadable import Unreadable


class ParserHost:
    """The actor. Hostile documents are parsed in a child process there too."""

    def __init__(self) -> None:
        self.parser = Parser()

    async def prepare(self, form: Format, content: bytes, scans: Scans, file: FileFacts) -> Prepared | Exception:
        try:
            return await self.parser.prepare(form, content, scans, file)
        except (OSError, ValueError, Unreadable) as error:
            return error


class RayParser:
    def __init__(self, count: int) -> None:
        self.hosts = Hosts(ParserHost, count)
        self.ahead = 2 * count  # while one is stored, the next is there

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hosts.close()  # whoever embeds next needs their processors

    async def prepare(self, form: Format, content: bytes, scans: Scans, file: FileFacts) -> Prepared:
        found = await self.hosts.ask("prepare", form, content, scans, file)
        if isinstance(found, Exception):
            raise found
        assert isinstance(found, Prepared)
        return found
