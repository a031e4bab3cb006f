"""Files of orders as the city platform writes them."""

from typing import Any

ORDERS = (
    "格式版本", "工单编号", "市平台受理时间", "交办时间", "时限等级", "来电人", "联系电话",
    "联系地址", "诉求标题", "诉求内容", "事发地点", "诉求分类", "诉求性质", "是否回访", "备注",
)  # fmt: skip


def city_order(number: Any = "SJ20261123000123", **other: Any) -> list[Any]:
    """A row under `ORDERS`, handed over on the morning of the tests' day."""
    usual = (
        "1", number, "2026-11-23 08:10:00", "2026-11-23 08:30:00", "及时", "李秀英", "13912345678",
        "八宝山街道永乐小区3号楼", "暖气不热", "家里暖气不热，室温只有十四度，请尽快处理。",
        "八宝山街道永乐小区", "供暖->温度不达标", "求助", "是", "家有老人",
    )  # fmt: skip
    row = dict(zip(ORDERS, usual, strict=True))
    return list({**row, **other}.values())
