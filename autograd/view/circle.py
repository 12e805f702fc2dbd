"""Circle: the topological order of anything, and what has none because it goes round in a circle."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping
from heapq import heapify, heappop, heappush
from typing import TypeVar

K = TypeVar("K", bound=Hashable)

Links = Mapping[K, Collection[K]]  # for each thing those that must come after it


def in_order(links: Links[K], place: Callable[[K], int]) -> list[K]:
    """All things in an order in which every link leads to a later one, and otherwise by their `place`.

    What is in a circle, or can only come after one, is left out.

    >>> in_order({"a": ["c"], "b": ["c"], "c": [], "d": ["d"]}, "bacd".index)
    ['b', 'a', 'c']
    """
    waits = dict.fromkeys(links, 0)
    for users in links.values():
        for user in users:
            waits[user] += 1
    ready = [(place(thing), i, thing) for i, thing in enumerate(links) if not waits[thing]]
    turn = len(links)  # so that things themselves are never compared
    heapify(ready)
    order: list[K] = []
    while ready:
        thing = heappop(ready)[2]
        order.append(thing)
        for user in links[thing]:
            waits[user] -= 1
            if not waits[user]:
                turn += 1
                heappush(ready, (place(user), turn, user))
    return order


def circling(links: Links[K]) -> set[K]:
    """The things in circles, and those between two circles.

    >>> sorted(circling({"a": ["b"], "b": ["c"], "c": ["b", "d"], "d": []}))
    ['b', 'c']
    """
    backwards: dict[K, list[K]] = {thing: [] for thing in links}
    for thing, users in links.items():
        for user in users:
            backwards[user].append(thing)
    first, last = in_order(links, lambda _: 0), in_order(backwards, lambda _: 0)
    return set(links).difference(first, last)
