"""Two thousand steps that tell people, and what must have come of them however the broker fared."""

from __future__ import annotations

import subprocess
from collections import Counter
from datetime import datetime

from tests.channels import Gateway
from tests.installation import Installation
from workflow.channels import BY_HAND

#: A worker that dies is started again and at work within it, at the worst (Show: thirty seconds).
WITHIN = 30
STEPS = "SELECT count(*) FROM workflow_event WHERE name = 'reassign'"
#: What waits for somebody to tell a petitioner is no worker's.
UNSENT = "SELECT count(*) FROM workflow_delivery WHERE sent_at IS NULL "
UNSENT += f"AND channel <> '{BY_HAND}'"
ROWS = "SELECT id, channel FROM workflow_delivery"
STEPPED = "SELECT d.sent_at, e.at FROM workflow_delivery d JOIN workflow_event e "
STEPPED += "ON e.id = d.event_id WHERE d.channel = 'inbox' AND e.name = 'reassign' AND e.id > %s"
ARRIVED = "SELECT delivery_id FROM workflow_inboxmessage ORDER BY 1"


class Flood:
    """A process that performs steps, one transaction each.

    Begin it without a worker: while it makes its cases it hands over itself.
    """

    def __init__(self, installation: Installation, steps: int) -> None:
        self.installation, self.steps = installation, steps
        self.before = installation.number(STEPS)
        code = f"from tests import acts; acts.reassign({steps})"
        self.process: subprocess.Popen[str] = installation.begin(*installation.python(code))

    def wait_for(self, line: object) -> None:
        """Until the process has said so: "ready", or how many steps it has done."""
        assert self.process.stdout is not None
        for said in self.process.stdout:
            if said.strip() == str(line):
                return
        raise AssertionError(self.process.communicate()[1])

    def end(self) -> None:
        """Until its steps are done."""
        self.installation.finish(self.process)
        assert self.installation.number(STEPS) == self.before + self.steps

    def wait_until_told(self) -> None:
        """Until everything that is due has been handed over, however slow the machine: some of it
        in each `WITHIN` seconds.
        """
        while left := self.installation.number(UNSENT):
            self.installation.wait_for(lambda: self.installation.number(UNSENT) < left, WITHIN)


def assert_each_told_once(installation: Installation, told: Gateway, *, twice: int = 0) -> None:
    """Each row arrived once; at most `twice` keys came again, which a gateway then knows."""
    rows = installation.rows(ROWS)
    inside = sorted(pk for pk, channel in rows if channel == "inbox")
    outside = {str(pk) for pk, channel in rows if channel == "messenger"}
    assert [pk for (pk,) in installation.rows(ARRIVED)] == inside
    assert outside
    assert outside <= set(told.keys)
    again = [key for key, times in Counter(told.keys).items() if times > 1]
    assert len(again) <= twice, again


def delays(installation: Installation, steps: int) -> list[float]:
    """Seconds from each of so many single steps to its notices, sorted; at work already."""
    last = installation.number("SELECT coalesce(max(id), 0) FROM workflow_event")
    code = f"from tests import acts; acts.reassign({steps}, cases=1, pause=0.5)"
    installation.manage(*installation.python(code))
    installation.wait_for(lambda: not installation.number(UNSENT), WITHIN)
    return sorted(
        (_moment(sent) - _moment(at)).total_seconds()
        for sent, at in installation.rows(STEPPED, last)
    )


def _moment(value: datetime | str) -> datetime:
    """SQLite keeps moments as text."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value
