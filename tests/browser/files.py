"""The files of the scene: what clerks have sent in, in every stage of an import."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from agents.models import Cadre
from petitions.exchange import runs
from petitions.exchange.modes import Mode
from petitions.models import ImportRun, SavedMapping
from tests.petitions.exchange.sending import messages, sheet
from tests.petitions.exchange.sheets import ORDER, REPLY, order, replied
from workflow.actors import Actor

LONG_NAME = "欧阳阿卜杜热合曼买买提江艾力西日甫吐尔逊古丽米热克孜努尔"
LONG_NAME += "甲" * (30 - len(LONG_NAME))
LONG_DEMAND = "小区三号楼二单元下水道堵塞返水已经两年多，多次反映没有人管。" * 300


def imports(now: datetime) -> dict[str, int]:
    """A file nobody has started, one that nobody knows, one on its way, one that is through.

    The scene may have been set before, in data that was kept.
    """
    ImportRun.objects.filter(holder="the scene").delete()
    SavedMapping.objects.filter(name="来访登记簿").delete()
    sender = runs.Sender(Actor.of(Cadre.objects.get(username="clerk"), now), "zh-hans")

    def send(name: str, file: SimpleUploadedFile) -> ImportRun:
        return runs.draft(name, [file.read()], sender, now)

    done = send("2025年留言.csv", sheet(REPLY, *(replied(n) for n in range(9)), replied("9" * 65)))
    ImportRun.objects.filter(pk=done.pk).update(mode=Mode.HISTORY)
    runs.start(done.pk, now=now)
    runs.carry_on(now)
    running = send("热线工单.csv", sheet(ORDER, *(order(n) for n in range(40))))
    runs.start(running.pk, now=now)
    ImportRun.objects.filter(pk=running.pk).update(
        read=25, created=22, known=3, holder="the scene", lease_until=now + timedelta(days=1)
    )
    rows = [(n, LONG_DEMAND[:300], "2025-03-04", "小程序端", LONG_NAME) for n in range(7)]
    own = send("登记簿.csv", sheet(("序号", "来电人诉求", "登记日期", "渠道", "承办意见"), *rows))
    recognised = send("留言.csv", messages(*range(100, 130)))
    columns = {"number": "序号", "demand": "来访事由"}
    SavedMapping.objects.create(
        unit_id=own.unit_id, name="来访登记簿", mapping={"columns": columns}, source="登记簿",
        saved_by_id=sender.actor.id, saved_at=now,
    )  # fmt: skip
    return {
        "import_done": done.pk,
        "import_running": running.pk,
        "import_own": own.pk,
        "import_recognised": recognised.pk,
    }
