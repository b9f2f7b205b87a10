"""What the S3 library doesn't ask of a store: old versions of an object, and uploads that were cut off. Signed here.

A bucket that keeps versions keeps an erased content too, until each version is removed by its id; a store that locks
them refuses, and then the erasure isn't done. Signature Version 4, path style.
"""

import hashlib
import hmac
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import datetime
from html import unescape
from urllib.parse import quote, urlsplit

from qingkong.kernel.text import zh
from qingkong.kernel.vault.backend import LATER, StoreAway
from qingkong.kernel.vault.place import Bucket

EMPTY = hashlib.sha256(b"").hexdigest()
NOT_KNOWN = (400, 404, 405, 501)  # the store, or the bucket, has nothing of this kind
LOCKED = zh("存储不肯删除已依法销毁的原件（对象锁定未到期）。")
UNLOCK = zh("到期以后自动再试；要提前，请管理人员在存储上解除锁定。")


class Signed:
    """Requests for the kept and the half-done, with the keys of the bucket."""

    def __init__(self, bucket: Bucket, access_key: str, secret_key: str) -> None:
        self._bucket, self._access_key, self._secret_key = bucket, access_key, secret_key
        self._endpoint = bucket.endpoint or f"https://s3.{bucket.region}.amazonaws.com"
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open

    def purge(self, key: str) -> int:
        """Remove every version of an object, and what marks it as deleted; how many. Raises StoreAway."""
        name = self._full(key)
        status, body = self._ask("GET", "", {"versions": "", "prefix": name})
        if status in NOT_KNOWN:
            return 0
        removed = 0
        for version in re.findall(r"<(?:Version|DeleteMarker)>(.*?)</(?:Version|DeleteMarker)>", body, flags=re.S):
            if _said(version, "Key") != name:
                continue
            status, _ = self._ask("DELETE", name, {"versionId": _said(version, "VersionId")})
            if status == 403:
                raise StoreAway(LOCKED, how=UNLOCK)
            removed += 1
        return removed

    def unfinished(self) -> Iterator[tuple[str, str, datetime]]:
        """Large uploads that were begun and not finished: the object's name, the upload's id, and when it was begun."""
        status, body = self._ask("GET", "", {"uploads": "", "prefix": self._full("blobs/")})
        if status in NOT_KNOWN:
            return
        for upload in re.findall(r"<Upload>(.*?)</Upload>", body, flags=re.S):
            begun = datetime.fromisoformat(_said(upload, "Initiated").replace("Z", "+00:00"))
            yield _said(upload, "Key"), _said(upload, "UploadId"), begun

    def abort(self, key: str, upload: str) -> None:
        """Let go of what came of an unfinished upload."""
        self._ask("DELETE", self._full(key), {"uploadId": upload})

    def _full(self, key: str) -> str:
        return f"{self._bucket.prefix}/{key}".lstrip("/")

    def _ask(self, method: str, name: str, query: dict[str, str]) -> tuple[int, str]:
        path = quote(f"/{self._bucket.name}/{name}")
        asked = "&".join(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in sorted(query.items()))
        request = urllib.request.Request(  # noqa: S310  the address is the administrator's, http or https
            f"{self._endpoint.rstrip('/')}{path}?{asked}", method=method, headers=self._headers(method, path, asked)
        )
        try:
            with self._open(request, timeout=self._bucket.timeout) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            if refused.code >= 500 and refused.code not in NOT_KNOWN:
                raise StoreAway(how=LATER) from None
            return refused.code, ""
        except OSError:
            raise StoreAway(how=LATER) from None

    def _headers(self, method: str, path: str, query: str) -> dict[str, str]:
        at = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        sent = {"host": urlsplit(self._endpoint).netloc, "x-amz-content-sha256": EMPTY, "x-amz-date": at}
        names = ";".join(sent)
        lines = "".join(f"{name}:{value}\n" for name, value in sent.items())
        asked = "\n".join((method, path, query, lines, names, EMPTY))
        scope = f"{at[:8]}/{self._bucket.region}/s3/aws4_request"
        words = f"AWS4-HMAC-SHA256\n{at}\n{scope}\n{hashlib.sha256(asked.encode()).hexdigest()}"
        key = f"AWS4{self._secret_key}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        signature = hmac.new(key, words.encode(), "sha256").hexdigest()
        sent["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={self._access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
        )
        return sent


def _said(xml: str, name: str) -> str:
    found = re.search(rf"<{name}>(.*?)</{name}>", xml, flags=re.S)
    return unescape(found.group(1)) if found else ""
