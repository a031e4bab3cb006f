"""One demo case, driven from step to step by the cadres whose turn it is."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile

from agents import matching
from agents.models import Cadre
from agents.roles import Role
from petitions.models import Attachment, Petition
from workflow import engine, guards, requests
from workflow.actors import Actor
from workflow.codes import Urgency
from workflow.models import Answer, ReturnVisit

PROOF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


class Life:
    """The case, the moment it has reached, and the story behind it.

    Methods that are legs of a journey take no argument. Time only goes forward, to `until` at most.
    """

    def __init__(
        self,
        case: Petition,
        story: Mapping[str, Any],
        now: datetime,
        until: datetime,
        chance: random.Random,
        staff: Mapping[int, Cadre],
    ) -> None:
        self.case, self.story = case, story
        self.now, self.until = now, until
        self.chance, self.staff = chance, staff

    # The desk ------------------------------------------------------------------------------

    def classify(self) -> None:
        case, story = self.case, self.story
        self.by(
            Role.CLERK,
            "classify",
            petition_class=story["petition_class"],
            path=story["path"],
            category=case.category,
            problem_area=case.problem_area,
            urgency=case.urgency,
            points=case.points(story["points"]),
        )

    def dispatch(self) -> None:
        context = self.case.context
        best = matching.rank(
            self.case.category, self.case.problem_area, context.day, directory=context.directory
        )[0]
        handler = self.staff[best.cadre_id or context.directory.head_for(best.unit_id) or 0]
        assigned = self.chance.random() < 0.25
        self.by(
            Role.CLERK,
            "dispatch",
            unit=handler.unit,
            handler=handler,
            agent=handler,
            way="ASSIGN" if assigned else "TRANSFER",
            charge=best.charge_id,
            feedback_on=context.day + timedelta(days=45) if assigned else None,
        )

    def transfer_out(self) -> None:
        self.by(
            Role.DISPATCHER, "transfer_out", organ="丰台区信访办公室", reason="问题属地不在本区"
        )

    def merge(self) -> None:
        main = Petition.objects.filter(state="HANDLING", sealed=False).exclude(pk=self.case.pk)
        if found := main.first():
            self.by(Role.DISPATCHER, "merge", main=found, reason="同一信访人反映同一事项")

    def divert(self) -> None:
        self.by(
            Role.DISPATCHER,
            "divert",
            organ="区劳动人事争议仲裁委员会",
            reason="依法应当通过法定途径解决",
        )

    # The unit ------------------------------------------------------------------------------

    def sign(self) -> None:
        self.by_holder("sign")

    def log_contact(self) -> None:
        self.by_holder("log_contact", reached=True, said="已电话联系，说明由我代理，约定上门时间。")

    def object(self) -> None:
        self.by_head("object", reason_code="NOT_COMPETENT", proof="按职责清单不属于本单位职责。")

    def uphold_objection(self) -> None:
        self.by(Role.DISPATCHER, "uphold_objection", reason="理由成立，退回重新派单。")

    def decline(self) -> None:
        self.by_head("decline", reason_code="OUT_OF_SCOPE", reason="不属于受理范围，已说明理由。")

    def begin(self) -> None:
        if (
            self.case.petition_class == "APPEAL"
            and self.case.path == "6"
            and not self.case.is_hotline
        ):
            self.by_holder("accept", procedure="NORMAL")
        elif self.case.path in ("", "5") or self.case.is_hotline:
            self.by_holder("take_up")
        else:
            self.divert()

    def ask_extension(self) -> None:
        actor = self._actor(self.case.handler_id)
        requests.ask(
            self.case.pk,
            "extend",
            actor=actor,
            now=self.now,
            days=20,
            reason="需要第三方检测，短期内难以完成。",
        )

    def submit_opinion(self) -> None:
        self.by_holder(
            "submit_opinion",
            answers=self._answers(),
            result=self._result(),
            facts=self.story["fact"],
            basis=self.story["basis"],
        )

    def answer(self) -> None:
        if guards.answered_by_opinion.holds(self.case):
            self.submit_opinion()
            head = self.case.context.directory.head_for(
                self.case.unit_id, {self.case.drafted_by_id or 0}
            )
            self._do(head, "approve_opinion")
        else:
            self.by_holder(
                "reply", answers=self._answers(), result=self._result(), files=[self._proof()]
            )

    # Asking the petitioner -----------------------------------------------------------------

    def serve(self) -> None:
        self.by(Role.CLERK, "serve", way="IN_PERSON", served_at=self.now, proof="本人签收")
        if self.case.is_assigned:
            self.by_head("report_completion", report="已办结，材料附后。")
            self.by(Role.DISPATCHER, "approve_completion")

    def miss_call(self) -> None:
        self._visit(reached=False, next_at=self.now + timedelta(days=1, hours=3))

    def call_content(self) -> None:
        grade = self.chance.choice(["SATISFIED", "SATISFIED", "SATISFIED", "BASICALLY"])
        self._visit(
            reached=True, satisfaction=grade, resolved=self.chance.choice(["YES"] * 5 + ["PARTLY"])
        )

    def call_discontent(self) -> None:
        self._visit(reached=True, satisfaction="DISSATISFIED", resolved="NO")

    def close(self) -> None:
        self.by(Role.CALLER, "close")

    def rework(self) -> None:
        self.by(Role.CALLER, "rework", reason="信访人表示问题没有解决，请重新办理。")

    def withdraw(self) -> None:
        self._do(None, "withdraw", statement="问题已自行解决，自愿撤回。")

    def apply_review(self) -> None:
        self.by(Role.CLERK, "apply_review", claim="对处理意见不服，请求复查。")

    def uphold_review(self) -> None:
        self.by(
            Role.REVIEW_OFFICER,
            "review_upheld",
            opinion="经复查，维持原处理意见。",
            way="POST",
            served_at=self.now,
        )

    def apply_rereview(self) -> None:
        self.by(Role.CLERK, "apply_rereview", claim="对复查意见不服，请求复核。")

    def uphold_rereview(self) -> None:
        self.by(
            Role.REVIEW_OFFICER,
            "rereview_upheld",
            opinion="经复核，维持复查意见。",
            way="POST",
            served_at=self.now,
        )

    # Whose turn ----------------------------------------------------------------------------

    def by(self, role: str, name: str, **data: Any) -> None:
        """A holder of the role whose office oversees the whole district."""
        directory = self.case.context.directory
        holders = [one for one in directory.holders(role) if self._actor(one).scope_depth == 1]
        self._do(holders[0], name, **data)

    def by_holder(self, name: str, **data: Any) -> None:
        self._do(self.case.handler_id, name, **data)

    def by_head(self, name: str, **data: Any) -> None:
        self._do(self.case.context.directory.head_for(self.case.unit_id), name, **data)

    def _do(self, cadre_id: int | None, name: str, **data: Any) -> None:
        actor = Actor.petitioner() if cadre_id is None else self._actor(cadre_id)
        case = engine.perform(self.case.pk, name, actor=actor, now=self.now, **data)
        case.category, case.problem_area = self.case.category, self.case.problem_area
        self.case = case  # type: ignore[assignment]
        self.now = min(self.now + timedelta(hours=self.chance.uniform(0.5, 60)), self.until)

    def _actor(self, cadre_id: int | None) -> Actor:
        return Actor.of(self.staff[cadre_id or 0], self.now, self.case.context.directory)

    # What is entered -----------------------------------------------------------------------

    def _answers(self) -> list[Answer]:
        return [
            Answer(claim_point=point, round=self.case.round, text=text, at=self.now)
            for point, text in zip(self.case.current_points, self.story["answers"], strict=True)
        ]

    def _result(self) -> str:
        return self.chance.choice(["SUPPORTED", "SUPPORTED", "EXPLAINED", "NOT_SUPPORTED"])

    def _proof(self) -> Attachment:
        return Attachment(
            name="现场照片.pdf",
            content_type="application/pdf",
            size=len(PROOF),
            sha256=hashlib.sha256(PROOF).hexdigest(),
            file=ContentFile(PROOF, "proof.pdf"),
            uploaded_by_id=self.case.handler_id,
            created_at=self.now,
        )

    def _visit(
        self,
        *,
        reached: bool,
        satisfaction: str = "",
        resolved: str = "",
        next_at: datetime | None = None,
    ) -> None:
        caller = self.case.context.directory.holders(Role.CALLER)[0]
        visit = ReturnVisit(
            round=self.case.round,
            caller_id=caller,
            at=self.now,
            reached=reached,
            contacted=True if reached else None,
            satisfaction=satisfaction,
            resolved=resolved,
            next_at=next_at,
        )
        self.by(
            Role.CALLER,
            "record_return_visit",
            visits=[visit],
            reached=reached,
            satisfaction=satisfaction,
            resolved=resolved,
            next_at=next_at,
        )


URGENCIES = [Urgency.GENERAL] * 6 + [Urgency.TIMELY] * 2 + [Urgency.URGENT, Urgency.COMPLEX]
