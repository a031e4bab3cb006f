"""The thirteen roles of a petition office. What a role may do is declared with the steps."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """A cadre may hold several, except the three administrators, who hold one and nothing else."""

    # Translators: 窗口接待员
    CLERK = "clerk", _("Clerk")
    # Translators: 派单审核员
    DISPATCHER = "dispatcher", _("Dispatcher")
    # Translators: 承办人
    HANDLER = "handler", _("Handler")
    # Translators: 代理员
    AGENT = "agent", _("Agent")
    # Translators: 单位负责人
    UNIT_HEAD = "unit_head", _("Unit head")
    # Translators: 回访员
    CALLER = "caller", _("Caller")
    # Translators: 督查员
    SUPERVISOR = "supervisor", _("Supervisor")
    # Translators: 复查复核员
    REVIEW_OFFICER = "review_officer", _("Review officer")
    # Translators: 领导
    LEADER = "leader", _("Leader")
    # Translators: 纪检联络员
    LIAISON = "liaison", _("Discipline liaison")
    # Translators: 系统管理员
    SYSTEM_ADMIN = "system_admin", _("System administrator")
    # Translators: 安全管理员
    SECURITY_ADMIN = "security_admin", _("Security administrator")
    # Translators: 审计员
    AUDITOR = "auditor", _("Auditor")


# The 三员 of classified protection (GB/T 22239-2019, level 3): kept in three pairs of hands,
# and none of them sees the contents of a case.
ADMIN_ROLES: frozenset[str] = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})

# Those who may enter the administration of reference data.
STAFF_ROLES: frozenset[str] = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN})

# Those whose decisions another may make while they are away.
DECIDING_ROLES: frozenset[str] = frozenset(
    {Role.UNIT_HEAD, Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER}
)

_DESCRIPTIONS: dict[Role, Any] = {
    Role.CLERK: _(
        "Registers visits, letters, calls and online filings; classifies, dispatches, prints; "
        "records service and repeat visits."
    ),
    Role.DISPATCHER: _(
        "Dispatches what is unclear, rules on objections, merges, recalls, takes back, "
        "approves completion reports."
    ),
    Role.HANDLER: _(
        "Answers for the responsible unit: signs, accepts, investigates, drafts the opinion or "
        "reply, asks for extensions."
    ),
    Role.AGENT: _(
        "Acts for the petitioner: contacts, runs errands, keeps the log, reports, explains. "
        "Needs a mandate."
    ),
    Role.UNIT_HEAD: _("Approves opinions, extensions and objections of the unit; reassigns."),
    Role.CALLER: _("Makes return visits, spot checks and the satisfaction review."),
    Role.SUPERVISOR: _("Orders supervision, escalates, is the second person for exclusions."),
    Role.REVIEW_OFFICER: _("Reviews and re-reviews, for the next higher organ."),
    Role.LEADER: _(
        "Reads the dashboards, takes cases in charge, writes instructions, rules from the second "
        "hop on."
    ),
    Role.LIAISON: _("Keeps the sealed box of accusations."),
    Role.SYSTEM_ADMIN: _("Runs the system: accounts, units, charges. Sees no case contents."),
    Role.SECURITY_ADMIN: _("Grants roles and keeps the rules. Sees no case contents."),
    Role.AUDITOR: _("Reads the logs of the other two. Changes nothing, sees no case contents."),
}

# role -> (label, what it does)
ROLE_TABLE: dict[Role, tuple[Any, Any]] = {role: (role.label, _DESCRIPTIONS[role]) for role in Role}
