"""The words of tus 1.0.0 (https://tus.io/protocols/resumable-upload): headers read and written. Pure.

Raises Refusals with the status the protocol names.
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from qingkong.kernel.text import zh
from qingkong.web.uploads.slips import Slip

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,termination,checksum,expiration"
ALGORITHMS = ("sha1", "sha256")
PIECE = "application/offset+octet-stream"
LONGEST_METADATA = 4000  # characters

BAD_HEADER = zh("上传请求的 {header} 读不懂。")
OTHER_VERSION = zh("上传协议的版本不对，本系统用 tus {version}。")
BAD_ALGORITHM = zh("校验算法只支持 sha1 和 sha256。")
BAD_KIND = zh("上传内容的类型应为 application/offset+octet-stream。")
_NUMBER = re.compile(r"\d{1,18}")
_KEY = re.compile(r"[!-+\--~]{1,60}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class BadRequest(Slip):
    """A header that can't be read."""

    status = 400


class WrongVersion(Slip):
    status = 412


class WrongKind(Slip):
    status = 415


@dataclass(frozen=True, slots=True)
class Checksum:
    """What the sender says a piece hashes to."""

    algorithm: str
    digest: bytes


def check_version(version: str | None) -> None:
    if version != VERSION:
        raise WrongVersion(OTHER_VERSION.fill(version=VERSION))


def check_kind(content_type: str) -> None:
    if content_type.partition(";")[0].strip().lower() != PIECE:
        raise WrongKind(BAD_KIND)


def number(headers: Mapping[str, str], name: str) -> int:
    """A header that is a count of bytes. Raises BadRequest where it is absent or not one."""
    value = headers.get(name) or ""
    if not _NUMBER.fullmatch(value):
        raise BadRequest(BAD_HEADER.fill(header=name))
    return int(value)


def checksum(header: str | None) -> Checksum | None:
    """`sha256 <base64>` of an Upload-Checksum header."""
    if header is None:
        return None
    algorithm, _, text = header.strip().partition(" ")
    if algorithm not in ALGORITHMS:
        raise BadRequest(BAD_ALGORITHM)
    try:
        return Checksum(algorithm, b64decode(text.strip(), validate=True))
    except (binascii.Error, ValueError):
        raise BadRequest(BAD_HEADER.fill(header="Upload-Checksum")) from None


def metadata(header: str | None) -> dict[str, str]:
    """Pairs of an Upload-Metadata header: `key base64,key base64`. Raises BadRequest."""
    told: dict[str, str] = {}
    if not header:
        return told
    bad = BadRequest(BAD_HEADER.fill(header="Upload-Metadata"))
    if len(header) > LONGEST_METADATA:
        raise bad
    for pair in header.split(","):
        key, _, text = pair.strip().partition(" ")
        if not _KEY.fullmatch(key) or key in told:
            raise bad
        try:
            told[key] = b64decode(text.strip(), validate=True).decode()
        except (binascii.Error, ValueError):
            raise bad from None
    return told


def promised_sha256(told: Mapping[str, str]) -> str:
    """The digest of the whole that the sender promises (metadata `sha256`, hexadecimal), or nothing."""
    digest = told.get("sha256", "").strip().lower()
    if digest and not _SHA256.fullmatch(digest):
        raise BadRequest(BAD_HEADER.fill(header="Upload-Metadata sha256"))
    return digest


def http_date(at: datetime) -> str:
    return format_datetime(at, usegmt=True)
