"""The worker outlives the loss of its broker, and what is written while it reads."""

from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection
from kombu.message import Message
from pytest_django import Settings

from config.broker import FilesTransport, Transport
from config.celery import app, broker_settings


class Gone:
    """A connection of which nothing is left."""

    client = None


def channel() -> Transport.Channel:
    lost = Transport.Channel.__new__(Transport.Channel)
    lost.connection, lost._pool, lost._async_pool = Gone(), None, None
    return lost


def test_redis_is_reached_through_our_transport(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    known = broker_settings()

    connection = app.connection_for_write(known["broker_url"], transport=known["broker_transport"])

    assert connection.get_transport_cls() is Transport


def test_channel_whose_connection_is_gone_fails_as_lost_connections_do() -> None:
    errors = Transport.connection_errors

    with pytest.raises(errors):
        channel()._connparams()


def test_late_acknowledgement_over_a_lost_connection_ends_nothing() -> None:
    lost = channel()
    lost._qos = lost.QoS(lost)
    message = Message(body="", delivery_tag="1", channel=lost)

    message.ack_log_error(_Logger(), errors=Transport.connection_errors)


class _Logger:
    def critical(self, *_args: object, **_more: object) -> None:
        """Celery logs what it could not acknowledge."""


def test_files_are_reached_through_our_transport(settings: Settings, tmp_path: Path) -> None:
    settings.REDIS_URL, settings.DATA_DIR = "", tmp_path
    known = broker_settings()

    connection = app.connection_for_write(known["broker_url"], transport=known["broker_transport"])

    assert connection.get_transport_cls() is FilesTransport


def test_message_that_is_being_written_is_not_read_yet(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folders = {name: str(tmp_path) for name in ("data_folder_in", "data_folder_out")}
    channel = Connection(transport=FilesTransport, transport_options=folders).channel()
    read_meanwhile: list[Any] = []
    write = Path.write_text

    def slowly(path: Path, text: str) -> None:
        write(path, text[:1])
        with pytest.raises(Empty):
            read_meanwhile.append(channel._get("celery"))
        write(path, text)

    monkeypatch.setattr(Path, "write_text", slowly)

    channel._put("celery", {"body": "whole"})

    assert read_meanwhile == []
    assert channel._get("celery") == {"body": "whole"}
