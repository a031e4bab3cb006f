"""Environment of a test run, set before Django reads its settings (`-p tests.environment`).

Each parallel worker gets a data directory and a Redis prefix of its own.
"""

import atexit
import base64
import os
import shutil
import tempfile

_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
_DATA_DIR = tempfile.mkdtemp(prefix=f"xinfang-tests-{_WORKER}-")
atexit.register(shutil.rmtree, _DATA_DIR, ignore_errors=True)

os.environ |= {
    "DATA_DIR": _DATA_DIR,
    "SECRET_KEY": "known-to-every-test-and-used-nowhere-else-0123456789",
    "FIELD_KEYS": f"k1:{base64.b64encode(bytes(range(32))).decode()}",
    "BLIND_INDEX_KEY": base64.b64encode(bytes(range(32, 64))).decode(),
    # Where products that were prepared lie to be copied: the run's, or this process's own.
    "TEST_KEPT": os.environ.get("TEST_KEPT", f"{_DATA_DIR}/kept"),
    "REDIS_PREFIX": f"tests-{_WORKER}",
    # Playwright's synchronous interface runs an event loop beside the tests' own queries.
    "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
}
for _name in ("DEBUG", "PRODUCTION", "COLLECTED_STATIC", "ALLOWED_HOSTS"):
    os.environ.pop(_name, None)
