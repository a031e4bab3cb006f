"""The house's own rules, checked so that `pytest` alone tells the truth about them."""

import ast
import re
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).resolve().parent.parent
APPS = ["agents", "workflow", "petitions", "config"]
LONGEST_FILE = 420
THE_MACHINE = "workflow/lifecycle.py"  # its forty steps are read together, in one file
LONGEST_BODY = 40
FORBIDDEN_NAMES = {"utils.py", "helpers.py", "common.py", "services.py"}
CODE = sorted(
    path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts
)
TESTS = sorted((ROOT / "tests").rglob("*.py"))
COMMANDS = sorted(p for p in (ROOT / "bin").iterdir() if p.is_file() and p.suffix in {"", ".py"})
PAGES = sorted(
    path
    for folder in ("templates", "static")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".html", ".css", ".js", ".svg"}
)
LOCKS = [ROOT / "requirements.txt", ROOT / "requirements-dev.txt"]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for node in ast.walk(tree) if isinstance(node, kinds)]


def body_length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the body, without signature and docstring."""
    first = function.body[1 if ast.get_docstring(function) else 0 :][:1]
    return (function.end_lineno or 0) - first[0].lineno + 1 if first else 0


def matches(pattern: str, paths: list[Path]) -> list[str]:
    """Every place where the pattern occurs, as `file:line: text`."""
    found = []
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if re.search(pattern, line):
                found.append(f"{name_of(path)}:{number}: {line.strip()}")
    return found


def test_imports_go_one_way() -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml")) == EXIT_STATUS_SUCCESS


def test_nothing_is_imported_inside_a_function() -> None:
    imports = (ast.Import, ast.ImportFrom)
    inside = [
        f"{name_of(path)}:{node.lineno}"
        for path in CODE
        for function in functions(path)
        for node in ast.walk(function)
        # Django registers checks and signals when an app is ready, not before.
        if isinstance(node, imports) and function.name != "ready"
    ]

    assert inside == []


def test_state_is_written_by_the_machine_only() -> None:
    pattern = r"\b(update|create|get_or_create|update_or_create|bulk_update)\([^)]*\bstate\s*="

    assert matches(pattern, CODE) == []


def test_tests_reach_states_by_performing_steps() -> None:
    others = [path for path in TESTS if path.name != Path(__file__).name]

    assert matches(r"\.(update|create)\([^)]*\bstate\s*=", others) == []


def test_files_stay_short() -> None:
    paths = CODE + TESTS + COMMANDS
    lengths = {name_of(p): len(p.read_text(encoding="utf-8").splitlines()) for p in paths}

    assert {
        name: n for name, n in lengths.items() if n > LONGEST_FILE and name != THE_MACHINE
    } == {}


def test_functions_stay_short() -> None:
    long = [
        f"{name_of(path)}:{function.lineno} {function.name}"
        for path in CODE
        for function in functions(path)
        if body_length(function) > LONGEST_BODY
    ]

    assert long == []


def test_files_are_named_by_nouns() -> None:
    assert [name_of(path) for path in CODE if path.name in FORBIDDEN_NAMES] == []


def test_public_code_has_docstrings() -> None:
    # A guard's meaning is the sentence it is declared with; an admin class has Django's own.
    spoken_for = {"guards.py", "admin.py"}
    public = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in CODE
        if path.name not in spoken_for
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef))
        and not node.name.startswith("_")
        and ast.get_docstring(node) is None
    ]

    assert public == []


def test_exceptions_are_caught_by_name() -> None:
    # A sweep goes on after a broken row: the one place where anything may be caught.
    allowed = ("workflow/delivery.py", "workflow/tasks.py", "workflow/sweep.py")
    found = matches(r"except\s*(\(?\s*(Base)?Exception\b|:)", CODE)

    assert [place for place in found if not place.startswith(allowed)] == []


@pytest.mark.parametrize("lock", LOCKS, ids=name_of)
def test_locks_name_no_host_and_no_path(lock: Path) -> None:
    assert matches(r"://|--index|--find-links|\s@\s|file:", [lock]) == []


@pytest.mark.parametrize("lock", LOCKS, ids=name_of)
def test_every_locked_package_is_hashed(lock: Path) -> None:
    entries = re.split(r"\n(?=\S)", lock.read_text(encoding="utf-8").strip())

    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_development_lock_agrees_with_the_product_s() -> None:
    pins = [set(re.findall(r"^(\S+==\S+)", lock.read_text(), re.M)) for lock in LOCKS]

    assert pins[0] - pins[1] == set()


def test_every_direct_dependency_says_why() -> None:
    sources = [ROOT / "requirements.in", ROOT / "requirements-dev.in"]
    lines = [line for path in sources for line in path.read_text().splitlines()]

    assert [line for line in lines if "==" in line and "  # " not in line] == []


def test_pages_load_nothing_from_elsewhere() -> None:
    pattern = (
        r"""(src|href|action)=["']?(https?:)?//|url\(\s*["']?(https?:)?//|@import\s+["']?http"""
    )

    assert matches(pattern, PAGES) == []


def test_pages_carry_no_inline_code() -> None:
    # The content security policy would refuse it in the browser, silently.
    pattern = r"<script(?![^>]*\bsrc=)(?![^>]*application/json)|\son[a-z]+=|\sstyle=|javascript:"

    assert matches(pattern, [path for path in PAGES if path.suffix == ".html"]) == []


def test_schedules_stand_in_one_place() -> None:
    found = matches(r"crontab|beat_schedule\s*=|add_periodic_task|\bcountdown=|\beta=", CODE)

    assert [place for place in found if not place.startswith("config/celery.py")] == []


@pytest.mark.parametrize("mark", ["embedded", "browser"])
def test_tests_of_whole_products_lie_in_their_folder(mark: str) -> None:
    """`bin/test` runs them by folder, `-m` finds them by mark."""
    tests = [path for path in TESTS if path.name.startswith("test_")]
    marked = {line.split(":")[0] for line in matches(rf"^pytestmark = .*mark\.{mark}\b", tests)}

    assert marked == {name_of(path) for path in tests if path.parent.name == mark}
