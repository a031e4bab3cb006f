"""Several databases measured in the same minutes, one at a time, turn by turn.

A machine is not the same an hour later, so what is to be compared is not measured an hour apart:
each size has a process of its own, all do the same kinds of requests in the same order, and
between any two parts of a figure the turn goes round, by way of Redis.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any

import redis

PATIENCE = 1800
"""Seconds to wait for a turn: longer than any of the others keeps it."""
ROUNDS = 5
"""Parts of a figure, each measured when the turn has come round."""


class Turns:
    """The place of this process among `of`; alone, the turn is always its own."""

    def __init__(self, place: int, of: int, client: Any) -> None:
        self.place, self.of, self.client = place, of, client
        self.told = 0

    @classmethod
    def here(cls) -> Turns:
        """As `bin/bench` says: BENCH_TURN is "place/of"."""
        place, of = map(int, os.environ.get("BENCH_TURN", "0/1").split("/"))
        if of == 1:
            return cls(place, of, None)
        # Else the client gives up a wait after some seconds by itself.
        client = redis.Redis.from_url(os.environ["REDIS_URL"], socket_timeout=PATIENCE + 60)
        return cls(place, of, client)

    @property
    def rounds(self) -> int:
        """In how many parts a figure is measured."""
        return ROUNDS if self.of > 1 else 1

    def begin(self) -> None:
        """Wait for the first turn."""
        if self.of > 1 and self.place:
            self._wait()

    def swap(self) -> None:
        """Let each of the others have a turn."""
        if self.of > 1:
            self._pass_on()
            self._wait()

    def told_by_all(self, mine: Sequence[float]) -> list[list[float]]:
        """Numbers that each size has of the same things: this one's, and in turn the others'."""
        if self.of == 1:
            return [list(mine)]
        self.told += 1
        key = f"bench:told:{self.told}"
        self.client.hset(key, str(self.place), json.dumps(list(mine)))
        self.swap()
        return [json.loads(numbers) for numbers in self.client.hvals(key)]

    def leave(self) -> None:
        """The others go on without this one."""
        if self.of > 1:
            self.client.sadd("bench:gone", self.place)
            self._pass_on()

    def _pass_on(self) -> None:
        gone = set(map(int, self.client.smembers("bench:gone")))
        following = ((self.place + step) % self.of for step in range(1, self.of + 1))
        for place in following:
            if place not in gone:
                self.client.rpush(f"bench:turn:{place}", 1)
                return

    def _wait(self) -> None:
        if self.client.blpop([f"bench:turn:{self.place}"], timeout=PATIENCE) is None:
            raise TimeoutError("Another size keeps the turn, or has died.")
