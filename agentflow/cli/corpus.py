"""`agentflow ingest`, `agentflow search` and `agentflow corpus ...`: what is known, and what is found in it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentflow.cli.filter_options import filtered, require_fitting
from agentflow.cli.options import JsonOption, OnOption, ProjectOption, asked, print_json
from agentflow.cli.output import say

if TYPE_CHECKING:
    from agentflow.cli.corpus_view import IngestView
    from agentflow.corpus.filter import Filter
    from agentflow.corpus.ingest.ingest import IngestReport
    from agentflow.corpus.passage import Passage
    from agentflow.corpus.store import Corpus
    from agentflow.events import Sink
    from agentflow.models.embedder import ModelEmbedder

app = typer.Typer(name="corpus", help="The documents of a project: status, check, repair.", no_args_is_help=True)


def ingest(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files or folders to read.")],
    lexical: Annotated[bool, typer.Option("--lexical", help="Make no vectors: search by words alone.")] = False,
    on: OnOption = "here",
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Processes on Ray.")] = 2,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Read what is new or changed under PATH, forget what vanished. Ctrl-C keeps what is done."""
    import asyncio

    from agentflow.cli.corpus_view import IngestView, show_report

    try:
        with IngestView() as view:
            work = (
                ingest_on_ray(paths, project, lexical, jobs, view)
                if on == "ray"
                else ingest_paths(paths, project, lexical, view)
            )
            report = asyncio.run(work)
    except KeyboardInterrupt:
        names = " ".join(str(path) for path in paths)
        say(f"\nstopped; what is done is kept. Go on with: agentflow ingest {names}", err=True)
        raise typer.Exit(130) from None
    if json:
        print_json(asdict(report))
    else:
        show_report(report)


async def ingest_paths(paths: list[Path], project: Path | None, lexical: bool, view: "IngestView") -> "IngestReport":
    from agentflow.corpus.ingest.ingest import ingest as ingest_files

    async with opened(project, view, lexical=lexical, create=True) as (corpus, embedder):
        return await ingest_files(corpus, paths, embedder=embedder, sink=view)


async def ingest_on_ray(
    paths: list[Path], project: Path | None, lexical: bool, jobs: int, view: "IngestView"
) -> "IngestReport":
    from agentflow.corpus.ingest.ingest import ingest as ingest_files
    from agentflow.corpus.ingest.on_ray import RayParser
    from agentflow.models.catalog.catalog import load_catalog
    from agentflow.models.embedder_on_ray import RayEmbedder
    from agentflow.project import Project

    opened = Project.open(project)
    parser, embedder = RayParser(jobs), None
    if not lexical:
        config = load_catalog(opened.models_files()).resolve("embedder")
        embedder = RayEmbedder(opened.root, config.name, jobs, config.unrelated)
    with open_corpus(project, create=True) as corpus:
        return await ingest_files(corpus, paths, embedder=embedder, sink=view, elsewhere=parser)


@filtered
def search(
    query: Annotated[str, typer.Argument(help="Words or a question.")],
    k: Annotated[int, typer.Option("-k", help="Number of passages.", min=1, max=100)] = 8,
    per_document: Annotated[int | None, typer.Option(help="Maximum passages per document.", min=1)] = None,
    lexical: Annotated[bool, typer.Option("--lexical", help="By words alone (BM25); starts no model.")] = False,
    where: "Filter | None" = None,
    project: ProjectOption = None,
    json: JsonOption = False,
) -> None:
    """Print the best passages for QUERY, each with its file and line."""
    import asyncio

    from agentflow.cli.corpus_view import passage_json, show_passages

    query = asked(query)
    passages = asyncio.run(_search(query, k, per_document, lexical, where, project))
    if json:
        print_json({"query": query, "passages": [passage_json(passage) for passage in passages]})
    else:
        show_passages(passages)


async def _search(
    query: str, k: int, per_document: int | None, lexical: bool, where: "Filter | None", project: Path | None
) -> "list[Passage]":
    from agentflow.cli.corpus_view import print_note
    from agentflow.corpus.search.search import HybridSearcher
    from agentflow.events import ignore
    from agentflow.federation.searcher import federated
    from agentflow.federation.sites import opened_sites
    from agentflow.project import Project

    async with opened_sites(Project.open(project)) as sites:
        if not sites:
            with open_corpus(project) as corpus:
                require_fitting(corpus, where)
        async with opened(project, print_note, lexical=lexical, create=bool(sites)) as (corpus, embedder):
            own = HybridSearcher(corpus, embedder, sink=ignore if lexical else print_note)
            searcher = federated(own, sites, print_note)
            return await searcher.search(query, k=k, per_document=per_document, where=where)


