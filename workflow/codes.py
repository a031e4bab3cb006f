"""The coded facts about a case that the machine reads or writes (glossary: docs/glossary.md)."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PetitionClass(models.TextChoices):
    """The three classes and their different procedures (Regulation, arts. 29-31)."""

    SUGGESTION = "SUGGESTION", _("Suggestion")
    ACCUSATION = "ACCUSATION", _("Accusation")
    APPEAL = "APPEAL", _("Appeal for a decision")


class Path(models.TextChoices):
    """The six paths of an appeal (Regulation, art. 31). Only path 6 is the petition procedure."""

    COURT = "1", _("31(1) courts, procuratorate, police procedures")
    ARBITRATION = "2", _("31(2) arbitration")
    PARTY = "3", _("31(3) appeal of a party member")
    RECONSIDERATION = "4", _("31(4) administrative reconsideration and the like")
    DUTY = "5", _("31(5) performing a statutory duty")
    PETITION = "6", _("31(6) petition procedure")


class Urgency(models.TextChoices):
    """The hotline standard's four levels; every case has one (2 h, 24 h, 7 d, 15 d)."""

    URGENT = "URGENT", _("Urgent")
    TIMELY = "TIMELY", _("Timely")
    GENERAL = "GENERAL", _("General")
    COMPLEX = "COMPLEX", _("Complex")


class Cause(models.TextChoices):
    """Why a clock stands still. Which term stands still for which of them says its rule."""

    OBJECTION = "OBJECTION", _("Objection not ruled on yet")
    SUPPLEMENT = "SUPPLEMENT", _("Supplement awaited")
    HEARING = "HEARING", _("Hearing")
    HOLD = "HOLD", _("On hold")
    MERGE = "MERGE", _("Merged into another case")


class Way(models.TextChoices):
    """The two ways to dispatch (art. 22): handed over, or assigned with a date and a report."""

    TRANSFER = "TRANSFER", _("Transfer")
    ASSIGN = "ASSIGN", _("Assign")


class Procedure(models.TextChoices):
    """Normal or simple handling (simple-handling measures, 2016)."""

    NORMAL = "NORMAL", _("Normal procedure")
    SIMPLE = "SIMPLE", _("Simple procedure")


class Result(models.TextChoices):
    """What an opinion decides (art. 32)."""

    SUPPORTED = "SUPPORTED", _("Supported")
    EXPLAINED = "EXPLAINED", _("Explained")
    NOT_SUPPORTED = "NOT_SUPPORTED", _("Not supported")


class AnswerKind(models.TextChoices):
    """How the case was answered; only an OPINION (path 6) can be reviewed."""

    OPINION = "OPINION", _("Handling opinion")
    REPLY = "REPLY", _("Reply")
    AT_ONCE = "AT_ONCE", _("Answer at once")


class Completion(models.TextChoices):
    """The completion report of an assigned case (art. 22(3))."""

    REPORTED = "REPORTED", _("Reported")
    APPROVED = "APPROVED", _("Approved")
    RETURNED = "RETURNED", _("Returned")


class Satisfaction(models.TextChoices):
    """What the petitioner says of the result and of how they were treated."""

    SATISFIED = "SATISFIED", _("Satisfied")
    BASICALLY = "BASICALLY", _("Basically satisfied")
    DISSATISFIED = "DISSATISFIED", _("Dissatisfied")


class Resolved(models.TextChoices):
    """A finding of the return visit, not a state: is the matter itself solved?"""

    YES = "YES", _("Resolved")
    PARTLY = "PARTLY", _("Partly resolved")
    NO = "NO", _("Not resolved")


class ServiceWay(models.TextChoices):
    """Ways of service on the service receipt."""

    IN_PERSON = "IN_PERSON", _("In person")
    POST = "POST", _("By post")
    ELECTRONIC = "ELECTRONIC", _("By message or network")
    ORAL = "ORAL", _("Orally, recorded")
    IMPOSSIBLE = "IMPOSSIBLE", _("Cannot be served: name or address unclear")


class CloseGround(models.TextChoices):
    """Why a case may be closed."""

    RATED = "RATED", _("Rated satisfied or basically satisfied by the petitioner")
    VISITED = "VISITED", _("Satisfied or basically satisfied at the return visit")
    UNREACHABLE = "UNREACHABLE", _("Three failed attempts on three days")
    NO_CONTACT = "NO_CONTACT", _("No way to reach the petitioner, recorded at intake")
    EXPLAINED = "EXPLAINED", _("Dissatisfied, explained; approved by a supervisor")


class DeclineReason(models.TextChoices):
    """Grounds of non-acceptance; each with its article in `reference/decline_reasons.json`."""

    JUDICIAL_PATH = "JUDICIAL_PATH", _("Belongs to a court or legal procedure")
    ARBITRATION_PATH = "ARBITRATION_PATH", _("Belongs to arbitration")
    RECONSIDERATION_PATH = "RECONSIDERATION_PATH", _("Belongs to administrative reconsideration")
    MEDIATED_EFFECTIVE = "MEDIATED_EFFECTIVE", _("An effective mediation document exists")
    REVIEW_TIME_LAPSED = "REVIEW_TIME_LAPSED", _("The time to apply for review has lapsed")
    FINALLY_CONCLUDED = "FINALLY_CONCLUDED", _("Concluded by re-review: no longer accepted")
    BEING_HANDLED = "BEING_HANDLED", _("Already being handled elsewhere")
    OUT_OF_SCOPE = "OUT_OF_SCOPE", _("Out of scope")
    DISCIPLINE_PATH = "DISCIPLINE_PATH", _("Belongs to discipline inspection")
    IDENTITY_UNCLEAR = "IDENTITY_UNCLEAR", _("Identity unclear")
    OTHER_LEGAL = "OTHER_LEGAL", _("Other ground in law")


