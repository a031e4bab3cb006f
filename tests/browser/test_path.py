"""A case's whole life through the pages, each person at a browser of their own."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Locator, expect
from playwright.sync_api import Page as Tab

from tests.installation import Installation

pytestmark = [pytest.mark.browser, pytest.mark.scenario]

PLACE, CATEGORY = "老古城东社区", "老旧小区改造"


class Desk:
    """Somebody signed in at a browser, working on one case."""

    def __init__(self, tab: Tab, login: str) -> None:
        self.tab = tab
        tab.goto("/login/")
        tab.fill("[name=username]", login)
        tab.fill("[name=password]", "demo")
        tab.press("[name=password]", "Enter")
        tab.wait_for_url(re.compile(r"/$"))

    def open(self, number: str) -> None:
        """The case's page."""
        self.tab.goto(f"/cases/{number}/")

    def begin(self, step: str) -> Locator:
        """The step's form, whole, reached by its button on the case's page."""
        with self.tab.expect_navigation():
            self.tab.click(f"a.btn[href$='/do/{step}/']")
        return self.tab.locator("form.content")

    def finish(self) -> None:
        """Send the step; the case's page answers."""
        with self.tab.expect_navigation():
            self.tab.click("form.content [type=submit]")
        expect(self.tab.locator(".message-success")).to_be_visible()

    def choose(self, name: str, value: str) -> None:
        self.tab.check(f"[name={name}][value={value}]")


@pytest.fixture(scope="module")
def number(chrome: Browser, installation: Installation) -> str:
    """A visit that the clerk has registered; its slip is on the screen and printed."""
    with at_desk(chrome, installation, "clerk") as clerk:
        tab = clerk.tab
        tab.keyboard.press("F2")
        tab.wait_for_url(re.compile("/register/"))
        tab.fill("[name=name]", "张桂兰")
        tab.fill("[name=phone]", "13800138000")
        tab.fill("[name=demand]", "我们楼去年改造后外墙保温层脱落，请尽快修好。")
        tab.fill("[name=problem_area]", PLACE)
        with tab.expect_navigation():
            tab.keyboard.press("F9")
        tab.evaluate("() => { window.print = () => { window.printed = true; }; }")
        tab.keyboard.press("F9")
        assert tab.evaluate("() => window.printed")
        number = tab.text_content(".slip-number") or ""
    assert re.fullmatch(r"\d{4}-\d{6}-[\dX]", number)
    return number


@contextmanager
def at_desk(chrome: Browser, installation: Installation, login: str) -> Iterator[Desk]:
    context = chrome.new_context(
        base_url=installation.address, viewport={"width": 1366, "height": 768}
    )
    yield Desk(context.new_page(), login)
    context.close()


def test_case_goes_from_the_window_to_the_leader(
    chrome: Browser, installation: Installation, number: str
) -> None:
    with at_desk(chrome, installation, "leader") as leader:
        ended = leader.tab.locator(".figure").last
        before = int(ended.locator(".figure-value").inner_text())
    for login, work in PARTS:
        with at_desk(chrome, installation, login) as desk:
            desk.open(number)
            work(desk)
    with at_desk(chrome, installation, "leader") as leader:
        ended = leader.tab.locator(".figure").last
        assert int(ended.locator(".figure-value").inner_text()) == before + 1
        ended.click()
        expect(leader.tab.locator(f"a[href='/cases/{number}/']").first).to_be_visible()


def classify_and_dispatch(clerk: Desk) -> None:
    """To the one the matching proposes, as proposed."""
    form = clerk.begin("classify")
    clerk.choose("petition_class", "APPEAL")
    form.locator("[name=path]").select_option("6")
    form.locator("[name=category]").fill(CATEGORY)
    form.locator("[name=points]").fill("修好脱落的外墙保温层\n检查其余外墙")
    clerk.finish()
    form = clerk.begin("dispatch")
    expect(form.locator("[name=proposal]").first).to_be_checked()
    expect(form.locator(".proposal").first).to_contain_text("李建军")
    clerk.finish()


def handle(handler: Desk) -> None:
    """Sign, call, accept, draft an answer to each claim point."""
    handler.tab.click("form[action$='/do/sign/'] button")
    expect(handler.tab.locator(".message-success")).to_be_visible()
    handler.begin("log_contact").locator("[name=said]").fill("已电话联系，约好明天上门。")
    handler.choose("reached", "yes")
    handler.finish()
    handler.begin("accept")
    handler.finish()
    form = handler.begin("submit_opinion")
    for answer in form.locator("textarea[name^=answer_]").all():
        answer.fill("已安排维修。")
    handler.choose("result", "SUPPORTED")
    form.locator("[name=facts]").fill("经查，情况属实。")
    form.locator("[name=basis]").fill("《物业管理条例》")
    handler.finish()


def approve(head: Desk) -> None:
    """In the inbox of decisions, the answers beside the claim points."""
    number = head.tab.url.split("/")[-2]
    head.tab.goto("/decisions/")
    item = head.tab.locator("article.card", has_text=number)
    expect(item).to_contain_text("已安排维修。")
    item.locator("button[value=approve]").click()
    expect(head.tab.locator("[data-decided]")).to_contain_text(number)
    expect(item).to_have_count(0)


def record_service(clerk: Desk) -> None:
    clerk.begin("serve")
    clerk.choose("way", "IN_PERSON")
    clerk.finish()


def ask_and_close(caller: Desk) -> None:
    """The return visit; then the case may be closed."""
    caller.begin("record_return_visit")
    caller.choose("reached", "yes")
    caller.choose("contacted", "yes")
    caller.choose("resolved", "YES")
    caller.choose("satisfaction", "SATISFIED")
    caller.finish()
    caller.begin("close")
    caller.finish()


PARTS = (
    ("clerk", classify_and_dispatch),
    ("handler", handle),
    ("head", approve),
    ("clerk", record_service),
    ("caller", ask_and_close),
)
