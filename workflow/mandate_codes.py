"""The coded facts of agency: the mandate, how it was signed, how it ended, why somebody recuses."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class MandateState(models.TextChoices):
    """Where the mandate that stands on a case is; blank: none stands."""

    # Translators: 待签署
    OFFERED = "OFFERED", _("Offered, not signed yet")
    # Translators: 口头同意，待补签
    ORAL = "ORAL", _("Agreed to orally, to be signed")
    # Translators: 已签署
    SIGNED = "SIGNED", pgettext_lazy("mandate", "Signed")


IN_FORCE = frozenset({MandateState.ORAL, MandateState.SIGNED})
"""The agent runs errands for the petitioner; what is done in their name needs SIGNED."""


class AgencyWay(models.TextChoices):
    """The ways of agency (代理方式)."""

    # Translators: 全程代理
    WHOLE = "WHOLE", _("Whole course")
    # Translators: 部分代理
    PARTIAL = "PARTIAL", _("Partial: writing, consulting")
    # Translators: 联合代理
    JOINT = "JOINT", _("Joint: several agents")
    # Translators: 指定代理
    DIRECTED = "DIRECTED", _("Directed by a leader")
    # Translators: 点名代理
    NAMED = "NAMED", _("Named by the petitioner")


class Power(models.TextChoices):
    """What the agent may do in the petitioner's name. The last two must be given expressly."""

    # Translators: 代为咨询政策
    CONSULT = "CONSULT", _("Ask about the rules and the state of the matter")
    # Translators: 代写材料
    WRITE = "WRITE", _("Write papers for the petitioner")
    # Translators: 代为提交、补正材料
    SUBMIT = "SUBMIT", _("Hand in papers and supplements")
    # Translators: 代为领取材料
    FETCH = "FETCH", _("Fetch documents")
    # Translators: 陪同或代为参加座谈、调解、听证
    ATTEND = "ATTEND", _("Attend talks, mediation and hearings")
    # Translators: 代为申请复查、复核
    REVIEW = "REVIEW", _("Apply for review and re-review")
    # Translators: 代为提出撤回
    WITHDRAW = "WITHDRAW", _("Ask for the withdrawal of the matter")


USUAL_POWERS = (Power.CONSULT, Power.WRITE, Power.SUBMIT, Power.FETCH, Power.ATTEND)
PARTIAL_POWERS = frozenset({Power.CONSULT, Power.WRITE})
"""What a partial mandate may hold."""


class Signature(models.TextChoices):
    """How the petitioner signed."""

    # Translators: 纸质签字
    PAPER = "PAPER", _("On paper, with a scan")
    # Translators: 窗口手写屏签字
    TABLET = "TABLET", _("By hand on a tablet")
    # Translators: 本人确认，窗口见证
    TYPED = "TYPED", _("Confirmed in words before a clerk")
    # Translators: 口头同意
    ORAL = "ORAL", _("Agreed to orally, signature to follow")
    # Translators: 网上签署
    ONLINE = "ONLINE", _("On the petitioner's own page")


class IdentityProof(models.TextChoices):
    """By what an identity was checked (Beijing Petition Regulation 2006, art. 28)."""

    # Translators: 居民身份证
    RESIDENT_ID = "RESIDENT_ID", _("Resident identity card")
    # Translators: 其他有效证件
    OTHER_PAPER = "OTHER_PAPER", _("Another identity paper")
    # Translators: 工作证
    WORK_CARD = "WORK_CARD", _("Work card")
    # Translators: 评价码
    CODE = "CODE", _("The petitioner's own code")
    # Translators: 本单位实名账号
    ACCOUNT = "ACCOUNT", _("The office's own account in their name")


class MandateEnd(models.TextChoices):
    """Why a mandate ended."""

    # Translators: 信访人撤销
    REVOKED = "REVOKED", _("Revoked by the petitioner")
    # Translators: 代理员辞任
    RESIGNED = "RESIGNED", _("The agent resigned")
    # Translators: 更换代理员
    NEW_AGENT = "NEW_AGENT", _("Another agent was named")
    # Translators: 重新出具
    REPLACED = "REPLACED", _("Offered anew on other terms")
    # Translators: 期限届满
    LAPSED = "LAPSED", _("Its period is over")
    # Translators: 事项办结
    CASE_ENDED = "CASE_ENDED", _("The case has ended")
    # Translators: 代理员回避
    RECUSED = "RECUSED", _("The agent was recused")
    # Translators: 转为检举控告
    SEALED = "SEALED", _("The case is an accusation")


class RecusalWish(models.TextChoices):
    """At whose wish a recusal is asked: that the petitioner may wish it is office rule, the
    Regulation (art. 28) only says who must have no part.
    """

    # Translators: 本人
    OWN = "OWN", _("The cadre concerned")
    # Translators: 信访人
    PETITIONER = "PETITIONER", _("The petitioner")
    # Translators: 本单位
    OFFICE = "OFFICE", _("The office")


class RecusalGround(models.TextChoices):
    """Direct interest in the matter (Regulation, art. 28); which facts are such is office rule."""

    # Translators: 与信访人或者被反映人是近亲属
    RELATIVE = "RELATIVE", _("Relative of the petitioner or the accused")
    # Translators: 与事项有直接利害关系
    INTEREST = "INTEREST", _("Own interest in the matter")
    # Translators: 本人或者本单位被反映
    ACCUSED = "ACCUSED", _("Accused, or of the accused unit")
    # Translators: 曾就同一事项作出处理意见
    EARLIER = "EARLIER", _("Drafted or approved an earlier opinion on this matter")
    # Translators: 其他可能影响公正办理的情形
    OTHER = "OTHER", _("Something else that may impair fairness")
