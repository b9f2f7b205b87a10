"""Where this instance keeps its originals: a folder of its own, another folder, or a bucket.

`QINGKONG_VAULT` says it for a new instance. Once originals were moved, `vault.toml` in the instance folder says it,
and wins: only a switch, with a manifest that proves everything arrived, moves a vault.
"""

import fcntl
import json
import os
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from django.conf import settings

from qingkong.kernel.durable import write_whole
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import zh
from qingkong.kernel.vault.backend import LATER, Backend, StoreAway
from qingkong.kernel.vault.folder import Folder
from qingkong.kernel.vault.spool import Spool, make_folder

FILE = "vault.toml"
PARAMETERS = {"endpoint", "region", "keys", "timeout", "cache"}
SWITCHING = zh("原件库正在切换存放的地方。")
COMING_IN = zh("还有文件正在存入，没有切换。")
AFTER_THEM = zh("请等它们存完再试；什么都没有改变。")
UNREADABLE = zh("看不懂原件库的地址“{url}”。")
NO_LIBRARY = zh("没有安装连接 S3 存储的程序库 obstore。")
INSTALL = zh("请管理人员安装：pip install 'qingkong[s3]'。")
WRITE_LIKE = zh("写成 s3://桶/前缀?endpoint=https://主机 或 file:///绝对路径；密钥写在密钥文件里，不写在地址里。")
PATIENCE = 30.0  # seconds to wait for a switch, which holds the lock for the last few files only
SHORT = 10.0  # seconds a switch waits for files that are coming in: it keeps others from writing meanwhile


class BadPlace(Refusal):
    """The address of a vault can't be read."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A place in an S3 store, as its address says it."""

    name: str
    prefix: str
    endpoint: str
    region: str
    keys: Path
    timeout: float  # seconds for one request; shorter than others wait for a transaction that holds the database
    cache: int  # bytes of local copies


def current() -> str:
    """The address of this instance's vault; empty for the folder of its own."""
    file = Path(settings.QINGKONG_HOME) / FILE
    try:
        return str(tomllib.loads(file.read_text())["place"])
    except FileNotFoundError:
        return str(getattr(settings, "QINGKONG_VAULT", ""))


def write(url: str, *, manifest: str) -> None:
    """Make `url` the place of the vault from now on, at once or not at all."""
    file = Path(settings.QINGKONG_HOME) / FILE
    note = "# Written by `qingkong vault switch`; the manifest proves what arrived.\n"
    write_whole(file, f"{note}place = {json.dumps(url)}\nmanifest = {json.dumps(manifest)}\n")


def root() -> Path:
    """The vault's folder on this machine, whatever the backend: spool, what waits, local copies."""
    return Path(settings.QINGKONG_HOME) / "vault"


def spool() -> Spool:
    """Where what arrives is written: on the disk where it will stay, or on this machine's for a bucket."""
    found = backend(current())
    return found if isinstance(found, Spool) else Spool(root())


def backend(url: str) -> Backend:
    """The backend of an address. Raises BadPlace."""
    if not url:
        return Folder(root())
    parts = urlsplit(url)
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/") and not parts.query:
        return Folder(Path(parts.path))
    return _bucket(root(), _parsed(url), os.getpid(), url)


@contextmanager
def settled(*, patience: float = PATIENCE) -> Iterator[Backend]:
    """The vault's backend, which isn't switched while the context lasts. Raises StoreAway after `patience` seconds."""
    with _locked(fcntl.LOCK_SH, patience, StoreAway(SWITCHING, how=LATER)):
        yield backend(current())


@contextmanager
def standing_still(*, patience: float = SHORT) -> Iterator[None]:
    """Nothing is put into the vault by this machine while the context lasts. Raises StoreAway after `patience` seconds."""
    with _locked(fcntl.LOCK_EX, patience, StoreAway(COMING_IN, how=AFTER_THEM)):
        yield


@contextmanager
def _locked(kind: int, patience: float, too_long: StoreAway) -> Iterator[None]:
    make_folder(root())
    fd = os.open(root() / ".place", os.O_CREAT | os.O_RDWR, 0o600)
    until = time.monotonic() + patience
    try:
        while True:
            try:
                fcntl.flock(fd, kind | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise too_long from None
                time.sleep(0.02)
        yield
    finally:
        os.close(fd)


def parse(url: str) -> Bucket:
    """What the address of a bucket says. Raises BadPlace."""
    return _parsed(url)


def _parsed(url: str) -> Bucket:
    parts = urlsplit(url)
    asked = dict(parse_qsl(parts.query, keep_blank_values=True))
    if parts.scheme != "s3" or not parts.netloc or "@" in parts.netloc or asked.keys() - PARAMETERS or parts.fragment:
        raise BadPlace(UNREADABLE.fill(url=_without_secrets(url)), how=WRITE_LIKE)
    try:
        timeout, cache = float(asked.get("timeout", 10)), float(asked.get("cache", 8))
    except ValueError:
        raise BadPlace(UNREADABLE.fill(url=_without_secrets(url)), how=WRITE_LIKE) from None
    return Bucket(
        name=parts.netloc, prefix=parts.path.strip("/"), endpoint=asked.get("endpoint", ""),
        region=asked.get("region", "us-east-1"), timeout=timeout, cache=int(cache * 2**30),
        keys=Path(asked.get("keys") or Path(settings.QINGKONG_KEYS) / "s3.toml"),
    )  # fmt: skip


def _without_secrets(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('@')[2] or rest}"[:200]


@lru_cache(maxsize=8)
def _bucket(root: Path, bucket: Bucket, pid: int, url: str) -> Backend:
    try:
        from qingkong.kernel.vault.bucket import S3  # the library loads only where there is a bucket
    except ModuleNotFoundError as missing:
        if missing.name != "obstore":
            raise
        raise StoreAway(NO_LIBRARY, how=INSTALL) from None
    return S3(root, bucket, url)
