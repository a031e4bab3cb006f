"""Cases that lie before somebody: who rules on what, and where to find it.

A step that is asked for (`asks=`) needs no entry; it is found by its request.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from petitions.queries import IS_REPORTED, IS_SUPERVISED
from workflow.codes import Supervision
from workflow.steps import STEPS

ONE_SENTENCE = {"reason", "remark"}
"""What a decision made from the list can say."""


@dataclass(frozen=True)
class Ruling:
    """Two steps between which somebody decides, and the step by which it came before them.

    `where`: which of the cases in the state of `approve` lie before the decider, as a condition
    that an index knows; needed unless all of them do.
    """

    approve: str
    reject: str
    brought_by: str
    approve_label: Any
    reject_label: Any
    needs_reason: bool = False
    """Also approving says why."""
    where: Q = Q()  # noqa: RUF009 - never changed

    @property
    def steps(self) -> tuple[str, str]:
        """The names of yes and no."""
        return (self.approve, self.reject)


def takes_one_sentence(name: str) -> bool:
    """Can the step be done with a sentence, or does it need a page of its own?"""
    return STEPS[name].params.keys() <= ONE_SENTENCE


RULINGS: dict[str, Ruling] = {
    one.approve: one
    for one in (
        Ruling("approve_opinion", "send_back", "submit_opinion", _("Approve"), _("Send back")),
        Ruling(
            "uphold_objection", "reject_objection", "object", _("Uphold"), _("Reject"),
            needs_reason=True,
        ),
        Ruling(
            "approve_completion", "return_completion", "report_completion", _("Approve"),
            _("Return"), where=IS_REPORTED,
        ),
        Ruling(
            "conclude_order", "return_order_feedback", "feed_back_order", _("Conclude"),
            _("Return"), where=IS_SUPERVISED & Q(supervision=Supervision.FED_BACK),
        ),
    )
}  # fmt: skip
"""By the name of the step that says yes, which both steps name as what they decide."""
