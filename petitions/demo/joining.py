"""What other units do for a demo case: co-handling asked and answered, whistles with arrivals."""

from __future__ import annotations

from datetime import timedelta

from agents.directory import UnitInfo
from agents.models import Unit
from petitions.demo.mandating import Mandated
from workflow.calendar import day_of
from workflow.models import Call
from workflow.steps import S

_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)
ASKED, WHISTLED, TAKEN, ANSWERED, SCORED = 0.10, 0.04, 0.7, 0.5, 0.6
"""Shares of cases with a co-handler or a whistle, and of calls taken on, answered and scored."""


class Joined(Mandated):
    """A case into which other units are called."""

    def be_joined(self) -> None:
        """In its last days, while a unit leads in it."""
        if self.case.sealed or self.case.state not in (S.SIGNED, S.HANDLING):
            return
        drawn, others = self.chance.random(), self._others()
        if not others:
            return
        if drawn < WHISTLED:
            self._whistle(self.chance.sample(others, min(2, len(others))))
        elif drawn < WHISTLED + ASKED:
            self._ask(self.chance.choice(others))

    def _ask(self, unit: UnitInfo) -> None:
        self.by_head(
            "ask_co_handling",
            unit=unit.as_row(),
            demand="请派人到现场核实情况，提出本部门的处理意见。",
            due_on=day_of(self.now) + _DAY * 7,
        )
        [call] = self._calls()
        if self.chance.random() > TAKEN:
            return
        self.wait_until(self.now + _DAY * self.chance.uniform(0.1, 0.8))
        self.do(call.cadre_id, "take_call", call=call.pk)
        if self.chance.random() < ANSWERED:
            self.wait_until(self.now + _DAY * self.chance.uniform(0.2, 1))
            text = "已到现场核实，情况属实，本部门三日内完成整改。"
            self.do(call.cadre_id, "answer_call", call=call.pk, answer=text)

    def _whistle(self, units: list[UnitInfo]) -> None:
        self.by_head(
            "whistle",
            kind=self.chance.choice(("DAILY", "KEY_WORK", "EMERGENCY")),
            units=[unit.id for unit in units],
            place=self.case.problem_place or "社区居委会门前",
            demand="请到现场联合处置，事不完、人不走。",
            minutes=120,
        )
        for call in self._calls():
            if self.chance.random() > TAKEN:
                continue
            self.wait_until(self.now + _MINUTE * self.chance.randint(8, 45))
            self.do(call.cadre_id, "arrive", call=call.pk)
            if self.chance.random() > ANSWERED:
                continue
            self.wait_until(self.now + _MINUTE * self.chance.randint(30, 120))
            text = "已与街道共同清理现场，责令当事人限期改正。"
            self.do(call.cadre_id, "answer_call", call=call.pk, answer=text)
            if self.chance.random() < SCORED:
                scores = {"arrival_score": self.chance.randint(3, 5), "result_score": 4}
                self.by_head("score_call", call=call.pk, **scores)

    def _calls(self) -> list[Call]:
        return list(Call.objects.filter(case=self.case.pk, is_over=False).order_by("pk"))

    def _others(self) -> list[UnitInfo]:
        """Departments with a head, but for the one that leads and the accused."""
        directory, case = self.case.context.directory, self.case
        return [
            unit
            for unit in directory.units.values()
            if unit.kind == Unit.Kind.DEPARTMENT
            and unit.is_active
            and unit.id != case.unit_id
            and directory.heads(unit.id)
            and not (case.accused_unit_id and case.accused_unit_id in unit.path)
        ]
