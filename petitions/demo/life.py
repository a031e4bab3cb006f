"""One demo case, driven from step to step by the cadres whose turn it is."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile

from agents import matching
from agents.roles import Role
from petitions.demo.journeys import ACCUSATION, HOTLINE, Journey, first_of, pace
from petitions.demo.obliging import Obliging
from petitions.demo.suggested import suggested
from petitions.demo.telling import Told
from petitions.demo.turns import World
from petitions.models import Attachment, Petition
from workflow import guards, requests
from workflow.calendar import day_of
from workflow.errors import WorkflowError
from workflow.models import Answer, Request, ReturnVisit

PROOF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
ASSIGNED_SHARE = 0.12
MOST_HASTE = timedelta(hours=3)
_DAY = timedelta(days=1)
#: Steps that a unit takes outside office hours too when the hotline sent the case.
ANY_DAY = frozenset({"classify", "dispatch", "sign", "log_contact", "begin", "reply"})
PETITIONER = frozenset({"rate_content", "withdraw"})


class Life(Obliging):
    """The case and the story behind it. Methods named in a journey take no argument."""

    def __init__(
        self,
        case: Petition,
        told: Told,
        journey: Journey,
        kind: str,
        world: World,
        chance: random.Random,
    ) -> None:
        super().__init__(case, case.registered_at or case.received_at, world, chance)
        self.told, self.journey, self.kind = told, journey, kind
        self.assigned = kind != HOTLINE and chance.random() < ASSIGNED_SHARE
        #: What the machine did not allow, where the journey then ended.
        self.refused: WorkflowError | None = None

    def live(self) -> None:
        """All steps of the journey, each at its moment, then what the clocks do until the end."""
        steps = self.journey.steps(self.kind, self.assigned)
        moment = self.now
        for step, span in zip(steps, self._spans(steps), strict=True):
            moment += span
            # What a holiday held up is not all done in one minute after it.
            soonest = self.now + min(span / 3, MOST_HASTE)
            self.wait_until(self._opened(step, max(moment, soonest)))
            try:
                getattr(self, step)()
            except WorkflowError as refused:
                self.refused = refused
                break
        self.be_supervised()
        self.be_joined()
        self.settle_promise()
        self.wait_until(self.world.until)

    def _spans(self, steps: list[str]) -> list[timedelta]:
        """The time before each step: what is usual, more or less, fitted to the case's age."""
        spans = [
            self.journey.pace(step, self.kind) * self.chance.uniform(0.7, 1.3) for step in steps
        ]
        age, total, factor = (self.world.until - self.now) / _DAY, sum(spans), 1.0
        if total > age * 0.97:
            factor = age * 0.97 / total
        elif self.journey.waits and total:
            waits = pace(first_of(self.journey.waits, self.kind), self.kind)
            rest = waits * self.journey.patience * self.chance.uniform(0.1, 1)
            factor = max(1.0, (age - rest) / total)
        return [_DAY * span * factor for span in spans]

    def _opened(self, step: str, moment: datetime) -> datetime:
        """The moment, or when somebody is there again."""
        if step == "miss_call" and self.case.last_failed_on == day_of(moment):
            moment += _DAY
        if step in PETITIONER or (self.kind == HOTLINE and step in ANY_DAY):
            return self.world.year.waking_moment(moment, self.chance)
        return self.world.year.office_moment(moment, self.chance)

    # The desk ------------------------------------------------------------------------------

    def classify(self) -> None:
        case = self.case
        self.by(
            Role.CLERK,
            "classify",
            petition_class=case.petition_class,
            path=case.path,
            category=case.category,
            problem_area=case.problem_area,
            urgency=case.urgency,
            points=case.points(self.told.points),
            suggested=self._suggested(case.category_id, case.context.directory.categories),
        )

    def dispatch(self) -> None:
        self._dispatch(0)

    def dispatch_elsewhere(self) -> None:
        """After a hop, to the next who may be in charge."""
        self._dispatch(1)

    def _dispatch(self, place: int) -> None:
        context = self.case.context
        ranked = matching.rank(
            self.case.category, self.case.problem_area, context.day, directory=context.directory
        )
        best = ranked[min(place, len(ranked) - 1)]
        handler = self.world.staff[best.cadre_id or context.directory.head_for(best.unit_id) or 0]
        self.by(
            Role.CLERK,
            "dispatch",
            unit=handler.unit,
            handler=handler,
            agent=handler,
            way="ASSIGN" if self.assigned else "TRANSFER",
            charge=best.charge_id,
            feedback_on=context.day + timedelta(days=60) if self.assigned else None,
            suggested=self._suggested(handler.unit_id, context.directory.units),
        )

    def _suggested(self, taken: int | None, known: Iterable[int]) -> dict[str, Any] | None:
        """Of an accusation nothing is."""
        if taken is None or self.kind == ACCUSATION:
            return None
        return suggested(self.case.source_key, taken, [*known])

    def answer_at_once(self) -> None:
        self.by(Role.CLERK, "answer_at_once", answer=self.told.answers[0], confirmed=True)

    def transfer_out(self) -> None:
        self.by(
            Role.DISPATCHER, "transfer_out", organ="丰台区信访办公室", reason="问题属地不在本区"
        )

    def merge(self) -> None:
        """Into an open case about the same; without one it stays as it is."""
        others = Petition.objects.filter(state="HANDLING", sealed=False).exclude(pk=self.case.pk)
        same = others.filter(category=self.case.category)
        if main := same.order_by("pk").first() or others.order_by("pk").first():
            self.by(Role.DISPATCHER, "merge", main=main, reason="同一信访人反映同一事项")

    def divert(self) -> None:
        self.by(Role.DISPATCHER, "divert", **self._elsewhere())

    def hand_to_discipline(self) -> None:
        self.do(
            self.case.context.directory.holders(Role.LIAISON)[0],
            "hand_to_discipline",
            organ="区纪委监委信访室",
            reason="按管理权限移送",
        )

    # The unit ------------------------------------------------------------------------------

    def sign(self) -> None:
        self.by_holder("sign")

    def log_contact(self) -> None:
        self.by_holder("log_contact", reached=True, said="已电话联系，说明由我代理，约定上门时间。")
        self.give_mandate()
        self.oblige()

    def object(self) -> None:
        self.by_head("object", reason_code="NOT_COMPETENT", proof="按职责清单不属于本单位职责。")

    def reject_objection(self) -> None:
        self.by(Role.DISPATCHER, "reject_objection", reason="首接负责，请先牵头办理。")

    def uphold_objection(self) -> None:
        self.by(Role.DISPATCHER, "uphold_objection", reason="理由成立，退回重新派单。")

    def decline(self) -> None:
        self.by_head("decline", reason_code="OUT_OF_SCOPE", reason="不属于受理范围，已说明理由。")

    def divert_by_unit(self) -> None:
        self.by_head("divert", **self._elsewhere())

    def begin(self) -> None:
        if guards.petition_procedure.holds(self.case):
            self.by_holder("accept", procedure="NORMAL")
        else:
            self.by_holder("take_up")

    def begin_simply(self) -> None:
        self.by_holder("accept", procedure="SIMPLE")

    def ask_supplement(self) -> None:
        self.by_holder("ask_supplement", missing="请补充缴费凭证和房屋权属证明复印件。")

    def supplement(self) -> None:
        self.by_holder("receive_supplement", remark="已补交复印件三份。", files=[self._proof()])

    def ask_extension(self) -> None:
        requests.ask(
            self.case.pk,
            "extend",
            actor=self.actor(self.case.handler_id),
            now=self.now,
            days=self.chance.choice([15, 20, 30]),
            reason="需要第三方检测，短期内难以完成。",
        )

    def grant_extension(self) -> None:
        """Decided by the unit's head; who heads it and asked extends without deciding on that."""
        asked = Request.objects.get(case=self.case.pk, kind="extend", decision="")
        head = self.case.context.directory.head_for(self.case.unit_id)
        if head == asked.asker_id:
            self.by_head("extend", **asked.entered)
            return
        requests.decide(asked.pk, approve=True, actor=self.actor(head), now=self.now)
        self.read_again()

    def ask_hold(self) -> None:
        requests.ask(
            self.case.pk,
            "hold",
            actor=self.actor(self.case.handler_id),
            now=self.now,
            **self._held(),
        )

    def hold(self) -> None:
        self.by(Role.SUPERVISOR, "hold", **self._held())

    def _held(self) -> dict[str, Any]:
        review = day_of(self.world.until) + _DAY * self.chance.randint(6, 40)
        return {
            "reason": "开发企业已注销，历史资料缺失，现阶段不具备办理条件。",
            "plan": "会同规自、住建部门补齐资料，每月向信访人通报一次进展。",
            "review_on": review,
        }

    def submit_opinion(self) -> None:
        self.by_holder(
            "submit_opinion",
            answers=self._answers(),
            result=self._result(),
            facts=self.told.fact,
            basis=self.told.basis,
        )

    resubmit = submit_opinion

    def send_back(self) -> None:
        self.by_approver("send_back", reason="对第二项诉求的依据引用不全，请补充。")

    def approve_opinion(self) -> None:
        self.by_approver("approve_opinion")

    def reply(self) -> None:
        self.by_holder(
            "reply", answers=self._answers(), result=self._result(), files=[self._proof()]
        )

    reply_again = reply

    # Asking the petitioner -----------------------------------------------------------------

    def serve(self) -> None:
        way, proof = self.chance.choice([("IN_PERSON", "本人签收"), ("POST", "邮寄签收回执")])
        self.by(Role.CLERK, "serve", way=way, served_at=self.now, proof=proof)

    def report_completion(self) -> None:
        self.by_head("report_completion", report="已办结，材料附后。")

    def approve_completion(self) -> None:
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

    def rate_content(self) -> None:
        grade = self.chance.choice(["SATISFIED", "SATISFIED", "BASICALLY"])
        self.do(None, "rate", satisfaction=grade, office_satisfaction="SATISFIED")

    def allow_explained_close(self) -> None:
        self.by(
            Role.SUPERVISOR,
            "allow_explained_close",
            explanation="诉求无政策依据，已当面解释说明并告知救济途径。",
        )

    def close(self) -> None:
        self.by(Role.CALLER, "close")

    def rework(self) -> None:
        self.by(Role.CALLER, "rework", reason="信访人表示问题没有解决，请重新办理。")

    def withdraw(self) -> None:
        self.do(None, "withdraw", statement="问题已自行解决，自愿撤回。")

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

    def change_review(self) -> None:
        self.by(
            Role.REVIEW_OFFICER,
            "review_changed",
            result="SUPPORTED",
            opinion="经复查，原处理意见认定事实不清，予以变更。",
            way="POST",
            served_at=self.now,
        )

    def redo_review(self) -> None:
        self.by(
            Role.REVIEW_OFFICER,
            "review_redo",
            opinion="经复查，责令原办理单位重新办理。",
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

    # What is entered -----------------------------------------------------------------------

    def _answers(self) -> list[Answer]:
        return [
            Answer(claim_point=point, round=self.case.round, text=text, at=self.now)
            for point, text in zip(self.case.current_points, self.told.answers, strict=False)
        ]

    def _elsewhere(self) -> dict[str, str]:
        organ = {"1": "区人民法院", "2": "区劳动人事争议仲裁委员会"}.get(self.case.path, "主管部门")
        return {"organ": organ, "reason": "依法应当通过法定途径解决"}

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
        caller = self.chance.choice(self.case.context.directory.holders(Role.CALLER))
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
        self.do(
            caller,
            "record_return_visit",
            visits=[visit],
            reached=reached,
            satisfaction=satisfaction,
            resolved=resolved,
            next_at=next_at,
        )
