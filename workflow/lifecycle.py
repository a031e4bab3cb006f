"""THE machine: every step of a case, readable from top to bottom.

Each step reads: label, from, to, who may (or asks), guards; then what it checks in the entry, which
clocks it opens and closes, which papers and notices it makes. Bodies only set columns.
`docs/lifecycle.md` shows the same as table and diagram (`bin/manage show_lifecycle`).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_fsm import GET_STATE

from agents.models import Area, Cadre, Category, Station, Unit
from workflow import guards, joint, mandates, objections, promises, same_cause, supervision
from workflow import permissions as may
from workflow.calendar import midnight
from workflow.case import CaseColumns
from workflow.codes import (
    AnswerKind,
    Cause,
    Completion,
    PetitionClass,
    Procedure,
    Supervision,
    SupervisionResult,
)
from workflow.mandate_codes import MandateEnd, Power
from workflow.models import (
    Advice,
    Conference,
    Errand,
    Instruction,
    Mandate,
    Promise,
    Proposal,
    Recusal,
    SameCauseGroup,
    SupervisionOrder,
)
from workflow.steps import (
    OPEN_STATES,
    SAME,
    STEPS,
    STORED_STATES,
    Case,
    Changes,
    Codes,
    Rows,
    S,
    Term,
    Text,
    step,
    when,
)

__all__ = ["STEPS", "Lifecycle"]

#: An objection that is rejected goes back to where it came from.
WHERE_IT_WAS = GET_STATE(lambda case, **_: case.return_state, states=[S.DISPATCHED, S.SIGNED])
#: Where somebody of a unit answers for the case, so that it may pass to another of that unit.
HELD_BY_A_UNIT = [state for state in OPEN_STATES if state is not S.REGISTERED]
#: Where an advice may still be given: also once the petitioner has been answered.
ADVISED_IN = [*OPEN_STATES, S.CLOSED, S.CONCLUDED]
#: Where somebody is made the petitioner's agent: while there is something to be done for them.
OFFERED_IN = [S.REGISTERED, S.DISPATCHED, S.SIGNED, S.HANDLING, S.FOLLOW_UP, S.REVIEW]
#: Where a unit has the case, or had it last.
HELD_IN = [state for state in OPEN_STATES if state is not S.REGISTERED]
#: Where the unit, or whoever was there last, can give the petitioner its word.
PROMISED_IN = [S.SIGNED, S.HANDLING, S.APPROVAL, S.ANSWERED, S.FOLLOW_UP]
#: Clocks that an issued answer ends.
ANSWERING = [Term.HANDLING, Term.SIMPLE, Term.HOTLINE, Term.DUTY, Term.REWORK,
             Term.FIRST_CONTACT, Term.SUPPLEMENT]
#: Clocks of asking the petitioner whether they are content.
ASKING = [Term.RETURN_VISIT, Term.NEXT_VISIT]
#: Clocks of units called into the case, which end when it goes back to the office.
JOINT = [Term.CO_HANDLING, Term.CO_SILENCE, Term.WHISTLE]

#: Clocks whose length goes by the case's urgency; DISPATCH also by the receipt.
BY_LEVEL = [Term.DISPATCH, Term.SIGN, Term.HOTLINE]


class Lifecycle(CaseColumns):
    """Abstract: a case that moves. Inherited by `petitions.Petition`."""

    class Meta(CaseColumns.Meta):
        abstract = True

    # Intake --------------------------------------------------------------------------------

    @step(_("Register"), [S.NEW], S.REGISTERED, may.registrar | may.petitioner | may.system,
          opens=[Term.DISPATCH], notices=["accusation_registered"])
    def register(self) -> None:
        """Every receiving organ registers at once (arts. 21-23); the clock runs from receipt."""
        self.registered_at = self.context.now
        self.back_to_office()
        self.office_received_at = self.received_at
        self.sealed = self.petition_class == PetitionClass.ACCUSATION

    @step(_("Take over from old records"), [S.NEW], S.CLOSED, may.system)
    def record_history(self) -> None:
        """An old record keeps its dates, opens no clock, tells nobody."""
        self.registered_at = self.context.now
        self.back_to_office()
        self.is_history, self.sealed = True, self.petition_class == PetitionClass.ACCUSATION
        self.closed_at = self.answered_at or self.received_at

    @step(_("Classify"), [S.REGISTERED], SAME, may.clerk | may.dispatcher | may.liaison,
          closes=[when("sealed", Term.SUPERVISION, Term.PROMISE)], moves=BY_LEVEL,
          notices=["accusation_registered"])
    def classify(self, *, petition_class: str, path: str, category: Category, problem_area: Area,
                 urgency: str, points: Rows, suggested: Codes | None = None) -> None:
        """Class, path, category, place, urgency, claim points (arts. 22, 29-31)."""
        self.petition_class, self.path, self.urgency = petition_class, path, urgency
        self.category, self.problem_area = category, problem_area
        self.points_total, self.points_edition = len(points), self.points_edition + 1
        self.sealed = petition_class == PetitionClass.ACCUSATION
        if self.sealed:
            self.same_cause = None
            self.settle_proposals(Proposal.Decision.LAPSED)
        if self.sealed and self.supervision:
            self.conclude_supervision(SupervisionResult.LAPSED)
        if self.sealed and self.agent_id:
            self.end_agency(MandateEnd.SEALED)
        if self.sealed and self.promise_on:
            self.settle_promise()

    @step(_("Amend"), OPEN_STATES, SAME, may.clerk | may.liaison,
          checks=[guards.hotline_changes_in_time],
          opens=[when("became_hotline", Term.HOTLINE, once=True)],
          closes=[when("ceased_hotline", Term.HOTLINE)], moves=BY_LEVEL)
    def amend(self, *, reason: Text, changes: Changes) -> None:
        """Correct the record; old and new are kept, clocks whose start moved are recomputed."""
        self.apply_amendment(changes)

    @step(_("Attach"), OPEN_STATES, SAME,
          may.clerk | may.handler | may.agent | may.liaison)
    def attach(self, *, files: Rows, remark: Text = "") -> None:
        """Add papers or evidence to the case."""
        self.evidence_count += len(files)

    # Dispatch ------------------------------------------------------------------------------

    @step(_("Dispatch"), [S.REGISTERED], S.DISPATCHED, may.clerk | may.dispatcher,
          [guards.not_sealed, guards.classified, guards.claim_points_stated],
          checks=[guards.receiver_is_fit, guards.assignment_is_dated], closes=[Term.DISPATCH],
          opens=[Term.SIGN, Term.NOTICE, Term.OBJECTION,
                 when("is_hotline", Term.HOTLINE, once=True),
                 when("is_assigned", Term.FEEDBACK, once=True)],
          documents=["dispatch_sheet"], notices=["dispatched", "dispatched_urgently"],
          progress="dispatched")
    def dispatch(self, *, unit: Unit, handler: Cadre, agent: Cadre | None, way: str,
                 feedback_on: date | None = None, charge: int | None = None,
                 reason: Text = "", suggested: Codes | None = None) -> None:
        """Transfer or assign (art. 22) to whoever is in charge: 谁分管、谁代理."""
        self.give_to(unit.pk, handler, agent)
        self.way = way
        self.arrive_at(unit.pk)
        if Term.FEEDBACK not in self.context.clocks:
            self.feedback_on = feedback_on
        self.first_dispatched_at = self.first_dispatched_at or self.context.now

    @step(_("Recall"), [S.DISPATCHED], S.REGISTERED, may.dispatcher,
          closes=[Term.SIGN, Term.NOTICE, Term.OBJECTION, *JOINT], reopens=[Term.DISPATCH],
          notices=["recalled"], progress="returned")
    def recall(self, *, reason: Text) -> None:
        """Before signing; the clock of dispatch goes on where it was."""
        received = self.office_received_at
        self.back_to_office("recall")
        self.office_received_at = received

    @step(_("Answer at once"), [S.REGISTERED], S.FOLLOW_UP, may.clerk,
          [guards.simple, guards.classified],
          closes=[Term.DISPATCH, Term.HOTLINE], opens=[Term.RETURN_VISIT, Term.EVALUATION])
    def answer_at_once(self, *, answer: Text, confirmed: bool) -> None:
        """A simple matter, read back and confirmed by signature, or by a caller later."""
        self.answer_kind = AnswerKind.AT_ONCE
        self.answered_at = self.served_at = self.context.now
        self.begin_follow_up(self.context.now)

    @step(_("Hand to discipline"), [S.REGISTERED], S.TRANSFERRED_OUT, may.liaison,
          [guards.sealed], checks=[guards.organ_is_not_accused], closes_all=True)
    def hand_to_discipline(self, *, organ: Text, reason: Text = "") -> None:
        """To the organ competent by cadre-management right (arts. 22, 30)."""
        self.end("DISCIPLINE_PATH")

    @step(_("Lead elsewhere"), [S.REGISTERED, S.SIGNED], S.DIVERTED,
          may.dispatcher | may.unit_head,
          [guards.not_sealed, guards.path_leads_elsewhere, *joint.JOINT_WORK_DONE],
          asks=may.clerk | may.handler, closes_all=True,
          documents=["divert_notice"], notices=["ended_elsewhere"])
    def divert(self, *, organ: Text, reason: Text) -> None:
        """Into the procedure the law provides (art. 31(1)-(5))."""
        self.end(f"PATH_{self.path}")

    @step(_("Lead elsewhere after acceptance"), [S.HANDLING], S.DIVERTED, may.unit_head,
          joint.JOINT_WORK_DONE, closes_all=True, documents=["divert_notice"],
          notices=["ended_elsewhere"])
    def divert_late(self, *, path: str, organ: Text, reason: Text) -> None:
        """A lawsuit was filed or such a path found after acceptance (art. 31)."""
        self.path = path
        self.end(f"PATH_{path}")

    @step(_("Transfer out"), [S.REGISTERED], S.TRANSFERRED_OUT, may.dispatcher,
          [guards.not_sealed], closes_all=True, documents=["transfer_sheet"])
    def transfer_out(self, *, organ: Text, reason: Text) -> None:
        """To another district or a higher level (art. 22)."""
        self.end("TRANSFERRED_OUT")

    @step(pgettext_lazy("step", "Decline"), [S.REGISTERED, S.DISPATCHED, S.SIGNED], S.DECLINED,
          may.dispatcher | may.unit_head, [guards.not_sealed, *joint.JOINT_WORK_DONE],
          asks=may.clerk | may.handler,
          checks=[guards.conclusion_is_named], closes_all=True,
          documents=["decline_notice"], notices=["ended_elsewhere"])
    def decline(self, *, reason_code: str, reason: Text, earlier: Text = "") -> None:
        """Not accepted, or no longer accepted (art. 36), with the article and the right way."""
        self.end(reason_code)

    @step(_("Take back"), [S.DIVERTED, S.TRANSFERRED_OUT, S.DECLINED], S.REGISTERED,
          may.dispatcher | may.liaison, opens=[Term.DISPATCH])
    def take_back(self, *, reason: Text) -> None:
        """Returned or refused in writing, or ordered by a supervisor: all terms begin anew."""
        self.begin_anew("take_back")
        self.ended_because = ""

    @step(_("Merge"), [S.REGISTERED], S.MERGED, may.dispatcher, [guards.not_sealed],
          asks=may.clerk, checks=[guards.main_case_is_open])
    def merge(self, *, main: Case, reason: Text) -> None:
        """The same matter, confirmed by a human; its clocks stand still, the main case's go on."""
        self.merged_into = main
        self.end("MERGED")

    @step(_("Undo the merge"), [S.MERGED], S.REGISTERED, may.dispatcher)
    def unmerge(self, *, reason: Text) -> None:
        """Number, flags and clocks as before."""
        self.merged_into = self.closed_at = None
        self.ended_because = ""

    # Of one cause with others --------------------------------------------------------------

    @step(_("Put into a same-cause group"), OPEN_STATES, SAME,
          may.handler | may.unit_head | may.dispatcher,
          [guards.not_sealed, same_cause.in_no_group], notices=["grouped"])
    def join_group(self, *, group: SameCauseGroup) -> None:
        """One investigation and one answer with others (同因并办, office rule); its number, clocks
        and papers stay its own.
        """
        self.same_cause = group

    @step(_("Take out of the same-cause group"), OPEN_STATES, SAME,
          may.handler | may.unit_head | may.dispatcher, [same_cause.in_a_group])
    def leave_group(self, *, reason: Text) -> None:
        """It turned out to have another cause: handled by itself from now on."""
        self.same_cause = None

    # In the unit ---------------------------------------------------------------------------

    @step(_("Sign for"), [S.DISPATCHED], S.SIGNED, may.handler | may.unit_head,
          closes=[Term.SIGN], opens=[Term.FIRST_CONTACT, Term.SILENCE], progress="signed")
    def sign(self) -> None:
        """Receipt was the arrival in the unit's inbox: signing moves no legal clock."""
        self.signed_at = self.silent_since = self.context.now

    @step(_("Object"), [S.DISPATCHED, S.SIGNED], S.OBJECTED, may.unit_head,
          [guards.clock_runs(Term.OBJECTION), objections.not_objected_before], asks=may.handler,
          checks=[objections.another_unit_is_proposed],
          closes=[Term.OBJECTION], opens=[Term.OBJECTION_RULING],
          notices=["objected"], progress="objected")
    def object(self, *, reason_code: str, proof: Text, proposed_unit: Unit | None = None,
               files: Rows = ()) -> None:
        """Not ours: within 5 working days of receipt, with reasons (art. 23); once a unit."""
        self.return_state, self.objected_unit_id = self.state, self.unit_id
        self.objected_at = self.context.now

    @step(_("Uphold the objection"), [S.OBJECTED], S.REGISTERED, may.ruler,
          decides="uphold_objection",
          closes=[Term.OBJECTION_RULING, Term.SIGN, Term.NOTICE, Term.FIRST_CONTACT,
                  Term.SILENCE, Term.SUPPLEMENT, *JOINT],
          opens=[Term.DISPATCH], notices=["objection_ruled"], progress="returned")
    def uphold_objection(self, *, reason: Text) -> None:
        """Back to the office: one hop more; HOTLINE and FEEDBACK go on (art. 24)."""
        self.set_precedent(upheld=True)
        self.hops += 1
        self.objected_unit_id = None
        self.back_to_office("uphold_objection")

    @step(_("Reject the objection"), [S.OBJECTED], WHERE_IT_WAS, may.ruler,
          decides="uphold_objection",
          closes=[Term.OBJECTION_RULING], notices=["objection_ruled"], progress="stays")
    def reject_objection(self, *, reason: Text) -> None:
        """The first receiver stays answerable (首接负责制)."""
        self.set_precedent(upheld=False)

    @step(_("Reassign"), HELD_BY_A_UNIT, SAME, may.unit_head, [guards.has_handler],
          checks=[guards.receiver_is_fit], documents=["agency_mandate"], notices=["reassigned"],
          progress="reassigned")
    def reassign(self, *, handler: Cadre, agent: Cadre | None, reason: Text) -> None:
        """Another handler or agent of the unit, until the case has ended; no clock moves. A new
        agent needs a new mandate.
        """
        had, powers, before = self.mandate, self.mandate_powers, self.agent_id
        self.handler = handler
        self.name_agent(agent)
        if had and agent is not None and agent.pk != before:
            self.put_anew(agent, powers)

    # The petitioner's agent ----------------------------------------------------------------

    @step(_("Offer a mandate"), OFFERED_IN, SAME,
          may.clerk | may.dispatcher | may.unit_head | may.leader | may.handler
          | may.leading_agent,
          [guards.not_sealed, mandates.none_signed], checks=[mandates.offer_is_sound],
          documents=["agency_mandate"], notices=["mandate_offered"])
    def offer_mandate(self, *, agent: Cadre, way: str, powers: list[str],
                      until: date | None = None, station: Station | None = None,
                      directed_by: Cadre | None = None, co_agents: Rows = ()) -> None:
        """The paper on which the petitioner makes somebody their agent (代理委托书); no fee."""
        self.name_agent(agent)
        self.put_mandate(
            Mandate(agent=agent, way=way, powers=powers, until=until, station=station,
                    directed_by=directed_by), co_agents)

    @step(_("Sign the mandate"), OPEN_STATES, SAME,
          may.clerk | may.handler | may.agent | may.petitioner,
          [mandates.awaits_signature, mandates.period_runs],
          checks=[mandates.signature_is_sound], notices=["mandate_signed"])
    def sign_mandate(self, *, signature: str, petitioner_identity: str, agent_identity: str,
                     said: Text = "", files: Rows = ()) -> None:
        """Both identities checked; on paper, a tablet, before a witness, online; or agreed to
        orally, the signature to follow (Beijing Petition Regulation 2006, art. 28).
        """
        self.note_signature(signature, petitioner_identity, agent_identity)

    @step(_("Revoke the mandate"), OPEN_STATES, SAME, may.petitioner | may.clerk,
          [mandates.has_agent], checks=[mandates.revocation_is_stated],
          notices=["mandate_ended"])
    def revoke_mandate(self, *, statement: Text = "") -> None:
        """At any moment, without a reason: the agent's access ends; handler and clocks stay."""
        self.end_agency(MandateEnd.REVOKED)

    @step(_("Resign as agent"), OPEN_STATES, SAME, may.leading_agent, [mandates.has_agent],
          notices=["mandate_ended"])
    def resign_mandate(self, *, reason: Text) -> None:
        """The agent gives the mandate back, with what the next one must know."""
        self.end_agency(MandateEnd.RESIGNED)

    @step(_("Recuse"), [S.DISPATCHED, S.SIGNED, S.HANDLING, S.APPROVAL], SAME,
          may.impartial_head | may.impartial_dispatcher,
          [guards.not_sealed],
          asks=may.clerk | may.handler | may.agent | may.supervisor | may.caller | may.petitioner,
          checks=[mandates.recusal_is_sound], notices=["recused"])
    def recuse(self, *, cadre: Cadre, ground: str, reason: Text, wish: str = "") -> None:
        """Who has a direct interest has no part in the case (回避, art. 28): an agent leaves it; in
        a handler's place the head answers until another is named. `wish`: at whose wish, also the
        petitioner's; it is decided all the same.
        """
        self.context.records.append(Recusal(
            cadre=cadre, ground=ground, was_handler=cadre.pk == self.handler_id,
            was_agent=cadre.pk in self.agents, decided_by_id=self.context.actor.id,
            decided_at=self.context.now))
        self.keep_out(cadre.pk)

    @step(_("Log a contact"), [S.SIGNED, S.HANDLING, S.APPROVAL, S.ANSWERED], SAME,
          may.agent | may.handler,
          closes=[when("just_reached", Term.FIRST_CONTACT)],
          restarts=[when("just_reached", Term.SILENCE)])
    def log_contact(self, *, reached: bool, said: Text) -> None:
        """What was said with the petitioner; only a contact that reached them counts."""
        self.just_reached, self.logged_at = reached, self.context.now
        if reached:
            self.last_contact_at = self.silent_since = self.context.now

    @step(_("Log an errand"), HELD_IN, SAME, may.agent | may.handler,
          checks=[promises.errand_is_plausible],
          closes=[when("just_reached", Term.FIRST_CONTACT)],
          restarts=[when("contact_renewed", Term.SILENCE)])
    def log_errand(self, *, kind: str, minutes: int = 0, trips_spared: int = 0,
                   unit: Unit | None = None, met: Text = "", note: Text = "",
                   files: Rows = ()) -> None:
        """What was run for the petitioner (代办), who need not come; going with them or to their
        home is a contact, too.
        """
        now = self.context.now
        self.last_errand_at = self.logged_at = now
        self.evidence_count += len(files)
        self.context.records.append(Errand(
            agent_id=self.context.actor.id or 0, kind=kind, minutes=minutes,
            trips_spared=trips_spared, unit=unit, made_at=now))
        self.just_reached = kind in promises.MET
        if self.just_reached:
            self.last_contact_at = now
        if self.contact_renewed:
            self.silent_since = now

    @step(_("Promise"), PROMISED_IN, SAME, may.agent | may.handler,
          [promises.no_promise_stands], checks=[promises.promise_lies_ahead],
          opens=[Term.PROMISE], progress="promised")
    def promise(self, *, what: Text, due_on: date) -> None:
        """A word given to the petitioner for a day (承诺): it comes back to be checked."""
        self.promise_on, self.promised_at = due_on, self.context.now
        self.promise_moved = False
        self.context.records.append(Promise(
            agent_id=self.context.actor.id or 0, made_at=self.context.now, due_on=due_on))

    @step(_("Promise kept"), STORED_STATES, SAME, may.agent | may.handler | may.unit_head,
          [promises.promise_stands], checks=[promises.promise_is_proven],
          closes=[Term.PROMISE])
    def keep_promise(self, *, proof: Text, files: Rows = ()) -> None:
        """Kept, with proof: a photo or paper, or an errand logged since it was given."""
        self.evidence_count += len(files)
        self.settle_promise(kept_at=self.context.now)

    @step(_("Promise broken"), STORED_STATES, SAME, may.agent | may.handler | may.unit_head,
          [promises.promise_stands], checks=[promises.promise_moves_once],
          closes=[Term.PROMISE], opens=[when("promise_on", Term.PROMISE)],
          notices=["promise_broken"], progress="not_kept")
    def break_promise(self, *, reason: Text, new_day: date | None = None) -> None:
        """Not kept, and why; once it may be moved to another day, of which the petitioner hears."""
        now = self.context.now
        if new_day is None:  # what was moved was broken then
            self.settle_promise(**({} if self.promise_moved else {"broken_at": now}))
            return
        self.promise_on, self.promise_moved = new_day, True
        self.context.settles[Promise] = {"broken_at": now, "moved_to": new_day}

    @step(_("Accept"), [S.SIGNED], S.HANDLING, may.handler, [guards.petition_procedure],
          closes=[Term.NOTICE, Term.OBJECTION],
          opens=[when("is_normal", Term.HANDLING), when("is_simple", Term.SIMPLE)],
          documents=["acceptance_notice"], notices=["accepted"], progress="accepted")
    def accept(self, *, procedure: str) -> None:
        """An appeal on path 6: sixty days (art. 34); simple: ten working days."""
        self.procedure = procedure
        self.accepted_at = self.handling_from = self.context.now
        self.extended_days = 0

    @step(_("Take up"), [S.SIGNED], S.HANDLING, may.handler,
          [guards.taken_up_without_acceptance], closes=[Term.NOTICE, Term.OBJECTION],
          opens=[when("is_duty", Term.DUTY)], documents=["receipt_notice"], notices=["accepted"],
          progress="taken_up")
    def take_up(self) -> None:
        """Suggestion (art. 29), hotline demand, duty to perform (art. 31(5)): no sixty days."""
        self.taken_up_at = self.context.now

    @step(_("Ask for a supplement"), [S.SIGNED, S.HANDLING], SAME, may.handler,
          [guards.supplement_not_awaited], opens=[Term.SUPPLEMENT])
    def ask_supplement(self, *, missing: Text) -> None:
        """What is missing, in plain words; the law's clocks go on."""
        self.supplement_asked_at = self.context.now

    @step(_("Receive the supplement"), [S.SIGNED, S.HANDLING], SAME,
          may.handler | may.clerk | may.mandated(Power.SUBMIT),
          [guards.supplement_awaited], closes=[Term.SUPPLEMENT])
    def receive_supplement(self, *, remark: Text, files: Rows = ()) -> None:
        """What the petitioner brought."""
        self.evidence_count += len(files)

    @step(_("Extend"), [S.HANDLING], SAME, may.unit_head,
          [guards.accepted, guards.not_extended_before, guards.clock_runs(Term.HANDLING)],
          asks=may.handler, checks=[guards.extension_is_lawful], moves=[Term.HANDLING],
          documents=["extension_notice"], notices=["extended"], progress="extended")
    def extend(self, *, days: int, reason: Text) -> None:
        """Once, at most thirty days, by the unit's head, with notice (art. 34)."""
        self.extended_days = days

    @step(_("Set another date"), OPEN_STATES, SAME, may.supervisor | may.liaison,
          asks=may.clerk | may.handler, checks=[guards.date_can_be_set], notices=["date_set"])
    def set_date(self, *, term: str, due_on: date, reason: Text) -> None:
        """One term of this case by the day, with reason and approver, never past what the law gives
        (office rule); its explanation says so.
        """
        self.context.date_set = (term, due_on)

    @step(_("Convert to the normal procedure"), [S.HANDLING], SAME, may.unit_head,
          [guards.in_simple_procedure], closes=[Term.SIMPLE], opens=[Term.HANDLING])
    def convert_to_normal(self, *, reason: Text) -> None:
        """The simple procedure turned out unsuitable; counted from the same acceptance."""
        self.procedure = Procedure.NORMAL

    @step(_("Put on hold"), [S.HANDLING], SAME, may.supervisor | may.leader,
          asks=may.handler | may.unit_head, checks=[guards.hold_review_lies_ahead],
          restarts=[Term.HOLD_REVIEW], notices=["held"])
    def hold(self, *, reason: Text, plan: Text, review_on: date) -> None:
        """Can't be solved now (挂账): with a plan and the day of review; done again, prolonged."""
        self.held_at, self.hold_review_on = self.held_at or self.context.now, review_on

    @step(_("Release from hold"), [S.HANDLING], SAME,
          may.unit_head | may.supervisor | may.leader, [guards.on_hold], asks=may.handler,
          closes=[Term.HOLD_REVIEW], notices=["released"])
    def release(self, *, reason: Text) -> None:
        """It can be solved again: what stood still runs on."""
        self.held_at = self.hold_review_on = None

    @step(_("Submit the opinion"), [S.HANDLING], S.APPROVAL, may.handler,
          [guards.answered_by_opinion, guards.contact_logged, guards.not_on_hold,
           *joint.JOINT_WORK_DONE],
          checks=[guards.each_point_answered], notices=["opinion_submitted"])
    def submit_opinion(self, *, answers: Rows, result: str, facts: Text, basis: Text,
                       files: Rows = ()) -> None:
        """Claim, facts, legal basis, one of three results (art. 32)."""
        self.result, self.drafted_by_id = result, self.context.actor.id
        self.evidence_count += len(files)

    @step(_("Send back"), [S.APPROVAL], S.HANDLING, may.approver, decides="approve_opinion",
          notices=["sent_back"])
    def send_back(self, *, reason: Text) -> None:
        """The draft needs more work."""

    @step(_("Approve the opinion"), [S.APPROVAL], S.ANSWERED, may.approver,
          decides="approve_opinion", closes=ANSWERING,
          opens=[Term.SERVICE], documents=["opinion"], notices=["opinion_approved"],
          progress="answered")
    def approve_opinion(self, *, remark: Text = "") -> None:
        """By another than the drafter; the paper is numbered and locked (arts. 32, 34)."""
        self.answer_kind, self.answered_at = AnswerKind.OPINION, self.context.now

    @step(_("Reply"), [S.HANDLING], S.ANSWERED, may.handler,
          [guards.answered_by_reply, guards.not_on_hold, *joint.JOINT_WORK_DONE],
          checks=[guards.each_point_answered, guards.evidence_given],
          closes=ANSWERING,
          opens=[Term.SERVICE], documents=["reply"], notices=["replied"], progress="answered")
    def reply(self, *, answers: Rows, result: str, files: Rows = (), summary: Text = "") -> None:
        """Suggestion, hotline demand, path 5: each point answered, with evidence."""
        self.result, self.drafted_by_id = result, self.context.actor.id
        self.answer_kind, self.answered_at = AnswerKind.REPLY, self.context.now
        self.evidence_count += len(files)

    @step(_("Record service"), [S.ANSWERED], S.FOLLOW_UP, may.clerk | may.handler,
          checks=[guards.served_in_past], closes=[Term.SERVICE, Term.SILENCE],
          opens=[Term.RETURN_VISIT, Term.EVALUATION, when("is_reviewable", Term.REVIEW_APPLY)],
          notices=["served"])
    def serve(self, *, way: str, served_at: datetime, ground: str = "", attitude: str = "",
              proof: Text = "", files: Rows = ()) -> None:
        """Way, date, proof; the petitioner's thirty days run from here (arts. 23, 35)."""
        self.served_at = None if ground else served_at
        self.begin_follow_up(served_at)

    # The assignment's report ---------------------------------------------------------------

    @step(_("Report completion"), [S.ANSWERED, S.FOLLOW_UP], SAME, may.unit_head,
          [guards.assigned, guards.completion_not_reported], notices=["completion_reported"])
    def report_completion(self, *, report: Text, files: Rows = ()) -> None:
        """An assigned case owes a report with its evidence (art. 22(3))."""
        self.completion = Completion.REPORTED

    @step(_("Approve the completion report"), [S.ANSWERED, S.FOLLOW_UP], SAME, may.dispatcher,
          [guards.completion_reported], decides="approve_completion", closes=[Term.FEEDBACK],
          notices=["completion_decided"])
    def approve_completion(self, *, remark: Text = "") -> None:
        """The sender approves the completion."""
        self.completion = Completion.APPROVED

    @step(_("Return the completion report"), [S.ANSWERED, S.FOLLOW_UP], SAME, may.dispatcher,
          [guards.completion_reported], decides="approve_completion",
          notices=["completion_decided"])
    def return_completion(self, *, reason: Text) -> None:
        """The report is not good enough; its clock goes on."""
        self.completion = Completion.RETURNED

    # Asking the petitioner, and the end ----------------------------------------------------

    @step(_("Record a return visit"), [S.FOLLOW_UP], SAME, may.caller,
          checks=[guards.rating_given], closes=[Term.NEXT_VISIT],
          opens=[when("visit_is_planned", Term.NEXT_VISIT)], notices=[])
    def record_return_visit(self, *, visits: Rows, reached: bool, satisfaction: str = "",
                            resolved: str = "", next_at: datetime | None = None,
                            said: Text = "") -> None:
        """By another than the handling unit; failed attempts count once a day (回访)."""
        self.next_visit_at = None if reached else next_at
        if reached:
            self.visit_satisfaction, self.resolved = satisfaction, resolved
        elif self.last_failed_on != self.context.day:
            self.failed_days, self.last_failed_on = self.failed_days + 1, self.context.day

    @step(_("Rate"), [S.FOLLOW_UP, S.CLOSED], SAME, may.petitioner,
          [guards.clock_runs(Term.EVALUATION), guards.not_rated], closes=[Term.EVALUATION])
    def rate(self, *, satisfaction: str, office_satisfaction: str, remark: Text = "") -> None:
        """Once, by the petitioner's own token, within the window; unit and office apart."""
        self.rating, self.office_rating = satisfaction, office_satisfaction

    @step(_("Allow an explained close"), [S.FOLLOW_UP], SAME, may.supervisor,
          [guards.dissatisfied_or_unsolved, guards.close_not_explained_yet], asks=may.caller)
    def allow_explained_close(self, *, explanation: Text) -> None:
        """Dissatisfied, but all that the law allows was done and explained (疏导教育, art. 32)."""
        self.explained_close = True

    @step(pgettext_lazy("step", "Close"), [S.FOLLOW_UP], S.CLOSED, may.caller | may.system,
          [guards.petitioner_asked, guards.completion_approved_if_assigned,
           supervision.order_concluded],
          closes=[*ASKING, Term.SILENCE], notices=["closed"])
    def close(self, *, remark: Text = "") -> None:
        """Only once the petitioner has been asked; closed is not resolved."""
        self.end(self.close_ground)

    @step(_("Rework"), [S.FOLLOW_UP, S.CLOSED], S.HANDLING, may.caller | may.supervisor,
          [guards.answered_by_unit, guards.dissatisfied_or_unsolved],
          closes=[*ASKING, Term.EVALUATION, Term.REVIEW_APPLY, Term.REREVIEW_APPLY],
          opens=[Term.REWORK], restarts=[Term.SILENCE], notices=["rework"], progress="again")
    def rework(self, *, reason: Text) -> None:
        """Handled again (重办): a new round with its own clock, history kept."""
        self.next_round()
        self.rework_from = self.context.now

    @step(_("Send to a unit after all"), [S.FOLLOW_UP, S.CLOSED], S.REGISTERED,
          may.caller | may.supervisor, [guards.answered_at_once, guards.dissatisfied_or_unsolved],
          closes=[*ASKING, Term.EVALUATION, Term.SILENCE], opens=[Term.DISPATCH])
    def reopen(self, *, reason: Text) -> None:
        """The desk's answer at once did not satisfy: the case is dispatched after all."""
        self.next_round()
        self.begin_anew("reopen")

    @step(_("Withdraw"), OPEN_STATES, S.WITHDRAWN, may.petitioner | may.caller,
          joint.JOINT_WORK_DONE, asks=may.clerk | may.mandated(Power.WITHDRAW), closes_all=True,
          notices=["withdrawn"])
    def withdraw(self, *, statement: Text) -> None:
        """By the petitioner; an entry of a clerk or the agent waits for a caller's confirmation."""
        self.end("WITHDRAWN")

    # Joint handling ------------------------------------------------------------------------

    @step(_("Ask for co-handling"), joint.CALLING_IN, SAME,
          may.unit_head | may.dispatcher | may.leader_ordering, [guards.not_sealed],
          asks=may.handler, checks=[joint.units_can_be_called, joint.answer_is_dated],
          calls=[Term.CO_HANDLING, Term.CO_SILENCE], notices=["co_handling_asked"])
    def ask_co_handling(self, *, unit: Unit, demand: Text, due_on: date) -> None:
        """Another unit does its part (协办) by a day; the leading one stays answerable."""
        self.call_in(joint.co_handler(self, unit.pk, due_on))

    @step(_("Blow the whistle"), joint.CALLING_IN, SAME,
          may.handler | may.unit_head | may.dispatcher | may.leader, [guards.not_sealed],
          checks=[joint.units_can_be_called, joint.whistle_is_timed],
          calls=[Term.WHISTLE], notices=["whistle_blown"])
    def whistle(self, *, kind: str, units: list[int], place: Text, demand: Text,
                minutes: int | None = None) -> None:
        """The street calls departments to a place (街乡吹哨、部门报到)."""
        blown, called = joint.whistled(self, kind, units, minutes)
        self.context.records.append(blown)
        self.call_in(*called)

    @step(_("Take on the call"), joint.CALLED_IN, SAME, may.called, [joint.call_open],
          checks=[joint.call_is_theirs, joint.taker_is_fit],
          answers=[Term.CO_SILENCE], notices=["call_taken"])
    def take_call(self, *, call: int, cadre: Cadre | None = None) -> None:
        """The called unit is at it; its head may name who of its people."""
        joint.about(self, call, taken_at=self.context.now,
                    cadre_id=joint.takes_it_on(self, call, cadre))

    @step(_("Check in"), joint.CALLED_IN, SAME, may.called | may.handler | may.unit_head,
          [joint.arrival_awaited], checks=[joint.arrival_fits],
          answers=[Term.WHISTLE], notices=["unit_arrived"])
    def arrive(self, *, call: int, arrived_at: datetime | None = None, place: Text = "",
               files: Rows = ()) -> None:
        """The called department is there (报到): by its own tap, or entered by who called it."""
        self.evidence_count += len(files)
        joint.about(self, call, arrived_at=arrived_at or self.context.now)

    @step(_("Answer the call"), joint.CALLED_IN, SAME, may.called, [joint.answer_ready],
          checks=[joint.call_is_theirs, joint.whistle_s_unit_is_there],
          answers=[Term.CO_HANDLING, Term.CO_SILENCE], notices=["call_answered"])
    def answer_call(self, *, call: int, answer: Text, plan: Text = "", files: Rows = ()) -> None:
        """What the called unit found and did, and what it will still do."""
        self.evidence_count += len(files)
        joint.about(self, call, answered_at=self.context.now)

    @step(_("Decline to co-handle"), joint.CALLED_IN, SAME, may.called,
          [joint.co_handling_open],
          checks=[joint.call_is_theirs, joint.co_handling_can_be_declined],
          answers=[Term.CO_HANDLING, Term.CO_SILENCE], notices=["call_declined"])
    def decline_call(self, *, call: int, reason: Text) -> None:
        """Not our part, with the reason; the leading unit and the office decide what follows."""
        joint.about(self, call, declined_at=self.context.now)

    @step(_("Release the called unit"), joint.CALLED_IN, SAME,
          may.handler | may.unit_head | may.dispatcher | may.leader, [joint.call_open],
          checks=[joint.call_stands],
          answers=JOINT, notices=["call_released"])
    def release_call(self, *, call: int, reason: Text) -> None:
        """It is needed no longer: no answer is owed any more."""
        joint.about(self, call, released_at=self.context.now)

    @step(_("Score the called unit"), joint.SCORED_IN, SAME, may.handler | may.unit_head,
          [joint.score_owed], checks=[joint.score_fits], notices=["unit_scored"])
    def score_call(self, *, call: int, arrival_score: int, result_score: int,
                   remark: Text = "") -> None:
        """The street scores the department, not the other way round (双考核)."""
        joint.about(self, call, scored_at=self.context.now, arrival_score=arrival_score,
                    result_score=result_score)

    @step(_("Record a joint conference"), [*joint.CALLED_IN, S.REGISTERED, S.APPROVAL], SAME,
          may.dispatcher | may.leader, [guards.not_sealed], checks=[joint.conference_fits],
          notices=["conference_held"])
    def record_conference(self, *, held_on: date, units: list[int], topics: Text, decision: Text,
                          lead: Unit | None = None, files: Rows = ()) -> None:
        """Who met, what was spoken of, who shall lead (联席会议, art. 24). It decides nothing by
        itself: an objection is ruled on, a case dispatched, by their own steps."""
        self.evidence_count += len(files)
        self.context.records.append(Conference(
            held_on=held_on, units=units, lead=lead, recorded_by_id=self.context.actor.id or 0))

    # Supervision ---------------------------------------------------------------------------

    @step(_("Order supervision"), OPEN_STATES, SAME, may.supervisor | may.system,
          [guards.not_sealed, supervision.not_supervised], checks=[supervision.order_is_dated],
          opens=[Term.SUPERVISION], documents=["supervision_order"],
          notices=["supervision_ordered"])
    def order_supervision(self, *, reason_code: str, demanded: Text, days: int) -> None:
        """Against the rules, shirking, delay, falsification (art. 40): feedback is owed (督办)."""
        actor = self.context.actor
        by = actor.id if actor.kind == "cadre" else None
        self.context.records.append(SupervisionOrder(
            reason_code=reason_code, unit_id=self.unit_id or 0, ordered_at=self.context.now,
            ordered_by_id=by,
        ))
        self.expect_feedback(days)
        self.settle_proposals(Proposal.Decision.ISSUED, by)

    @step(_("Feed back on the supervision order"), OPEN_STATES, SAME,
          may.handler | may.unit_head, [supervision.order_awaits_feedback],
          closes=[Term.SUPERVISION], notices=["order_fed_back"])
    def feed_back_order(self, *, feedback: Text, files: Rows = ()) -> None:
        """What was done about it, with evidence; the supervisor concludes or returns it."""
        self.supervision = Supervision.FED_BACK
        self.evidence_count += len(files)
        self.context.settles[SupervisionOrder] = {"fed_back_at": self.context.now}

    @step(_("Return the feedback"), OPEN_STATES, SAME, may.supervisor,
          [supervision.order_fed_back], decides="conclude_order",
          checks=[supervision.order_is_dated],
          opens=[Term.SUPERVISION], notices=["order_feedback_returned"])
    def return_order_feedback(self, *, reason: Text, days: int) -> None:
        """Not good enough: it is owed anew, by a new date."""
        self.expect_feedback(days)
        self.context.settles[SupervisionOrder] = {"fed_back_at": None}

    @step(_("Conclude the supervision order"), OPEN_STATES, SAME, may.supervisor,
          [supervision.supervised], decides="conclude_order", closes=[Term.SUPERVISION],
          notices=["order_concluded"])
    def conclude_order(self, *, result: str, remark: Text) -> None:
        """Urged, talk, circular, accountability handed on; or lifted."""
        self.conclude_supervision(result)

    @step(_("Write an instruction"), OPEN_STATES, SAME, may.leader, [guards.not_sealed],
          checks=[supervision.instruction_can_be_read], notices=["instructed"])
    def instruct(self, *, to: Cadre, instruction: Text, due_on: date | None = None) -> None:
        """A leader's written instruction (批示); the addressee confirms having read it."""
        self.context.addressed = [to.pk]
        self.context.records.append(Instruction(
            leader_id=self.context.actor.id or 0, to=to, at=self.context.now, due_on=due_on))

    @step(_("Give an advice"), ADVISED_IN, SAME, may.supervisor,
          [guards.not_sealed, supervision.no_advice_unanswered],
          opens=[Term.ADVICE], documents=["advice"], notices=["advised"])
    def advise(self, *, kind: str, unit: Unit, advice: Text) -> None:
        """Improve the work, the policy, or hold to account (三项建议, art. 40)."""
        self.advised_unit, self.advised_at = unit, self.context.now
        self.context.records.append(Advice(
            kind=kind, unit=unit, given_by_id=self.context.actor.id or 0,
            given_at=self.context.now))

    @step(_("Answer the advice"), STORED_STATES, SAME, may.advised_head | may.supervisor,
          [supervision.advice_unanswered], closes=[Term.ADVICE], notices=["advice_answered"])
    def answer_advice(self, *, adopted: str, answer: Text, files: Rows = ()) -> None:
        """In writing, whether it is adopted; if not, why (art. 40). The supervisor enters an
        answer that came on paper."""
        self.advised_unit = None
        self.evidence_count += len(files)
        self.context.settles[Advice] = {"answered_at": self.context.now, "adopted": adopted}

    # Review and re-review ------------------------------------------------------------------

    @step(_("Apply for review"), [S.FOLLOW_UP, S.CLOSED], S.REVIEW,
          may.clerk | may.petitioner | may.mandated(Power.REVIEW),
          [guards.opinion_served, guards.not_reviewed, guards.clock_runs(Term.REVIEW_APPLY)],
          closes=[Term.REVIEW_APPLY, *ASKING, Term.EVALUATION], opens=[Term.REVIEW],
          notices=["review_requested"])
    def apply_review(self, *, claim: Text) -> None:
        """Within thirty days of service, to the next higher organ (art. 35)."""
        self.review_requested_at, self.closed_at = self.context.now, None

    @step(_("Refuse the review"), [S.FOLLOW_UP, S.CLOSED], SAME, may.review_officer,
          [guards.opinion_served], documents=["decline_notice"])
    def refuse_review(self, *, reason_code: str, reason: Text) -> None:
        """The time has lapsed, or it is out of scope."""

    @step(_("Review: upheld"), [S.REVIEW], S.FOLLOW_UP, may.review_officer,
          checks=[guards.served_in_past], closes=[Term.REVIEW],
          opens=[Term.REREVIEW_APPLY, Term.RETURN_VISIT, Term.EVALUATION],
          documents=["review_opinion"], notices=["review_decided"])
    def review_upheld(self, *, opinion: Text, way: str, served_at: datetime) -> None:
        """Made and served within thirty days of the request (art. 35)."""
        self.review_served_at = served_at
        self.begin_follow_up(served_at)

    @step(_("Review: changed"), [S.REVIEW], S.FOLLOW_UP, may.review_officer,
          checks=[guards.served_in_past], closes=[Term.REVIEW],
          opens=[Term.REREVIEW_APPLY, Term.RETURN_VISIT, Term.EVALUATION],
          documents=["review_opinion"], notices=["review_decided"])
    def review_changed(self, *, result: str, opinion: Text, way: str, served_at: datetime) -> None:
        """The higher organ decides otherwise (art. 35)."""
        self.result, self.review_served_at = result, served_at
        self.begin_follow_up(served_at)

    @step(_("Review: to be handled again"), [S.REVIEW], S.HANDLING, may.review_officer,
          checks=[guards.served_in_past], closes=[Term.REVIEW], opens=[Term.HANDLING],
          restarts=[Term.SILENCE], documents=["review_opinion"], notices=["redo_ordered"],
          progress="again")
    def review_redo(self, *, opinion: Text, way: str, served_at: datetime) -> None:
        """The unit handles again, from now (art. 35)."""
        self.next_round()
        self.handling_from, self.procedure = self.context.now, Procedure.NORMAL

    @step(_("Apply for re-review"), [S.FOLLOW_UP, S.CLOSED], S.REREVIEW,
          may.clerk | may.petitioner | may.mandated(Power.REVIEW),
          [guards.review_opinion_served, guards.clock_runs(Term.REREVIEW_APPLY)],
          closes=[Term.REREVIEW_APPLY, *ASKING, Term.EVALUATION], opens=[Term.REREVIEW],
          notices=["review_requested"])
    def apply_rereview(self, *, claim: Text) -> None:
        """Within thirty days of the review opinion's service, one level higher (art. 36)."""
        self.review_requested_at, self.closed_at = self.context.now, None

    @step(_("Record a hearing"), [S.REREVIEW], SAME, may.review_officer,
          checks=[guards.hearing_fits], interrupts=Cause.HEARING)
    def record_hearing(self, *, begins_on: date, ends_on: date, record: Text = "") -> None:
        """Held, or fixed (听证): its days, both included, are not counted (art. 36)."""
        after = ends_on + timedelta(days=1)
        self.context.interruption = (midnight(begins_on), midnight(after))

    @step(_("Re-review: upheld"), [S.REREVIEW], S.CONCLUDED, may.review_officer,
          checks=[guards.served_in_past], closes_all=True,
          documents=["rereview_opinion"], notices=["review_decided"])
    def rereview_upheld(self, *, opinion: Text, way: str, served_at: datetime) -> None:
        """The end: the same facts and reasons are no longer accepted (art. 36)."""
        self.end("REREVIEWED")

    @step(_("Re-review: changed"), [S.REREVIEW], S.CONCLUDED, may.review_officer,
          checks=[guards.served_in_past], closes_all=True,
          documents=["rereview_opinion"], notices=["review_decided"])
    def rereview_changed(self, *, result: str, opinion: Text, way: str,
                         served_at: datetime) -> None:
        """The end, with another result (art. 36)."""
        self.result = result
        self.end("REREVIEWED")

    @step(_("Re-review: to be handled again"), [S.REREVIEW], S.HANDLING, may.review_officer,
          checks=[guards.served_in_past], closes=[Term.REREVIEW], opens=[Term.HANDLING],
          restarts=[Term.SILENCE], documents=["rereview_opinion"], notices=["redo_ordered"],
          progress="again")
    def rereview_redo(self, *, opinion: Text, way: str, served_at: datetime) -> None:
        """The unit handles again, from now (art. 36)."""
        self.next_round()
        self.handling_from, self.procedure = self.context.now, Procedure.NORMAL
