"""Keys of YAML files that had another name before: read for one release, with a warning that names the new one."""

from collections.abc import Iterator, Mapping
from typing import Any

from agentflow.storage.yamlfile import KeyPath, Marks


def rename(
    data: Any, names: Mapping[str, str], marks: Marks, where: KeyPath = ()
) -> Iterator[tuple[KeyPath, str, str]]:
    """Puts the values of the mapping at `where` under the new names, in place: the place, what to say, and a hint for
    each. A key that stands under both names is left alone, to be refused as unknown."""
    for old, new in names.items():
        if not isinstance(data, dict) or old not in data or new in data:
            continue
        data[new] = data.pop(old)
        for places in (marks.keys, marks.values):
            for path, place in list(places.items()):
                if path[: len(where) + 1] == (*where, old):
                    places[(*where, new, *path[len(where) + 1 :])] = place
        yield (*where, old), f"the key '{old}' is now called '{new}'", "the old name is read for one release"
