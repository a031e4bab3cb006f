"""The channels that leave the system: what they hand over, and what they make of an answer."""

import hashlib
import hmac
import json
import smtplib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from pytest_django import Settings

from tests.channels import Gateway, gateway
from workflow.channels import ChannelDown, ChannelError, Undeliverable, configured
from workflow.channels.files import FileChannel
from workflow.channels.mail import MailChannel
from workflow.channels.web import WebChannel
from workflow.messages import Addressee, Message

MESSAGE = Message(
    key="17",
    to=Addressee("handler", "承办人", "handler@example.test", "13812345678"),
    kind="OTHER",
    language="zh-hans",
    subject="件2026-000001-1已派给您",
    body="请签收。",
    short="【信访办】件2026-000001-1已派给您",
    url="https://office.test/cases/2026-000001-1/",
)


@pytest.fixture
def sms() -> Iterator[tuple[WebChannel, Gateway]]:
    with gateway() as told:
        yield WebChannel("SMS", told.url, secret="s3cret", answer='"code": 0', needs="phone"), told


# Web ------------------------------------------------------------------------------------------


def test_web_posts_the_short_form_under_the_delivery_s_key(sms, now: datetime):
    channel, told = sms

    channel.post(MESSAGE, now)

    [(headers, body)] = told.requests
    assert headers["Idempotency-Key"] == "17"
    assert (body["to"], body["text"], body["url"]) == ("13812345678", MESSAGE.short, MESSAGE.url)


def test_web_signs_moment_and_body_with_its_secret(sms, now: datetime):
    channel, told = sms

    channel.post(MESSAGE, now)

    [(headers, body)] = told.requests
    signed = f"{headers['X-Timestamp']}.{json.dumps(body, ensure_ascii=False)}".encode()
    assert headers["X-Signature"] == hmac.new(b"s3cret", signed, hashlib.sha256).hexdigest()


def test_web_without_an_address_column_names_the_account(now: datetime):
    with gateway() as told:
        WebChannel("Messenger", told.url).post(MESSAGE, now)

    [(headers, body)] = told.requests
    assert body["to"] == "handler"
    assert "X-Signature" not in headers


@pytest.mark.parametrize(
    ("status", "says", "error"),
    [
        (500, "", ChannelError),
        (503, "", ChannelError),
        (302, "", ChannelError),
        (401, "", ChannelError),
        (200, '{"code": 7}', ChannelError),
        (422, "", Undeliverable),
    ],
)
def test_web_takes_nothing_but_its_yes_for_a_yes(sms, now: datetime, status, says, error):
    channel, told = sms
    told.status, told.says = status, says

    with pytest.raises(ChannelError) as raised:
        channel.post(MESSAGE, now)

    assert type(raised.value) is error
    assert "13812345678" not in str(raised.value)


def test_web_that_is_silent_is_down_after_its_time(sms, now: datetime, settings: Settings):
    channel, told = sms
    settings.CHANNEL_SECONDS, told.waits = 0.1, 0.5

    with pytest.raises(ChannelDown, match="TimeoutError"):
        channel.post(MESSAGE, now)


def test_web_that_is_not_there_is_down(now: datetime):
    with pytest.raises(ChannelDown, match="ConnectionRefusedError"):
        WebChannel("SMS", "http://127.0.0.1:9/").post(MESSAGE, now)


# Mail -----------------------------------------------------------------------------------------


def test_mail_has_the_same_message_id_each_time(now: datetime, settings: Settings):
    settings.DEFAULT_FROM_EMAIL = "信访办 <office@example.test>"

    for _time in range(2):
        MailChannel("Mail").post(MESSAGE, now)

    ids = {letter.extra_headers["Message-ID"] for letter in mail.outbox}
    assert ids == {"<delivery-17@example.test>"}
    assert (mail.outbox[0].to, mail.outbox[0].body) == (["handler@example.test"], "请签收。")


@pytest.mark.parametrize(
    ("raised", "error"),
    [
        (smtplib.SMTPRecipientsRefused({"x": (550, b"no")}), Undeliverable),
        (smtplib.SMTPRecipientsRefused({"x": (450, b"busy")}), ChannelError),
        (smtplib.SMTPDataError(554, b"no"), ChannelError),
        (smtplib.SMTPServerDisconnected(), ChannelDown),
        (TimeoutError(), ChannelDown),
        (ConnectionRefusedError(), ChannelDown),
    ],
)
def test_mail_server_s_refusal_is_told_by_its_kind(
    now: datetime, monkeypatch: pytest.MonkeyPatch, raised: Exception, error: type[Exception]
):
    def refuse(*_args: object) -> None:
        raise raised

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)

    with pytest.raises(ChannelError) as found:
        MailChannel("Mail").post(MESSAGE, now)

    assert type(found.value) is error


# Files ----------------------------------------------------------------------------------------


def test_file_is_named_by_the_delivery_and_written_over(
    now: datetime, settings: Settings, tmp_path: Path
):
    settings.OUTBOX_DIR = tmp_path / "outbox"

    for _time in range(2):
        FileChannel("File").post(MESSAGE, now)

    [path] = settings.OUTBOX_DIR.iterdir()
    assert path.name == "17.json"
    assert json.loads(path.read_text("utf-8"))["subject"] == MESSAGE.subject


def test_file_that_can_t_be_written_is_tried_again(
    now: datetime, settings: Settings, tmp_path: Path
):
    settings.OUTBOX_DIR = tmp_path / "a file"
    settings.OUTBOX_DIR.write_text("")

    with pytest.raises(ChannelError, match="FileExistsError"):
        FileChannel("File").post(MESSAGE, now)


# Which there are ------------------------------------------------------------------------------


def test_without_settings_there_is_the_inbox_alone():
    assert list(configured()) == ["inbox"]


def test_each_channel_comes_with_its_setting(settings: Settings):
    settings.EMAIL_URL, settings.FILE_CHANNEL = "smtp://mail.test", True
    settings.HTTP_CHANNELS = dict.fromkeys(("sms", "messenger"), ("http://g.test/", "", ""))

    assert list(configured()) == ["inbox", "email", "sms", "messenger", "file"]
