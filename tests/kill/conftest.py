"""An installation on PostgreSQL with a Redis of its own, which may be stopped."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

import _services
from _children import free_port
from tests.installation import Installation, installed


class RedisServer:
    """A Redis that keeps nothing: what was queued is gone when it stops."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = [_services.redis_program(), "--port", str(self.port), "--bind", "127.0.0.1"]
        command += ["--save", "", "--appendonly", "no", "--dir", str(self.folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        with redis.Redis.from_url(self.url, retry=Retry(ConstantBackoff(0.1), 100)) as client:
            client.ping()

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def installation(
    tmp_path_factory: pytest.TempPathFactory, redis_server: RedisServer
) -> Iterator[Installation]:
    """With the rules in which the clock of signing is two seconds long."""
    if not os.environ.get("DATABASE_URL"):
        pytest.skip("needs PostgreSQL: run it through bin/test")
    stores = {"DATABASE_URL": os.environ["DATABASE_URL"], "REDIS_URL": redis_server.url}
    with installed(tmp_path_factory.mktemp("kill"), rules="check", **stores) as made:
        yield made
