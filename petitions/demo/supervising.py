"""What supervision makes of a demo case: proposals decided on, orders fed back, instructions."""

from __future__ import annotations

from datetime import timedelta

from agents.roles import Role
from petitions.demo.turns import Turns
from workflow import instructions, proposals
from workflow.models import Instruction, Proposal
from workflow.steps import S

_DAY = timedelta(days=1)
ISSUED, FED_BACK, LEFT = 0.45, 0.5, 0.25
"""Shares of proposals that become an order, of orders that are fed back, of proposals not looked
at yet."""
INSTRUCTED, READ, DONE = 0.04, 0.7, 0.5
FAR_ALONG = (S.ANSWERED, S.FOLLOW_UP)


class Supervised(Turns):
    """A case that a supervisor and a leader look at in its last days."""

    def be_supervised(self) -> None:
        """Some days before the end of the demo; of a sealed case there is nothing to see."""
        self.wait_until(self.world.until - _DAY * self.chance.uniform(1, 11))
        if self.case.sealed or not self.case.is_open:
            return
        waiting = Proposal.objects.filter(case=self.case.pk, decision="", automatic=False)
        found = waiting.select_related("trigger").first()
        if found is not None:
            self._decide(found)
        if self.case.state not in FAR_ALONG and self.chance.random() < INSTRUCTED:
            self._instruct()

    def _decide(self, found: Proposal) -> None:
        if self.case.state in FAR_ALONG:
            self._dismiss(found, "已答复信访人，无须督办。")
            return
        drawn = self.chance.random()
        if drawn < ISSUED:
            self._order(found)
        elif drawn > ISSUED + LEFT:
            self._dismiss(found, "经电话了解，承办单位正在办理。")

    def _order(self, found: Proposal) -> None:
        context, trigger = self.case.context, found.trigger
        days = proposals.usual_days(context.book, self.case.urgency, self.now)
        self.by(
            Role.SUPERVISOR,
            "order_supervision",
            reason_code=trigger.reason_code,
            demanded=trigger.demand,
            days=days,
        )
        if self.chance.random() < FED_BACK:
            self.wait_until(self.now + _DAY * self.chance.uniform(0.2, 0.9))
            self.by_head("feed_back_order", feedback="已安排专人办理，三日内上门与信访人沟通。")

    def _dismiss(self, found: Proposal, reason: str) -> None:
        actor = self.actor(self._holder(Role.SUPERVISOR))
        for one in Proposal.objects.filter(case=self.case.pk, decision="", automatic=False):
            proposals.dismiss(one.pk, actor=actor, now=self.now, reason=reason)

    def _instruct(self) -> None:
        to = self.case.handler or self.world.staff[self._holder(Role.DISPATCHER)]
        words = "请尽快查清情况，依法妥善解决，并报结果。"
        self.by(Role.LEADER, "instruct", to=to, instruction=words)
        given = Instruction.objects.filter(case=self.case.pk).latest("pk")
        if self.chance.random() > READ:
            return
        self.wait_until(self.now + _DAY * self.chance.uniform(0.05, 0.4))
        reader = self.actor(given.to_id)
        instructions.confirm(given.pk, actor=reader, now=self.now)
        if self.chance.random() < DONE:
            self.wait_until(self.now + _DAY * self.chance.uniform(0.05, 0.4))
            text = "已与信访人见面沟通，制定解决方案，本周内落实。"
            instructions.report(given.pk, text=text, actor=reader, now=self.now)

    def _holder(self, role: str) -> int:
        directory = self.case.context.directory
        holders = [one for one in directory.holders(role) if self.actor(one).scope_depth == 1]
        return self.chance.choice(holders)
