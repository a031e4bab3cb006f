"""One form for each step that takes input; the same for pages and for the API."""

from __future__ import annotations

from petitions.forms.asking import (
    ApplyReviewForm,
    ExplainedCloseForm,
    HearingForm,
    RateForm,
    ReturnVisitForm,
    ReviewChangedForm,
    ReviewForm,
    WithdrawForm,
)
from petitions.forms.base import AttachForm, ReasonForm, RemarkForm, StepForm
from petitions.forms.dispatching import DispatchForm, ObjectForm, ReassignForm
from petitions.forms.ending import (
    DeclineForm,
    DivertLateForm,
    ElsewhereForm,
    HandToDisciplineForm,
    MergeForm,
    RefuseReviewForm,
)
from petitions.forms.errands import (
    BreakPromiseForm,
    KeepPromiseForm,
    LogErrandForm,
    PromiseForm,
)
from petitions.forms.filing import AmendForm, AnswerAtOnceForm, ClassifyForm
from petitions.forms.handling import (
    AcceptForm,
    AskSupplementForm,
    ExtendForm,
    HoldForm,
    LogContactForm,
    ReceiveSupplementForm,
    ReplyForm,
    ReportCompletionForm,
    ServeForm,
    SetDateForm,
    SubmitOpinionForm,
)
from petitions.forms.joint import (
    AnswerCallForm,
    ArriveForm,
    AskCoHandlingForm,
    ConferenceForm,
    DeclineCallForm,
    ReleaseCallForm,
    ScoreCallForm,
    TakeCallForm,
    WhistleForm,
)
from petitions.forms.mandating import (
    OfferMandateForm,
    RecuseForm,
    RevokeMandateForm,
    SignMandateForm,
)
from petitions.forms.same_cause import JoinGroupForm
from petitions.forms.supervising import (
    AdviseForm,
    AnswerAdviceForm,
    ConcludeOrderForm,
    FeedBackOrderForm,
    InstructForm,
    OrderSupervisionForm,
    ReturnOrderFeedbackForm,
)

__all__ = ["FORMS", "StepForm", "form_for"]

#: The form of each step by the step's name, in the order of the machine.
FORMS: dict[str, type[StepForm]] = {
    "classify": ClassifyForm,
    "amend": AmendForm,
    "attach": AttachForm,
    "dispatch": DispatchForm,
    "recall": ReasonForm,
    "answer_at_once": AnswerAtOnceForm,
    "hand_to_discipline": HandToDisciplineForm,
    "divert": ElsewhereForm,
    "divert_late": DivertLateForm,
    "transfer_out": ElsewhereForm,
    "decline": DeclineForm,
    "take_back": ReasonForm,
    "merge": MergeForm,
    "unmerge": ReasonForm,
    "join_group": JoinGroupForm,
    "leave_group": ReasonForm,
    "object": ObjectForm,
    "uphold_objection": ReasonForm,
    "reject_objection": ReasonForm,
    "reassign": ReassignForm,
    "offer_mandate": OfferMandateForm,
    "sign_mandate": SignMandateForm,
    "revoke_mandate": RevokeMandateForm,
    "resign_mandate": ReasonForm,
    "recuse": RecuseForm,
    "log_contact": LogContactForm,
    "log_errand": LogErrandForm,
    "promise": PromiseForm,
    "keep_promise": KeepPromiseForm,
    "break_promise": BreakPromiseForm,
    "accept": AcceptForm,
    "ask_supplement": AskSupplementForm,
    "receive_supplement": ReceiveSupplementForm,
    "extend": ExtendForm,
    "set_date": SetDateForm,
    "convert_to_normal": ReasonForm,
    "hold": HoldForm,
    "release": ReasonForm,
    "submit_opinion": SubmitOpinionForm,
    "send_back": ReasonForm,
    "approve_opinion": RemarkForm,
    "reply": ReplyForm,
    "serve": ServeForm,
    "report_completion": ReportCompletionForm,
    "approve_completion": RemarkForm,
    "return_completion": ReasonForm,
    "record_return_visit": ReturnVisitForm,
    "rate": RateForm,
    "allow_explained_close": ExplainedCloseForm,
    "close": RemarkForm,
    "rework": ReasonForm,
    "reopen": ReasonForm,
    "withdraw": WithdrawForm,
    "ask_co_handling": AskCoHandlingForm,
    "whistle": WhistleForm,
    "take_call": TakeCallForm,
    "arrive": ArriveForm,
    "answer_call": AnswerCallForm,
    "decline_call": DeclineCallForm,
    "release_call": ReleaseCallForm,
    "score_call": ScoreCallForm,
    "record_conference": ConferenceForm,
    "order_supervision": OrderSupervisionForm,
    "feed_back_order": FeedBackOrderForm,
    "return_order_feedback": ReturnOrderFeedbackForm,
    "conclude_order": ConcludeOrderForm,
    "instruct": InstructForm,
    "advise": AdviseForm,
    "answer_advice": AnswerAdviceForm,
    "apply_review": ApplyReviewForm,
    "refuse_review": RefuseReviewForm,
    "review_upheld": ReviewForm,
    "review_changed": ReviewChangedForm,
    "review_redo": ReviewForm,
    "apply_rereview": ApplyReviewForm,
    "record_hearing": HearingForm,
    "rereview_upheld": ReviewForm,
    "rereview_changed": ReviewChangedForm,
    "rereview_redo": ReviewForm,
}


def form_for(name: str) -> type[StepForm] | None:
    """The form of the step; None for a step that runs from its button."""
    return FORMS.get(name)
