"""Past one machine: storage, rates, processes and connections of a whole city, by arithmetic.

Everything follows from one run's figures (what a case takes, what a request costs) and from the
assumptions below; a simulated day shows what a peak does to those who wait.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from benchmarks.results import Figure, Requests, Results

ORDERS_A_YEAR = 20_000_000
YEARS = 10
WORKING_DAYS = 250
#: Share of a day's orders in each hour from midnight on; people call in the morning.
HOURS = (1, 1, 0.5, 0.5, 0.5, 1, 2, 4, 8, 11, 11, 9, 5, 5, 8, 9, 8, 6, 4, 3, 2, 2, 1.5, 1)
SPIKE = 5
"""A cold spell or a burst main: so many times the usual orders for three hours."""
SPIKE_HOURS = range(9, 12)
STEPS_A_CASE = 8
READS_A_STEP = 6
"""A step is preceded by a list or two, the case, and looks at other cases."""
LISTS_SHARE = 0.4
"""Of those reads; the others open a case."""
ROOM = 0.6
"""A processor is planned to be busy for at most this share."""
CORES_A_MACHINE = 32
PROCESSES_A_CORE = 1.5
HOT_YEARS = 2
"""Years whose partitions must lie in memory; the others are read now and then."""
GB, TB = 1e9, 1e12


@dataclass(frozen=True)
class Costs:
    """Of one run: core seconds a request, bytes a case."""

    register: float
    step: float
    listing: float
    case: float
    bytes_a_case: float

    @classmethod
    def of(cls, run: Results) -> Costs:
        """From the rates at c8, when all cores of the machine were busy."""
        cores = run.number("cores")
        return cls(
            register=cores / _rate(run, "register, API"),
            step=cores / _rate(run, "steps, API"),
            listing=cores / _rate(run, "list, open, page"),
            case=cores / _rate(run, "case, page"),
            bytes_a_case=run.number("bytes a case"),
        )

    @property
    def read(self) -> float:
        """Core seconds of one read of the usual mix."""
        return LISTS_SHARE * self.listing + (1 - LISTS_SHARE) * self.case


def _rate(run: Results, name: str) -> float:
    for one in run.figures:
        if isinstance(one, Requests) and one.name == name and one.concurrency > 1 and one.rps:
            return one.rps
    raise LookupError(f"the run has no figure “{name}” at c8: measure lists, case, steps, register")


def sums(costs: Costs) -> Iterator[Figure]:
    """What a city takes."""
    stored = ORDERS_A_YEAR * YEARS * costs.bytes_a_case
    yield Figure("cases kept", ORDERS_A_YEAR * YEARS / 1e6, "million")
    yield Figure("storage, one copy", stored / TB, "TB")
    yield Figure("storage a yearly partition", stored / YEARS / GB, "GB")
    yield Figure(f"hot partitions ({HOT_YEARS} years)", stored / YEARS * HOT_YEARS / GB, "GB")
    for name, factor in (("busiest hour", 1), ("busiest hour of a spike", SPIKE)):
        orders = ORDERS_A_YEAR / WORKING_DAYS * max(HOURS) / sum(HOURS) / 3600 * factor
        # What floods the hotline is not handled faster for it: steps keep their usual pace.
        steps = orders / factor * STEPS_A_CASE
        cores = cores_for(costs, orders, steps) / ROOM
        yield Figure(f"{name}: orders", orders, "a second")
        yield Figure(f"{name}: steps", steps, "a second")
        yield Figure(f"{name}: reads", steps * READS_A_STEP, "a second")
        yield Figure(f"{name}: cores, web and database", ceil(cores), "cores")
        yield Figure(f"{name}: machines of {CORES_A_MACHINE}", ceil(cores / CORES_A_MACHINE), "")
        processes = ceil(cores * PROCESSES_A_CORE)
        yield Figure(f"{name}: connections without pgbouncer", processes, "connections")
    for name, length in waiting(costs).items():
        yield Figure(name, length, "minutes")


def cores_for(costs: Costs, orders: float, steps: float) -> float:
    """Cores kept busy by so many orders and steps a second, with the reads around them."""
    return orders * costs.register + steps * (costs.step + READS_A_STEP * costs.read)


def waiting(costs: Costs) -> dict[str, float]:
    """A simulated day with a spike, minute by minute, on machines planned for a usual day.

    Orders wait in a queue of their own for the cores that people's steps and reads leave over: how
    long the last of them waits, and how long if orders shared one queue with everything.
    """
    a_minute = [share / sum(HOURS) * ORDERS_A_YEAR / WORKING_DAYS / 60 for share in HOURS]
    planned = cores_for(costs, max(a_minute) / 60, max(a_minute) / 60 * STEPS_A_CASE) / ROOM
    backlog = longest = shared = longest_shared = 0.0
    for minute in range(24 * 60):
        hour = minute // 60
        usual = a_minute[hour]
        orders = usual * (SPIKE if hour in SPIKE_HOURS else 1)
        people = usual * STEPS_A_CASE * (costs.step + READS_A_STEP * costs.read)
        left = max(planned * 60 - people, 0.0)
        backlog = max(backlog + orders * costs.register - left, 0.0)
        longest = max(longest, backlog / left if left else 0.0)
        shared = max(shared + orders * costs.register + people - planned * 60, 0.0)
        longest_shared = max(longest_shared, shared / (planned * 60))
    return {
        "spike: longest wait of an order, own queue": longest,
        "spike: longest wait of everybody, one queue": longest_shared,
    }
