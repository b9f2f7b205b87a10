"""Settings under which the tests run: an instance of their own, in a folder that goes with them."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

HOME = Path(tempfile.mkdtemp(prefix="qingkong-test-"))
os.environ["QINGKONG_HOME"] = str(HOME)
os.environ.pop("QINGKONG_KEYS", None)
_OWNER = os.getpid()

from qingkong.project import instance  # noqa: E402

instance.make(demo=False)

from qingkong.kernel.access import keys  # noqa: E402
from qingkong.kernel.ledger import keys as ledger_keys  # noqa: E402
from qingkong.project.settings import *  # noqa: E402, F403
from qingkong.project.settings import DATABASES, INSTANCE  # noqa: E402

keys.make_keys(INSTANCE.keys)
ledger_keys.make_key(origin=f"qingkong/{INSTANCE.division}", folder=INSTANCE.keys)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_AUTOREFRESH = True
for alias, database in DATABASES.items():
    if "sqlite" in str(database["ENGINE"]):
        database["TEST"] = {"NAME": str(HOME / "data" / f"test-{alias}.sqlite"), "MIGRATE": alias == "default"}
        database["OPTIONS"]["init_command"] = str(database["OPTIONS"]["init_command"]).replace("=FULL", "=OFF")  # type: ignore[index]


def _remove() -> None:
    if os.getpid() == _OWNER:  # a forked child must not take the folder with it
        shutil.rmtree(HOME, ignore_errors=True)


atexit.register(_remove)
