"""One case under a frozen clock: time passes between its steps, and the sweep runs meanwhile."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from petitions.models import Petition
from tests.cast import Cast
from tests.driving import drive, new_case
from tests.routes import Move
from tests.workflow.table import at
from workflow.calendar import ZONE, Derivation
from workflow.models import Clock, Delivery, Event
from workflow.sweep import sweep

HALF_A_DAY = timedelta(hours=12)
A_SECOND = timedelta(seconds=1)


class Life:
    """The sweep runs twice a day; besides just before, at and just after each of the `watched`
    moments, so that whatever is told too early or too late is told at another moment.
    """

    def __init__(
        self, cast: Cast, begins: str, kind: str, watched: Iterable[datetime] = (), **facts: object
    ) -> None:
        self.cast, self.now = cast, at(begins)
        self.case: Petition = new_case(cast, self.now, kind, **facts)
        self.watched = {
            one + around for one in watched for around in (-A_SECOND, timedelta(0), A_SECOND)
        }

    def at(self, moment: str, *moves: Move) -> None:
        """Let time pass until then, and do the steps."""
        until = at(moment)
        meanwhile = {one for one in self.watched if self.now <= one <= until}
        for now in sorted(meanwhile | set(_half_days(self.now, until))):
            sweep(now)
        self.now = until
        self.case = drive(self.case, *moves, cast=self.cast, now=self.now)

    def due(self) -> dict[str, str]:
        """Term -> due, of the open clocks."""
        clocks = Clock.objects.filter(case=self.case, closed_at=None)
        for clock in clocks:
            assert Derivation.from_json(clock.derivation).replay() == clock.due_at
        return {clock.term: f"{clock.due_at.astimezone(ZONE):%Y-%m-%d %H:%M}" for clock in clocks}

    def expired(self) -> list[str]:
        """Terms that ran out, in order."""
        found = Event.objects.filter(case=self.case, name="clock_expired").order_by("id")
        return [event.data["term"] for event in found]

    def told(self, notice: str = "") -> set[int]:
        """Whoever was told anything, or of that notice."""
        found = Delivery.objects.filter(event__case=self.case)
        if notice:
            found = found.filter(notice=notice)
        return set(found.values_list("recipient", flat=True))


def _half_days(begin: datetime, end: datetime) -> Iterator[datetime]:
    while begin < end:
        yield begin
        begin += HALF_A_DAY
    yield end