class ObjectionReason(models.TextChoices):
    """Why a unit says: not ours (art. 23)."""

    NOT_COMPETENT = "NOT_COMPETENT", _("Not within our competence")
    WRONG_AREA = "WRONG_AREA", _("Not in our area")
    OTHER_LEAD = "OTHER_LEAD", _("Another unit leads in this matter")
    DUPLICATE = "DUPLICATE", _("Already handled by another unit")


class NonServiceReason(models.TextChoices):
    """Why an answer can't be served (art. 23)."""

    NAME_UNCLEAR = "NAME_UNCLEAR", _("Name unclear")
    ADDRESS_UNCLEAR = "ADDRESS_UNCLEAR", _("Address unclear")


class Supervision(models.TextChoices):
    """Where the supervision order that stands on a case is; blank: none stands."""

    RUNNING = "RUNNING", _("Feedback owed")
    FED_BACK = "FED_BACK", _("Fed back, to be concluded")


class SupervisionReason(models.TextChoices):
    """Why an order is issued: art. 40 of the Regulation and the grounds of the 2005 list."""

    # Translators: 超期未办结
    OVERDUE = "OVERDUE", _("Overdue without good cause")
    # Translators: 推诿敷衍拖延
    DELAY = "DELAY", _("Shirking, perfunctory work or delay")
    # Translators: 未按规定反馈
    NO_FEEDBACK = "NO_FEEDBACK", _("No feedback on the assignment")
    # Translators: 未按规定程序受理、办理
    PROCEDURE = "PROCEDURE", _("Accepted or handled against the rules")
    # Translators: 弄虚作假
    FALSIFIED = "FALSIFIED", _("Falsification")
    # Translators: 不执行处理意见
    NOT_EXECUTED = "NOT_EXECUTED", _("The opinion is not executed")
    # Translators: 佐证材料缺失
    NO_EVIDENCE = "NO_EVIDENCE", _("Evidence missing")
    # Translators: 群众再次反映
    CAME_AGAIN = "CAME_AGAIN", _("The petitioner came again")
    # Translators: 上级要求督办
    SUPERIOR = "SUPERIOR", _("A superior asks")
    OTHER = "OTHER", _("Other")


class SupervisionResult(models.TextChoices):
    """How an order ended. LIFTED: it had no ground; LAPSED: the case ended otherwise."""

    # Translators: 催办
    URGED = "URGED", _("Urged")
    # Translators: 约谈
    TALK = "TALK", _("Talk with those responsible")
    # Translators: 通报
    CIRCULAR = "CIRCULAR", _("Circular")
    # Translators: 移送问责
    ACCOUNTABILITY = "ACCOUNTABILITY", _("Accountability handed on")
    # Translators: 解除
    LIFTED = "LIFTED", _("Lifted: there was no ground")
    # Translators: 随事项终止
    LAPSED = "LAPSED", _("Lapsed: the case ended otherwise")


class AdviceKind(models.TextChoices):
    """The three advices 三项建议 (Regulation, art. 40)."""

    # Translators: 改进工作建议
    WORK = "WORK", _("Improve the work")
    # Translators: 完善政策建议
    POLICY = "POLICY", _("Improve the policy")
    # Translators: 追究责任建议
    RESPONSIBILITY = "RESPONSIBILITY", _("Hold those responsible to account")


class Adoption(models.TextChoices):
    """Whether the unit adopts an advice."""

    YES = "YES", _("Adopted")
    PARTLY = "PARTLY", _("Adopted in part")
    NO = "NO", _("Not adopted")


class ErrandKind(models.TextChoices):
    """What an agent does for the petitioner, who need not go there (代办日志)."""

    # Translators: 催办
    CHASED = "CHASED", pgettext_lazy("errand", "Chased the unit in charge")
    # Translators: 代访
    VISITED = "VISITED", pgettext_lazy("errand", "Went in the petitioner's place")
    # Translators: 陪访
    ACCOMPANIED = "ACCOMPANIED", pgettext_lazy("errand", "Went with the petitioner")
    # Translators: 代取材料
    DOCUMENT = "DOCUMENT", pgettext_lazy("errand", "Fetched or handed in a document")
    # Translators: 电话沟通
    CALL = "CALL", pgettext_lazy("errand", "Telephoned")
    # Translators: 入户走访
    HOME = "HOME", pgettext_lazy("errand", "Visited the petitioner at home")
    # Translators: 其他
    OTHER = "OTHER", pgettext_lazy("errand", "Other")


class NoticeKind(models.TextChoices):
    """How a notice is handed over: at any hour, gathered each morning, or in waking hours."""

    URGENT = "URGENT", _("Urgent")
    REMINDER = "REMINDER", _("Reminders")
    OTHER = "OTHER", _("Everything else")


class CallKind(models.TextChoices):
    """As what a unit is called into a case that another leads."""

    # Translators: 协办
    CO_HANDLING = "CO_HANDLING", _("Co-handling")
    # Translators: 报到
    WHISTLE = "WHISTLE", _("Called by a whistle")


class WhistleKind(models.TextChoices):
    """The three whistles (街乡吹哨、部门报到)."""

    # Translators: 日常执法
    DAILY = "DAILY", _("Daily enforcement")
    # Translators: 重点工作
    KEY_WORK = "KEY_WORK", _("Key work")
    # Translators: 应急处置
    EMERGENCY = "EMERGENCY", _("Emergency")
