"""An agent's day on a telephone: sign, call, log with a photo, promise, ask, a dead spot, answer a
group, hand over. The agent, their unit and cases are the scene's, for this day alone (`afield`).

Each part begins where the one before it ended; a further part is one more function and its line in
`DAY`.
"""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, Route, expect
from playwright.sync_api import Page as Tab

from tests.browser.chromium import OVERFLOW, Scene
from tests.browser.pages import PHONE
from tests.installation import Installation

pytestmark = [pytest.mark.browser, pytest.mark.scenario]

#: A target for a thumb, in points.
THUMB = 44
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d4944415478da63fcffff3f030005fe02fea72d7d0a0000000049454e44ae426082"
)
IN_THE_SPOT = "地下车库里没有信号，与值班员核对了水泵"


class Telephone:
    """The agent's telephone, signed in, with one new case before them and one in hand."""

    def __init__(self, tab: Tab, number: str, in_hand: str, holder: int) -> None:
        self.tab, self.number, self.in_hand, self.holder = tab, number, in_hand, holder
        tab.on("dialog", lambda dialog: dialog.accept())
        self.sign_in("afield")

    def sign_in(self, login: str) -> None:
        self.tab.goto("/login/")
        self.tab.fill("[name=username]", login)
        self.tab.fill("[name=password]", "demo")
        self.tab.press("[name=password]", "Enter")
        self.tab.wait_for_url(re.compile(r"/$"))

    def card(self) -> Locator:
        """The case's card on the workbench."""
        self.tab.goto("/")
        self.fits()
        found = self.tab.locator("article.work", has_text=self.number)
        expect(found).to_be_visible()
        return found

    def begin(self, step: str) -> Locator:
        """The form of a step, by its own address."""
        self.tab.goto(f"/cases/{self.number}/do/{step}/")
        self.fits()
        return self.tab.locator("form.content")

    def follow(self, act: str) -> None:
        """One of the card's acts; its page comes whole, and fits."""
        link = self.card().locator(f".work-acts a[href$='/{act}/']")
        with self.tab.expect_navigation():
            link.click()
        self.fits()

    def finish(self) -> None:
        with self.tab.expect_navigation():
            self.tab.click("form.content .form-foot [type=submit]")
        expect(self.tab.locator(".message-success")).to_be_visible()
        self.fits()

    def fits(self) -> None:
        """Nothing sticks out of the screen."""
        assert self.tab.evaluate(OVERFLOW) == []

    def send(self, button: str) -> None:
        """Press it; another page comes, and fits."""
        with self.tab.expect_navigation():
            self.tab.click(button)
        self.fits()

    def log(self) -> Locator:
        """The page of errands and promises."""
        self.tab.goto(f"/cases/{self.number}/errands/")
        self.fits()
        return self.tab.locator("main")


@pytest.fixture
def phone(chrome: Browser, installation: Installation, scene: Scene) -> Iterator[Telephone]:
    laid = scene.values
    context = chrome.new_context(
        base_url=installation.address,
        locale="zh-CN",
        viewport={"width": PHONE[0], "height": PHONE[1]},
        has_touch=True,
        is_mobile=True,
    )
    yield Telephone(context.new_page(), laid["afield"], laid["afield_in_hand"], laid["afield_id"])
    context.close()


def test_day_of_an_agent_on_a_telephone(phone: Telephone) -> None:
    for part in DAY:
        part(phone)


def sign(phone: Telephone) -> None:
    """The one main button of the card does it: there is nothing to enter."""
    with phone.tab.expect_navigation():
        phone.card().locator(".btn-main").tap()
    expect(phone.tab.locator(".message-success")).to_be_visible()
    phone.fits()


def call(phone: Telephone) -> None:
    """One tap: the look is written down, the telephone dials; the number is not shown."""
    button = phone.card().locator("button[data-dial]")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= THUMB

    dialled: list[str] = []

    def dial(route: Route) -> None:
        """Take the number down; a browser without a telephone would wait for one."""
        dialled.append(route.fetch().json()["call"])
        route.fulfill(json={"call": "#dialled"})

    phone.tab.route("**/reveal/phone/", dial)
    button.tap()
    phone.tab.wait_for_url(re.compile("#dialled$"))
    phone.tab.unroute("**/reveal/phone/")
    assert re.fullmatch(r"tel:\d+", dialled[0])


def log_with_photo(phone: Telephone) -> None:
    """The camera's field comes first on a telephone."""
    phone.follow("do/log_errand")
    form = phone.tab.locator("form.content")
    form.locator("[name=kind][value=HOME]").check()
    form.locator("[name=minutes]").fill("40")
    form.locator("[name=trips_spared]").fill("1")
    form.locator("[name=note]").fill("入户查看")
    camera = form.locator("input[capture]")
    expect(camera).to_be_visible()
    photo = {"name": "IMG_0001.png", "mimeType": "image/png", "buffer": PNG}
    camera.set_input_files([photo])  # type: ignore[list-item]
    phone.finish()
    expect(phone.log()).to_contain_text("IMG_0001.png")


