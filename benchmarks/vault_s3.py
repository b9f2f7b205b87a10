"""Taking a file into an S3 vault (SeaweedFS on this machine) against the bare upload of the same file.

The bare upload neither hashes, nor brings anything to a disk of this machine first, nor reads back what the store made
of it; the vault does all three before it says "received". `QINGKONG_BENCH_MIB` sets the size (default 256 MiB).
"""

import os
import tempfile
import time
from pathlib import Path

MIB = int(os.environ.get("QINGKONG_BENCH_MIB", "256"))
ROUNDS = int(os.environ.get("QINGKONG_BENCH_ROUNDS", "3"))


def run() -> dict[str, object]:
    """Megabytes a second until the content exists, its copy read back; the ratio to the bare upload."""
    from django.conf import settings

    from qingkong.kernel.vault.tests.weed import ACCESS, SECRET, Weed

    with tempfile.TemporaryDirectory(prefix="qingkong-s3-", dir=os.environ.get("QINGKONG_BENCH_DIR")) as place:
        home, weed = Path(place), Weed(Path(place) / "store")
        keys = home / "s3.toml"
        keys.touch(mode=0o600)
        keys.write_text(f'access_key = "{ACCESS}"\nsecret_key = "{SECRET}"\n')
        settings.configure(QINGKONG_HOME=home, QINGKONG_KEYS=home)
        weed.start()
        try:
            rounds = [_round(home, f"s3://vault/{n}?endpoint={weed.endpoint}&cache=0") for n in range(ROUNDS)]
        finally:
            weed.stop()
    bare, received, read = (sorted(times)[ROUNDS // 2] for times in zip(*rounds, strict=True))
    return {
        "name": "vault_s3", "value": round(MIB * 1.048576 / received), "unit": "MB/s", "peer": "bare upload",
        "ratio": round(bare / received, 2),
        "note": f"{MIB} MiB, median of {ROUNDS}; bare upload {bare:.2f} s, received {received:.2f} s, "
        f"of which read back and hashed {read:.2f} s ({MIB * 1.048576 / read:.0f} MB/s)",
    }  # fmt: skip


def _round(home: Path, url: str) -> tuple[float, float, float]:
    import obstore

    from qingkong.kernel.vault import place

    source, store = home / "source", place.backend(url)
    with source.open("wb") as out:
        for _ in range(MIB):
            out.write(os.urandom(2**20))
    began = time.perf_counter()
    obstore.put(store.remote._store, "bare", source)  # type: ignore[attr-defined]
    bare = time.perf_counter() - began
    began = time.perf_counter()
    with source.open("rb", buffering=0) as content, store.arriving(content) as (file, sha256, size):  # type: ignore[attr-defined]
        assert store.keep(file, sha256, size)
    received = time.perf_counter() - began
    began = time.perf_counter()
    assert store.is_sound(sha256, size)
    return bare, received, time.perf_counter() - began
