"""Settings of a server that a test starts beside itself: a copy of the test's databases, a vault and a clock of its own."""

import os
from datetime import datetime
from pathlib import Path

from qingkong.project.settings import *  # noqa: F403
from qingkong.project.settings import DATABASES

HOME = Path(os.environ["SERVED_HOME"])
QINGKONG_HOME = HOME
for alias, database in DATABASES.items():
    database["NAME"] = HOME / "data" / f"{alias}.sqlite"
QINGKONG_UPLOADS = {"idle": float(os.environ.get("SERVED_IDLE", "30")), "open_uploads": 500, "begun_an_hour": 5000}
FILE_UPLOAD_TEMP_DIR = str(HOME / "vault")
ALLOWED_HOSTS = ["*"]


def now() -> datetime:
    """The tests' instant, whenever they run."""
    from qingkong.conftest import AT

    return AT


QINGKONG_CLOCK = now
