"""What is known of a file and of the whole corpus."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Document:
    """`path` is relative to the project where the file lies inside it. `date` is ISO 8601, from the document itself
    where it tells one, else the file's. `error` says why a file could not be read; it then has no passages. `note` says
    what of a file that was read could not be."""

    id: int
    path: str
    title: str
    kind: str
    sha256: str
    date: str
    bytes: int
    pages: int
    chunks: int
    error: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """Counts of what is stored. `vectors` of `chunks` passages are embedded, `indexed` of them lie in the index;
    `failed` pairs a path with the reason, `partly` one with what of it was not read; `bytes` is the size on disk of the database and the index."""

    documents: int
    chunks: int
    sentences: int
    vectors: int
    indexed: int
    failed: list[tuple[str, str]]
    bytes: int
    embedder: str
    roots: list[str]
    partly: list[tuple[str, str]] = field(default_factory=list)
