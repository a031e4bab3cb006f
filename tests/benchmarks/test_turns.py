"""Databases measured turn by turn: never two at once, and nobody waits for one that left."""

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from queue import Queue
from typing import Any

from benchmarks.turns import Turns


class Lists:
    """Of Redis what turns use."""

    def __init__(self) -> None:
        self.lists: dict[str, Queue[int]] = defaultdict(Queue)
        self.gone: set[int] = set()

    def sadd(self, _name: str, place: int) -> None:
        self.gone.add(place)

    def smembers(self, _name: str) -> set[int]:
        return self.gone

    def rpush(self, name: str, value: int) -> None:
        self.lists[name].put(value)

    def blpop(self, names: list[str], timeout: float) -> Any:
        del timeout
        return self.lists[names[0]].get(timeout=10)


def measured(*parts: int) -> list[tuple[int, int]]:
    """(place, part) in the order in which processes with so many parts measured them."""
    client, told = Lists(), []
    client.lists = defaultdict(Queue, {f"bench:turn:{place}": Queue() for place in range(3)})

    def process(place: int) -> None:
        turns = Turns(place, len(parts), client)
        turns.begin()
        for part in range(parts[place]):
            told.append((place, part))
            turns.swap()
        turns.leave()

    with ThreadPoolExecutor() as pool:
        list(pool.map(process, range(len(parts))))
    return told


def test_turn_of_three_goes_round_after_each_part() -> None:
    assert measured(2, 2, 2) == [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1)]


def test_turn_passes_over_one_that_has_left() -> None:
    assert measured(3, 1, 2) == [(0, 0), (1, 0), (2, 0), (0, 1), (2, 1), (0, 2)]


def test_turn_of_one_alone_never_waits() -> None:
    assert measured(2) == [(0, 0), (0, 1)]
