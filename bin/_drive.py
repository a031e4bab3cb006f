"""Drives one case through the HTTP API from registration to CLOSED, as the people of a day would.

Nothing but HTTP: whatever works here works for any program that has a login.
"""

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from _bootstrap import say

PASSWORD = "demo"  # noqa: S105 - of the demo accounts, and meant to be known
#: Seconds in which a clock of two seconds must have expired and its notice have arrived.
PATIENCE = 30
#: A place and a category that the demo handler is in charge of, by their official codes.
PLACE, CATEGORY = "110107004029", "0603"


class Failed(Exception):
    """Something did not go as it must; the text says what."""


@dataclass
class Person:
    """A login that speaks to the API; the first call fetches its token."""

    address: str
    username: str
    token: str = ""

    def get(self, path: str, /, **query: Any) -> Any:
        """What the API answers; `Failed` unless it is a success."""
        return self._send("GET", f"{path}?{urllib.parse.urlencode(query)}" if query else path)

    def post(self, path: str, /, **body: Any) -> Any:
        """The same for a request that changes something."""
        return self._send("POST", path, body)

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        if not self.token:
            credentials = {"username": self.username, "password": PASSWORD}
            self.token = self._call("POST", "token/", credentials, {})["token"]
        return self._call(method, path, body, {"Authorization": f"Token {self.token}"})

    def _call(
        self, method: str, path: str, body: dict[str, Any] | None, headers: dict[str, str]
    ) -> Any:
        request = urllib.request.Request(
            f"{self.address}/api/v1/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={**headers, "Content-Type": "application/json", "Accept-Language": "en"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            said = error.read().decode(errors="replace")[:500]
            text = f"{self.username}: {method} {path} answered {error.code}: {said}"
            raise Failed(text) from error
        except (OSError, ValueError) as error:
            raise Failed(f"{self.username}: {method} {path} failed: {error}") from error


@dataclass
class Office:
    """The people by login, and the number of the case they work on."""

    address: str
    number: str = ""
    people: dict[str, Person] = field(default_factory=dict)

    def __getitem__(self, username: str) -> Person:
        return self.people.setdefault(username, Person(self.address, username))

    def case(self, username: str) -> Any:
        """The case as this login sees it."""
        return self[username].get(f"cases/{self.number}/")

    def do(self, username: str, step: str, state: str, /, **body: Any) -> None:
        """Perform a step on the case that the login has just looked at; it must reach `state`."""
        before = self.case(username)
        self[username].post(f"cases/{self.number}/do/{step}/", seen=before["version"], **body)
        found = self.case(username)["state"]
        require(found == state, f"After {step!r} the case is {found}, not {state}.")
        say(f"  {username} did {step!r}: the case is {state}.")

    def notice(self, username: str, name: str) -> Any:
        """The notice of that name about the case in the login's inbox; None while there is none."""
        rows = self[username].get("inbox/")["results"]
        mine = (row for row in rows if row["number"] == self.number and row["notice"] == name)
        return next(mine, None)

    def expect_notice(self, username: str, name: str) -> None:
        """Wait for that notice: only the worker can deliver it."""
        began = time.monotonic()
        while not (found := self.notice(username, name)):
            waited = time.monotonic() - began
            require(waited < PATIENCE, f"{username} has not received {name!r} in {PATIENCE} s.")
            time.sleep(0.3)
        say(f"  {username} received: {found['text']}")


def require(holds: bool, otherwise: str) -> None:
    """`Failed` with this sentence unless it holds."""
    if not holds:
        raise Failed(otherwise)


def drive(address: str) -> int:
    """Take one case from registration to CLOSED over the API at `address`; 0 when all went well."""
    office = Office(address)
    try:
        for part in (intake, dispatch, signing, handling, approval, asking, end):
            part(office)
    except Failed as failed:
        say(f"FAILED. {failed}")
        return 1
    say(f"Everything works: case {office.number} went from registration to closed.")
    return 0


def intake(office: Office) -> None:
    """The window registers and classifies."""
    taken = office["clerk"].post(
        "cases/",
        channel="VISIT",
        name="张桂兰",
        phone="13800138000",
        demand="我们楼去年改造后外墙保温层脱落，掉下来差点砸到人，请尽快修好。",
        problem_area=PLACE,
    )
    office.number = taken["number"]
    require(taken["state"] == "REGISTERED", f"A new case is {taken['state']}, not REGISTERED.")
    say(f"  clerk registered the visit under the number {office.number}.")
    office.do(
        "clerk", "classify", "REGISTERED",
        petition_class="APPEAL", path="6", category=CATEGORY, problem_area=PLACE,
        urgency="GENERAL", points=["修好脱落的外墙保温层", "检查其余外墙"],
    )  # fmt: skip


def dispatch(office: Office) -> None:
    """To whoever is in charge: the first that the matching proposes."""
    best = proposed(office)
    office.do("clerk", "dispatch", "DISPATCHED", proposal=best["proposal"], way="TRANSFER")
    say(f"    to {best['unit']['name']}, {best['handler']['name']}: {best['reason']}")


def proposed(office: Office) -> Any:
    """The best candidate, who must be the handler that can log in."""
    best = office["clerk"].get("lookups/candidates/", number=office.number)[0]
    handler = office["handler"].get("session/")
    require(bool(best["handler"]), "The best candidate names no handler.")
    name = best["handler"]["name"]
    require(best["handler"]["id"] == handler["id"], f"The proposed candidate is {name}.")
    return best


def signing(office: Office) -> None:
    """Nobody signs, and the worker tells the head and the supervisor; then the handler signs."""
    office.expect_notice("handler", "dispatched")
    say("  Nobody signs for it. Its clock of two seconds runs out ...")
    office.expect_notice("head", "clock_expired")
    office.expect_notice("supervisor", "clock_expired")
    clock = clocks(office.case("head")).get("SIGN")
    require(clock is not None, "The clock SIGN is no longer running, though nobody signed.")
    due, expired = (datetime.fromisoformat(clock[key] or "") for key in ("due_at", "expired_at"))
    length = (due - datetime.fromisoformat(clock["started_at"])).total_seconds()
    require(length == 2, f"SIGN is {length} seconds long, not 2: these are not the check's rules.")
    require(due <= expired <= datetime.now(UTC), f"SIGN was due at {due}, expired at {expired}.")
    late = (expired - due).total_seconds()
    say(f"  The worker expired it {late:.1f} seconds after it was due.")
    events = office["head"].get(f"cases/{office.number}/events/")["results"]
    terms = [one["data"]["term"] for one in events if one["name"] == "clock_expired"]
    require(terms == ["SIGN"], f"Expired by the log: {terms}, not SIGN once.")
    office.do("handler", "sign", "SIGNED")
    require("SIGN" not in clocks(office.case("handler")), "SIGN still runs after the signature.")


def handling(office: Office) -> None:
    """The handler calls, accepts, and drafts an answer to each claim point."""
    office.do("handler", "log_contact", "SIGNED", reached=True, said="已电话联系，约好明天上门。")
    office.do("handler", "accept", "HANDLING", procedure="NORMAL")
    due = clocks(office.case("handler"))["HANDLING"]["due_at"]
    say(f"    The written answer is due by {due[:10]}.")
    points = office.case("handler")["points"]
    answers = {str(point["id"]): f"第{point['position']}项已办理。" for point in points}
    office.do(
        "handler", "submit_opinion", "APPROVAL",
        answers=answers, result="SUPPORTED", facts="经查，情况属实。", basis="《物业管理条例》",
    )  # fmt: skip


def approval(office: Office) -> None:
    """The head approves what somebody else has drafted; the office serves it."""
    office.expect_notice("head", "opinion_submitted")
    offered = [one["name"] for one in office.case("handler")["actions"] if one["enabled"]]
    require("approve_opinion" not in offered, "Whoever drafted the opinion could approve it.")
    office.do("head", "approve_opinion", "ANSWERED")
    papers = [paper["number"] for paper in office.case("head")["documents"]]
    say(f"    Papers issued: {', '.join(papers)}.")
    now = datetime.now(UTC).isoformat()
    office.do("clerk", "serve", "FOLLOW_UP", way="IN_PERSON", served_at=now, proof="本人签收")


def asking(office: Office) -> None:
    """A caller of another unit asks the petitioner, and closes."""
    office.expect_notice("caller", "served")
    office.do(
        "caller", "record_return_visit", "FOLLOW_UP",
        reached=True, contacted=True, resolved="YES", satisfaction="SATISFIED",
    )  # fmt: skip
    office.do("caller", "close", "CLOSED")
    office.expect_notice("handler", "closed")


def end(office: Office) -> None:
    """A closed case owes nobody anything."""
    case = office.case("clerk")
    require(bool(case["closed_at"]), "The closed case has no date of closing.")
    owed = [term for term, clock in clocks(case).items() if clock["owed"]]
    require(not owed, f"The closed case still owes {', '.join(owed)}.")
    say("  No clock that the office owes is left.")
    say(f"    Rights of the petitioner that run on: {', '.join(clocks(case)) or 'none'}.")


def clocks(case: Any) -> dict[str, Any]:
    """The running clocks of a case by their term."""
    return {clock["term"]: clock for clock in case["clocks"]}
