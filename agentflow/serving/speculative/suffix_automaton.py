"""Drafts by repetition: an online suffix automaton finds the longest end of the text that occurred before.

Blumer et al. 1985 (the automaton); SuffixDecoding, arXiv 2411.04975 (its use for agents). Per token O(1) amortised.
"""

from typing import NamedTuple

BREAK = -1  # between texts: no match crosses it


class Match(NamedTuple):
    """`length` tokens occurred before; `tokens` followed them there, from position `at` of the whole text on."""

    length: int
    at: int
    tokens: list[int]


NO_MATCH = Match(0, 0, [])


class SuffixAutomaton:
    """Grows token by token. State 0 is the empty text."""

    def __init__(self) -> None:
        self.text: list[int] = []
        self.next: list[dict[int, int]] = [{}]
        self.link = [-1]
        self.length = [0]
        self.end = [-1]  # position in `text` of the last token of a known occurrence
        self.last = 0

    def extend(self, tokens: list[int]) -> None:
        for token in tokens:
            self._append(token)

    def feed(self, text: list[int]) -> None:
        """A text of its own: the next one does not continue it."""
        self.extend(text)
        self._append(BREAK)

    def _append(self, token: int) -> None:
        self.text.append(token)
        if token == BREAK:
            self.last = 0
            return
        following, link, length = self.next, self.link, self.length
        state = self.last
        if token in following[state]:  # only after a break: the text so far is known as a whole
            known = following[state][token]
            if length[known] == length[state] + 1:
                self.last = known
                return
            self.last = self._clone(known, state, token)
            return
        new = self._state({}, 0, length[state] + 1, len(self.text) - 1)
        while state != -1 and token not in following[state]:
            following[state][token] = new
            state = link[state]
        if state != -1:
            known = following[state][token]
            link[new] = known if length[known] == length[state] + 1 else self._clone(known, state, token)
        self.last = new

    def _state(self, following: dict[int, int], link: int, length: int, end: int) -> int:
        self.next.append(following)
        self.link.append(link)
        self.length.append(length)
        self.end.append(end)
        return len(self.length) - 1

    def _clone(self, known: int, state: int, token: int) -> int:
        clone = self._state(dict(self.next[known]), self.link[known], self.length[state] + 1, self.end[known])
        while state != -1 and self.next[state].get(token) == known:
            self.next[state][token] = clone
            state = self.link[state]
        self.link[known] = clone
        return clone

    def propose(self, limit: int) -> Match:
        """What followed the longest end of the text that occurred before; of its occurrences the one asked for last."""
        here = len(self.text) - 1
        state = self.last
        if self.end[state] == here:
            state = self.link[state]
        if state <= 0:
            return NO_MATCH
        end = self.end[state]
        self.end[state] = here
        continuation = self.text[end + 1 : end + 1 + limit]
        if BREAK in continuation:
            continuation = continuation[: continuation.index(BREAK)]
        return Match(self.length[state], end + 1, continuation)
