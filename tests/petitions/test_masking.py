"""What lists show of a person."""

import pytest

from petitions import masking


@pytest.mark.parametrize(
    ("plain", "shown"),
    [
        ("王建国", "王*国"),
        ("李四", "李*"),
        ("李", "李*"),
        ("欧阳建国", "欧**国"),
        ("阿卜杜热合曼·买买提江", "阿***江"),
        ("", ""),
    ],
)
def test_mask_name_keeps_first_and_last(plain, shown):
    assert masking.mask_name(plain) == shown


@pytest.mark.parametrize(
    ("plain", "shown"),
    [("110107199001011234", "110107********1234"), ("E12345678", "********78"), ("", "")],
)
def test_mask_id_hides_the_middle(plain, shown):
    assert masking.mask_id(plain) == shown


@pytest.mark.parametrize(
    ("plain", "shown"),
    [
        ("13812345678", "138****5678"),
        ("010-68607158", "010-****7158"),
        ("010-68607158-12", "010-****7158"),
        ("+85223456789", "****6789"),
        ("", ""),
    ],
)
def test_mask_phone_hides_the_middle(plain, shown):
    assert masking.mask_phone(plain) == shown


@pytest.mark.parametrize(
    ("plain", "shown"),
    [
        ("北京市石景山区古城街道南路社区12号楼3单元401", "北京市石景山区古城街道南路社区**"),
        ("石景山区八角街道八角北路5号", "石景山区八角街道**"),
        ("古城大街5号", "**"),
        ("", ""),
    ],
)
def test_mask_address_ends_at_the_community(plain, shown):
    assert masking.mask_address(plain) == shown
