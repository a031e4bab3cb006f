"""Whose turn it is, and what time does meanwhile to one demo case."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from agents.models import Cadre
from petitions.demo.year import Year
from petitions.models import Petition
from workflow import delivery, engine, sweep
from workflow.actors import SYSTEM, Actor
from workflow.channels import BY_HAND, INBOX
from workflow.models import Clock, Delivery, InboxMessage

#: Notices older than this have been read.
READ_AFTER = timedelta(days=2)
_LITTLE = timedelta(minutes=2)


@dataclass(frozen=True)
class World:
    """What all lives share: the moment they lead to, the year they are lived in, the staff."""

    until: datetime
    year: Year
    staff: Mapping[int, Cadre]


class Turns:
    """A case at the moment it has reached. Time only goes forward, to `world.until` at most."""

    def __init__(self, case: Petition, now: datetime, world: World, chance: random.Random) -> None:
        self.case, self.now, self.world, self.chance = case, now, world, chance

    # Time ----------------------------------------------------------------------------------

    def wait_until(self, moment: datetime) -> None:
        """Let the case's clocks run to that moment: each warns and expires when it is due."""
        moment = min(max(moment, self.now + _LITTLE), self.world.until)
        while self._is_due(moment):
            self._sweep(moment)
            self.read_again()
        self.now = moment

    def _is_due(self, moment: datetime) -> bool:
        clocks = self.case.context.clocks.values()
        return any(one.next_at is not None and one.next_at <= moment for one in clocks)

    def _sweep(self, moment: datetime) -> None:
        """What the worker does with the first due clock when it is due, if it has not done so."""
        with transaction.atomic():
            clocks = Clock.objects.select_for_update(no_key=True).order_by("next_at", "id")
            due = clocks.filter(case=self.case.pk, next_at__lte=moment).first()
            if due is None or due.next_at is None:
                return
            # An urgent demand may be overdue before anybody has written it down.
            at = max(due.next_at, self.now)
            tries = sweep.mark_and_tell([due], at)
        for step in tries:
            engine.perform_many([self.case.pk], step, actor=SYSTEM, now=at)

    def read_again(self) -> None:
        """The case as it is stored, with its clocks."""
        case = Petition.objects.with_document_facts().get(pk=self.case.pk)
        engine.attach([case], SYSTEM, self.now)
        self.case = case

    def hand_over(self) -> None:
        """Deliver the case's notices when they were due; those of long ago have been read."""
        rows = Delivery.objects.filter(event__case=self.case.pk, sent_at=None)
        # Invented cases knock at nobody's door; what waits for a hand was told long ago.
        rows.exclude(channel__in=[INBOX, BY_HAND]).delete()
        rows.filter(channel=BY_HAND, event__at__lt=self.world.until - READ_AFTER).update(
            sent_at=self.world.until
        )
        for row in rows.filter(channel=INBOX, send_after__lte=self.world.until):
            delivery.hand_over([row], row.send_after or self.now)
        long_ago = self.world.until - READ_AFTER
        messages = InboxMessage.objects.filter(case=self.case.pk, read_at=None, at__lt=long_ago)
        messages.update(read_at=F("at") + timedelta(hours=3))

    # Who -----------------------------------------------------------------------------------

    def by(self, role: str, name: str, **data: Any) -> None:
        """One of the holders of the role whose office oversees the whole district."""
        directory = self.case.context.directory
        holders = [one for one in directory.holders(role) if self.actor(one).scope_depth == 1]
        self.do(self.chance.choice(holders), name, **data)

    def by_holder(self, name: str, **data: Any) -> None:
        """The handler."""
        self.do(self.case.handler_id, name, **data)

    def by_head(self, name: str, **data: Any) -> None:
        """The head of the responsible unit."""
        self.do(self.case.context.directory.head_for(self.case.unit_id), name, **data)

    def by_approver(self, name: str, **data: Any) -> None:
        """The head who did not draft the opinion."""
        drafter = {self.case.drafted_by_id or 0}
        self.do(self.case.context.directory.head_for(self.case.unit_id, drafter), name, **data)

    def do(self, cadre_id: int | None, name: str, **data: Any) -> None:
        """Perform the step now; without a cadre the petitioner does."""
        actor = Actor.petitioner() if cadre_id is None else self.actor(cadre_id)
        case = engine.perform(self.case.pk, name, actor=actor, now=self.now, **data)
        # Already read; asked for again by the matching.
        case.category, case.problem_area = self.case.category, self.case.problem_area
        self.case = case  # type: ignore[assignment]

    def actor(self, cadre_id: int | None) -> Actor:
        """That cadre at this moment."""
        return Actor.of(self.world.staff[cadre_id or 0], self.now, self.case.context.directory)
