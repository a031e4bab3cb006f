"""Makes the environment the commands run in. Standard library only; read by any Python 3.

`enter()` starts under whatever `python3` the machine has and comes back only inside the
project's own environment, with the locked packages installed and the translations compiled.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = Path(os.environ.get("VENV") or ROOT / ".venv").absolute()
PYTHON = VENV / "bin" / "python"
NEEDED = (3, 11)
INSIDE = "XINFANG_ENVIRONMENT"  # set for the process that runs inside the environment
#: The development lock holds every package of the product's lock, in the same versions.
COVERED_BY = {"requirements.txt": ["requirements.txt", "requirements-dev.txt"]}


def enter(lock="requirements.txt"):
    """Return inside the environment of `lock` (a requirements file); make it when need be."""
    if not is_inside() or os.environ.get(INSIDE) != f"{VENV}:{lock}":
        _needs_python()
        with _one_at_a_time():
            _make_environment()
            _install(lock)
        os.environ[INSIDE] = f"{VENV}:{lock}"
        os.execv(PYTHON, [str(PYTHON), *sys.argv])
    os.environ["PATH"] = f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # Our commands start many processes: each would compile every source anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with _one_at_a_time():
        _compile_messages()


def is_inside():
    """Whether this is the Python of the project's own environment."""
    return Path(sys.prefix).resolve() == VENV.resolve()


def say(text):
    """A line to the person at the terminal."""
    print(text, file=sys.stderr, flush=True)


def give_up(text):
    """Say what is wrong and end."""
    say(text)
    sys.exit(1)


def _needs_python():
    """Go on under a Python that is new enough, or say which one is lacking."""
    if sys.version_info >= NEEDED:
        return
    for minor in range(NEEDED[1], NEEDED[1] + 4):
        newer = shutil.which("python3.%d" % minor)
        if newer:
            os.execv(newer, [newer, *sys.argv])
    give_up(
        "Python %d.%d or newer is needed; this is %d.%d and no newer one is on PATH."
        % (*NEEDED, *sys.version_info[:2])
    )


@contextmanager
def _one_at_a_time():
    """Two commands started together must not both write the environment."""
    VENV.mkdir(parents=True, exist_ok=True)
    with open(VENV / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make_environment():
    """Make the virtual environment unless a working one is there."""
    if PYTHON.exists() and subprocess.run([PYTHON, "-c", "import pip"]).returncode == 0:
        return
    say(f"Making the environment in {VENV} ...")
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", VENV])
    if made.returncode != 0:
        give_up(
            "Python's venv module could not make an environment. "
            "On Debian or Ubuntu: apt-get install python3-venv"
        )


def _install(lock):
    """Install the locked packages unless exactly these are there already."""
    if any(
        _stamp(name).exists() and _stamp(name).read_text() == _digest(name)
        for name in COVERED_BY.get(lock, [lock])
    ):
        return
    say(f"Installing the packages of {lock} (once; about half a minute) ...")
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*pip, "--require-hashes", "--no-deps", "-r", ROOT / lock])
    if done.returncode != 0:
        give_up(
            f"pip could not install {lock}. It needs a package index it can reach "
            "(pip's own settings say which: PIP_INDEX_URL, pip.conf)."
        )
    _stamp(lock).write_text(_digest(lock))


def _stamp(lock):
    """The file that remembers what was installed from a lock."""
    return VENV / f".installed-{lock}"


def _digest(lock):
    """A lock's content and the Python it was installed for, as one short text."""
    content = (ROOT / lock).read_bytes() + repr(sys.version_info[:2]).encode()
    return hashlib.sha256(content).hexdigest()


def _compile_messages():
    """Compile each translation that is newer than its compiled form."""
    for source in sorted(ROOT.glob("locale/*/LC_MESSAGES/*.po")):
        compiled = source.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime:
            continue
        subprocess.run([PYTHON, ROOT / "bin" / "messages", "--compile"], check=True)
        return