def promise(phone: Telephone) -> None:
    """What, and for which day."""
    phone.follow("do/promise")
    form = phone.tab.locator("form.content")
    form.locator("[name=what]").fill("周五前把检测结果送到家里")
    day = phone.tab.evaluate("() => new Date(Date.now() + 3 * 864e5).toISOString().slice(0, 10)")
    form.locator("[name=due_on]").fill(day)
    phone.finish()
    expect(phone.log().locator("#promises")).to_contain_text("周五前把检测结果送到家里")


def draft_survives_a_reload(phone: Telephone) -> None:
    """What was typed and not sent is there again, and can be thrown away."""
    form = phone.begin("log_errand")
    form.locator("[name=note]").fill(IN_THE_SPOT)
    phone.tab.reload()
    expect(form.locator("[name=note]")).to_have_value(IN_THE_SPOT)
    note = form.locator("[data-draft-note]")
    expect(note).to_be_visible()
    note.locator("[data-draft-drop]").click()
    expect(form.locator("[name=note]")).to_have_value("")


def send_in_a_dead_spot(phone: Telephone) -> None:
    """Kept, said so, sent by itself when there is a network, and done once."""
    form = phone.begin("log_errand")
    form.locator("[name=kind][value=CHASED]").check()
    form.locator("[name=note]").fill(IN_THE_SPOT)
    phone.tab.context.set_offline(True)
    form.locator(".form-foot [type=submit]").click()
    expect(form.locator("[data-kept-note]")).to_be_visible()
    expect(phone.tab.locator("#kept-here")).to_contain_text(phone.number)
    with phone.tab.expect_navigation():
        phone.tab.context.set_offline(False)
    expect(phone.tab.locator(".message-success")).to_be_visible()
    expect(phone.tab.locator("#kept-here")).to_be_hidden()
    expect(phone.log().get_by_text(IN_THE_SPOT)).to_have_count(1)


def ask_for_extension(phone: Telephone) -> None:
    """From the card's menu, with one sentence."""
    phone.begin("accept")
    phone.finish()
    phone.follow("ask")
    phone.send("a[href$='/do/extend/']")
    form = phone.tab.locator("form.content")
    form.locator("[name=days]").fill("20")
    form.locator("[name=reason]").fill("需要第三方检测")
    phone.finish()


def answer_a_group(phone: Telephone) -> None:
    """One answer for all that have one cause: marked, counted, looked at, confirmed, row by row."""
    form = phone.begin("log_contact")
    form.locator("[name=reached][value=yes]").check()
    form.locator("[name=said]").fill("已当面说明调查情况")
    phone.finish()
    phone.tab.goto("/groups/new/")
    phone.fits()
    for number in (phone.number, phone.in_hand):
        phone.tab.check(f"[name=case][value='{number}']")
    phone.send("form.list-card .btn-main")
    phone.tab.fill("[name=name]", "八号楼自十一月十五日起停暖")
    phone.send("button[name=sure]")
    phone.send("a[href$='/do/submit_opinion/']")
    answer = phone.tab.locator("form.content")
    answer.locator("[name=common]").fill("【姓名】：管道已更换，本周内恢复供暖。")
    answer.locator("[name=facts]").fill("经现场查看，二单元立管锈蚀漏水。")
    answer.locator("[name=basis]").fill("《北京市供热采暖管理办法》。")
    answer.locator("[name=result]").first.check()
    phone.send("form.content .form-foot [type=submit]")
    phone.send("form.list-card .form-foot [type=submit]")
    for number in (phone.number, phone.in_hand):
        expect(phone.tab.locator("tr", has_text=number).locator(".tag-good")).to_be_visible()


def hand_over(phone: Telephone) -> None:
    """The head passes the whole caseload on, after having seen it counted."""
    sign_out(phone)
    phone.sign_in("afield_head")
    phone.tab.goto("/handovers/")
    phone.fits()
    phone.tab.select_option("[name=whose]", str(phone.holder))
    phone.tab.check("[name=reason][value=TRANSFER]")
    phone.send("#begin [type=submit]")
    expect(phone.tab.locator("#cases")).to_contain_text(phone.in_hand)
    phone.send("form[action$='/carry-out/'] [type=submit]")
    for number in (phone.number, phone.in_hand):
        row = phone.tab.locator("#cases tr", has_text=number)
        expect(row.locator(".tag-good")).to_be_visible()


def sign_out(phone: Telephone) -> None:
    """Nothing typed stays on the telephone."""
    phone.begin("log_errand").locator("[name=note]").fill(IN_THE_SPOT)
    assert phone.tab.evaluate("() => Object.keys(localStorage).length") == 1
    phone.tab.locator(".bar-side details.menu summary").click()
    with phone.tab.expect_navigation():
        phone.tab.click("form[action$='/logout/'] button")
    assert phone.tab.evaluate("() => Object.keys(localStorage).length") == 0


DAY: tuple[Callable[[Telephone], None], ...] = (
    sign,
    call,
    log_with_photo,
    promise,
    draft_survives_a_reload,
    send_in_a_dead_spot,
    ask_for_extension,
    answer_a_group,
    hand_over,
)
"""The parts of the day, in their order."""