@app.command()
def status(project: ProjectOption = None, json: JsonOption = False) -> None:
    """Counts, size, and the files that could not be read."""
    from agentflow.cli.corpus_view import show_status

    with open_corpus(project) as corpus:
        found = corpus.status()
    if json:
        print_json(asdict(found))
    else:
        show_status(found)


@app.command("list")
def list_documents(project: ProjectOption = None, json: JsonOption = False) -> None:
    """Every document with its title, date and number of passages."""
    from agentflow.cli.corpus_view import show_documents

    with open_corpus(project) as corpus:
        found = corpus.documents()
    if json:
        print_json([asdict(document) for document in found])
    else:
        show_documents(found)


@app.command()
def collections(project: ProjectOption = None, json: JsonOption = False) -> None:
    """The collections of collections.yaml, each with its number of documents."""
    from agentflow.corpus.collections import load_collections
    from agentflow.corpus.filter import Filter

    with open_corpus(project) as corpus:
        every = corpus.status().documents
        known = load_collections(corpus.base)
        counts = {name: corpus.matching(Filter(collections=[name])) for name in known}
    rows = [
        {
            "name": name,
            "documents": every if found is None else len(found),
            "filter": known[name].model_dump(exclude_defaults=True),
        }
        for name, found in counts.items()
    ]
    if json:
        print_json(rows)
    for row in () if json else rows:
        say(f"{row['name']}: {row['documents']:,} documents")


@app.command()
def verify(project: ProjectOption = None, json: JsonOption = False) -> None:
    """Check that texts, passages, word index and vector index agree; exit code 1 when they do not."""
    from agentflow.corpus.ingest.verify import verify as check

    with open_corpus(project) as corpus:
        result = check(corpus)
    if json:
        print_json(asdict(result))
    else:
        for name, detail in result.checked.items():
            say(f"ok    {name}: {detail}" if name not in result.problems else f"WRONG {name}: {result.problems[name]}")
    if result.problems:
        unfinished = set(result.problems) == {"vectors"}
        say(f"mend it with: agentflow {'ingest PATH' if unfinished else 'corpus rebuild'}", err=True)
        raise typer.Exit(1)


@app.command()
def rebuild(
    words: Annotated[
        str, typer.Option("--words", help="The word index from now on: fts5, or tantivy for 100,000 passages and more.")
    ] = "",
    project: ProjectOption = None,
) -> None:
    """Rebuild the word index and the vector index from the database; no file is read, nothing embedded."""
    from agentflow.corpus.ingest.verify import rebuild as make_anew

    with open_corpus(project) as corpus:
        indexed = make_anew(corpus, words)
    say(f"both indexes rebuilt: {indexed:,} passages")


@app.command()
def remove(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Documents or folders, as `list` shows them.")],
    project: ProjectOption = None,
) -> None:
    """Forget documents; their files stay. The next ingest of their folder reads them again."""
    from agentflow.corpus.ingest.verify import forget

    with open_corpus(project) as corpus:
        removed = forget(corpus, paths)
    say(f"removed {len(removed)} documents")


@asynccontextmanager
async def opened(
    project: Path | None, sink: "Sink", *, lexical: bool, create: bool
) -> "AsyncIterator[tuple[Corpus, ModelEmbedder | None]]":
    """The corpus and its embedder, None for a `lexical` search, without the parts of a run."""
    if lexical:
        with open_corpus(project, create=create) as corpus:
            yield corpus, None
        return
    from agentflow.models.catalog.catalog import load_catalog
    from agentflow.models.embedder import ModelEmbedder
    from agentflow.models.pool import Models
    from agentflow.project import Project

    opened = Project.open(project)
    with open_corpus(project, create=create) as corpus:
        async with Models(load_catalog(opened.models_files()), opened.state, sink=sink) as models:
            yield corpus, ModelEmbedder(models)


@contextmanager
def open_corpus(project: Path | None, *, create: bool = False) -> "Iterator[Corpus]":
    from agentflow.cli.corpus_view import print_note
    from agentflow.corpus.store import Corpus
    from agentflow.events import Note
    from agentflow.project import Project

    with closing(Corpus.open(Project.open(project).database, create=create)) as corpus:
        for note in corpus.notes:
            print_note(Note(text=note))
        yield corpus
