"""What the agents of demo cases run for their petitioners, and promise them."""

from __future__ import annotations

import random
from datetime import timedelta

from petitions.demo.joining import Joined
from petitions.models import Attachment
from workflow.calendar import day_of
from workflow.codes import ErrandKind

_DAY = timedelta(days=1)
RUN, PROMISED, KEPT = 0.4, 0.25, 0.75
"""Shares of cases with an errand, with a promise, and of promises that were kept."""
ERRANDS: tuple[tuple[str, int, int, str], ...] = (
    (ErrandKind.CHASED, 25, 1, "到主管科室催办，答应本周内派人勘查。"),
    (ErrandKind.VISITED, 60, 2, "代信访人到窗口提交材料，已取回回执。"),
    (ErrandKind.ACCOMPANIED, 90, 1, "陪同到不动产登记窗口核对档案。"),
    (ErrandKind.DOCUMENT, 40, 2, "代取竣工图复印件，已送到社区。"),
    (ErrandKind.CALL, 10, 0, "与物业负责人通话，约定现场碰面。"),
    (ErrandKind.HOME, 45, 1, "入户走访，查看漏水位置并拍照。"),
)
WORDS = ("请施工队上门修好，当面验收", "把检测结果送到家中并讲清楚", "约物业当面协调一次")


class Obliging(Joined):
    """A case whose agent goes on errands, promises, and keeps the promise or does not.

    Chance of its own, so that everything else comes out as it would without.
    """

    def oblige(self) -> None:
        """After the first contact: an errand in some cases, in some a promise."""
        draw = self._draw("errands")
        if draw.random() < RUN:
            kind, minutes, trips, note = draw.choice(ERRANDS)
            self.by_holder("log_errand", kind=kind, minutes=minutes, trips_spared=trips, note=note)
        if draw.random() < PROMISED and not self.case.promise_on:
            day = day_of(self.now) + timedelta(draw.randint(2, 20))
            self.by_holder("promise", what=draw.choice(WORDS), due_on=day)

    def settle_promise(self) -> None:
        """What stands when the journey has come to its end: kept, broken, or left to its day."""
        case, today = self.case, day_of(self.now)
        if case.promise_on is None or case.handler_id is None or case.promise_on > today:
            return
        if self._draw("kept").random() < KEPT:
            self.by_holder("keep_promise", proof="已兑现，照片附后。", files=[self._proof()])
        elif case.promise_on < today - 3 * _DAY and not case.promise_moved:
            self.by_holder("break_promise", reason="备件未到货，已向信访人说明。")

    def _draw(self, what: str) -> random.Random:
        """The same whenever the case is made again."""
        return random.Random(f"{what} {self.case.source_key}")  # noqa: S311 - no secrets

    def _proof(self) -> Attachment:
        raise NotImplementedError
