"""Who does the steps of agency in tests, with what: a part of `tests.driving`."""

from __future__ import annotations

from typing import Any

PERFORMERS: dict[str, str] = {
    **dict.fromkeys(("offer_mandate", "sign_mandate"), "clerk"),
    "revoke_mandate": "petitioner",
    "resign_mandate": "agent",
    "recuse": "head",
}

DATA: dict[str, Any] = {
    "offer_mandate": lambda _case, cast, _now: {
        "agent": cast.agent,
        "way": "WHOLE",
        "powers": ["CONSULT", "SUBMIT"],
    },
    "sign_mandate": {
        "signature": "TYPED",
        "petitioner_identity": "RESIDENT_ID",
        "agent_identity": "WORK_CARD",
        "said": "本人确认文字",
    },
    "revoke_mandate": {"statement": "撤销委托文字"},
    "resign_mandate": {"reason": "理由文字"},
    "recuse": lambda _case, cast, _now: {
        "cadre": cast.handler,
        "ground": "INTEREST",
        "reason": "理由文字",
    },
}

ON_A_MANDATE = ("sign_mandate", "revoke_mandate", "resign_mandate")
"""Steps that need one: it is offered at the very beginning, and goes along."""
