"""Keep one file in a vault, as a process of its own: `keeping.py HOME KEYS ADDRESS FILE [STEP]`.

Prints whether the content was new. With STEP it kills itself before that request to the store or rename of a file.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

import obstore
from django.conf import settings

REQUESTS = ("put", "get", "get_range", "head", "delete")


def main(home: str, keys: str, address: str, file: str, step: str = "") -> None:
    settings.configure(QINGKONG_HOME=Path(home), QINGKONG_KEYS=Path(keys), QINGKONG_VAULT=address)
    from qingkong.kernel.vault import place

    if step:
        left = [int(step)]
        for name in REQUESTS:
            setattr(obstore, name, _counted(getattr(obstore, name), left))
        os.rename = _counted(os.rename, left)
    with (
        Path(file).open("rb", buffering=0) as content,
        place.spool().arriving(content) as (spooled, sha256, size),
        place.settled() as store,
    ):
        print(store.keep(spooled, sha256, size))


def _counted(call: Any, left: list[int]) -> Any:
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1
        return call(*args, **kwargs)

    return wrapped


if __name__ == "__main__":
    main(*sys.argv[1:])
