"""What was worked out of a corpus, kept until its documents change."""

from collections.abc import Callable, Hashable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from agentflow.corpus.store import Corpus

MOST = 32  # results of one function and corpus
P = ParamSpec("P")
T = TypeVar("T")


def of_corpus(make: Callable[Concatenate[Corpus, P], T]) -> Callable[Concatenate[Corpus, P], T]:
    """The function with its last results, for as long as nobody writes to the corpus; its arguments can be hashed."""
    kept: WeakKeyDictionary[Corpus, tuple[Hashable, dict[Hashable, T]]] = WeakKeyDictionary()

    @wraps(make)
    def remembered(corpus: Corpus, /, *args: P.args, **named: P.kwargs) -> T:
        version = corpus.value("PRAGMA data_version"), corpus.db.conn.total_changes
        before, results = kept.get(corpus, (None, {}))
        if before != version or len(results) >= MOST:
            results = {}
        key = (args, *named.items())
        if key not in results:
            results[key] = make(corpus, *args, **named)
        kept[corpus] = version, results
        return results[key]

    return remembered
