"""Databases measured turn by turn: never two at once, and nobody waits for one that left."""

from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from queue import Queue
from typing import Any

from benchmarks.turns import Turns


class Lists:
    """Of Redis what turns use."""

    def __init__(self) -> None:
        self.lists: dict[str, Queue[int]] = defaultdict(Queue)
        self.gone: set[int] = set()
        self.hashes: dict[str, dict[str, str]] = defaultdict(dict)

    def sadd(self, _name: str, place: int) -> None:
        self.gone.add(place)

    def smembers(self, _name: str) -> set[int]:
        return self.gone

    def rpush(self, name: str, value: int) -> None:
        self.lists[name].put(value)

    def hset(self, name: str, key: str, value: str) -> None:
        self.hashes[name][key] = value

    def hvals(self, name: str) -> list[str]:
        return list(self.hashes[name].values())

    def blpop(self, names: list[str], timeout: float) -> Any:
        del timeout
        return self.lists[names[0]].get(timeout=60)


def in_turns(of: int, work: Callable[[Turns], None]) -> None:
    """So many processes that do the same."""
    client = Lists()
    client.lists = defaultdict(Queue, {f"bench:turn:{place}": Queue() for place in range(of)})

    def process(place: int) -> None:
        turns = Turns(place, of, client)
        turns.begin()
        work(turns)
        turns.leave()

    with ThreadPoolExecutor() as pool:
        list(pool.map(process, range(of)))


def measured(*parts: int) -> list[tuple[int, int]]:
    """(place, part) in the order in which processes with so many parts measured them."""
    told = []

    def work(turns: Turns) -> None:
        for part in range(parts[turns.place]):
            told.append((turns.place, part))
            turns.swap()

    in_turns(len(parts), work)
    return told


def test_turn_of_three_goes_round_after_each_part() -> None:
    assert measured(2, 2, 2) == [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1)]


def test_turn_passes_over_one_that_has_left() -> None:
    assert measured(3, 1, 2) == [(0, 0), (1, 0), (2, 0), (0, 1), (2, 1), (0, 2)]


def test_turn_of_one_alone_never_waits() -> None:
    assert measured(2) == [(0, 0), (0, 1)]


def test_numbers_of_all_are_known_to_each() -> None:
    heard: list[list[list[int]]] = []

    def work(turns: Turns) -> None:
        for part in (1, 2):
            heard.append(sorted(turns.told_by_all([turns.place, part])))

    in_turns(3, work)

    assert [one for one in heard if one[0] == [0, 1]] == [[[0, 1], [1, 1], [2, 1]]] * 3
    assert [one for one in heard if one[0] == [0, 2]] == [[[0, 2], [1, 2], [2, 2]]] * 3


def test_numbers_of_one_alone_are_its_own() -> None:
    assert Turns(0, 1, None).told_by_all([3, 4]) == [[3, 4]]
