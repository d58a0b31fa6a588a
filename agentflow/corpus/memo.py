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
        version, key = (corpus.value("PRAGMA data_version"), corpus.db.conn.total_changes), (args, *named.items())
        if corpus not in kept or kept[corpus][0] != version or len(kept[corpus][1]) >= MOST:
            kept[corpus] = version, {}
        results = kept[corpus][1]
        if key not in results:
            results[key] = make(corpus, *args, **named)
        return results[key]

    return remembered
