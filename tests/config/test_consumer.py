"""The worker outlives the loss of its broker."""

import logging

import pytest
from celery.worker.consumer import Consumer

from config.celery import app
from config.consumer import PatientConsumer


def test_worker_uses_the_patient_consumer() -> None:
    assert app.conf.worker_consumer == f"{PatientConsumer.__module__}:{PatientConsumer.__name__}"


def test_lost_broker_with_an_unacknowledged_message_does_not_end_the_worker(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # As kombu fails there: its connection knows no client any more.
    def fail(_consumer: Consumer, _exc: Exception) -> None:
        raise AttributeError("'NoneType' object has no attribute 'hostname'")

    monkeypatch.setattr(Consumer, "on_connection_error_after_connected", fail)
    consumer = PatientConsumer.__new__(PatientConsumer)

    with caplog.at_level(logging.WARNING):
        consumer.on_connection_error_after_connected(ConnectionError("gone"))

    assert "waits for the next tick" in caplog.text
