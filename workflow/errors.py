"""Everything the machine can refuse with: one tree, a code for machines, a sentence for people.

`config/errors.py` turns them into pages and API bodies, once; views never catch them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class WorkflowError(Exception):
    """A step was refused. `status` is the HTTP status that tells it best."""

    status = 409
    code = "refused"

    def __init__(self, sentence: Any, *, reasons: Sequence[Any] = ()) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.reasons = list(reasons)
        #: What others did since the caller last looked: `workflow.models.Event` rows, newest last.
        self.happened: list[Any] = []

    def __str__(self) -> str:
        return " ".join(str(part) for part in (self.sentence, *self.reasons))


class NotAllowedNow(WorkflowError):
    """The step does not exist in the case's present state."""

    code = "not_allowed_now"


class Blocked(WorkflowError):
    """The step exists, but a guard says no; `reasons` holds each guard's sentence."""

    code = "blocked"

    def __init__(self, reasons: Sequence[Any]) -> None:
        super().__init__(_("This can't be done now."), reasons=reasons)


class Stale(WorkflowError):
    """Somebody else acted on the case since the caller looked at it."""

    code = "stale"

    def __init__(self) -> None:
        super().__init__(
            gettext_lazy(
                "Somebody else has acted on this case meanwhile. Nothing of yours was saved; "
                "your text is kept. Look at what changed, then send it again."
            )
        )


class NotPermitted(WorkflowError):
    """The step is there, but not for this actor."""

    status = 403
    code = "not_permitted"


class InvalidData(WorkflowError):
    """What was entered can't stand; `field` names where."""

    status = 400
    code = "invalid"

    def __init__(self, field: str, sentence: Any) -> None:
        super().__init__(sentence)
        self.field = field


class NoSuchStep(WorkflowError):
    """No step of that name was ever declared."""

    status = 404
    code = "no_such_step"


class Overtaken(Exception):
    """What was planned without a lock can't be written: somebody acted on the case after it was
    read, or moved its unit, or running clocks must be counted as the sweep leaves them.
    """
