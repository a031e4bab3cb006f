"""What the demo handles together: one same-cause group, and a policy text to found answers on."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count

from agents.directory import Directory
from agents.models import Cadre
from agents.roles import Role
from petitions import policies
from petitions.models import Petition, PolicyText
from workflow import engine
from workflow.actors import Actor
from workflow.models import SameCauseGroup
from workflow.steps import S

MOST = 6
SAMPLE = """\
示例文件，仅供演示，不是现行规定。
第一条 居民反映供暖、供水、照明等设施损坏的，责任单位应当及时到现场核实，并告知维修安排。
第二条 能够当日修复的当日修复；不能当日修复的，应当说明原因和修复日期，并采取临时措施。
第三条 同一楼栋、同一小区多名居民反映同一问题的，一次调查，统一答复，分别告知每一位居民。
第四条 涉及物业服务的，由街道协调物业服务企业办理，并将结果告知居民。
"""


def shelve(until: datetime) -> None:
    """Upload a text that says of itself that it is none."""
    keeper = Directory.current().holders(Role.DISPATCHER)[0]
    policies.keep(
        PolicyText(
            title="居民设施报修办理指引（示例）",
            issued_by="示例单位",
            valid_from=until.date() - timedelta(days=365),
            text=SAMPLE,
            uploaded_by_id=keeper,
            uploaded_at=until,
        )
    )


def bring_together(until: datetime) -> None:
    """Put the cases that one handler has of one category into a group; where there are two."""
    cases = Petition.objects.in_state(S.HANDLING).filter(sealed=False).exclude(handler=None)
    alike = cases.values("handler", "category").annotate(n=Count("pk")).filter(n__gte=2)
    most = alike.order_by("-n", "handler", "category").first()
    if most is None:
        return
    handler, directory = Cadre.objects.get(pk=most["handler"]), Directory.current()
    group = SameCauseGroup.objects.create(
        name=f"{directory.category_name(most['category'])}：多名居民反映同一原因",
        created_by=handler,
        created_at=until,
    )
    found = cases.filter(handler=handler, category=most["category"]).order_by("pk")
    engine.perform_many(
        list(found.values_list("pk", flat=True)[:MOST]),
        "join_group",
        actor=Actor.of(handler, until, directory),
        now=until,
        group=group,
    )
