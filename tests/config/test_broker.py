"""The worker outlives the loss of its broker."""

import pytest
from kombu.message import Message
from pytest_django import Settings

from config.broker import Transport
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
