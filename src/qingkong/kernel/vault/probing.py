"""Ask whether the place of the originals is there and keeps what is promised. Leaves nothing behind."""

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.conf import settings

from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import Sentence, zh
from qingkong.kernel.vault import place
from qingkong.kernel.vault.carrying import waiting_now
from qingkong.kernel.vault.models import Blob
from qingkong.kernel.vault.reading import store
from qingkong.kernel.vault.waiting import Waiting

QUICK = 1.0  # seconds for one request: a check is over in a moment

STANDS = zh("{url} 连得上，能写、能读、能删。")
ONCE = zh("同名对象第二次写入被存储拒绝。")
NOT_ONCE = zh("存储不执行条件写入（If-None-Match），两个进程同时存入时分不出先后；换一个支持的存储。")
VERSIONED = zh("存储保留旧版本：覆盖和删除都留痕；依法销毁时旧版本一并删除，有对象锁定的要等锁定到期。")
UNVERSIONED = zh(
    "存储不保留旧版本：有密钥的人能覆盖对象（qingkong vault scrub 会发现）。要防覆盖，请在桶上开启版本保留或对象锁定。"
)
PLAIN = zh("到存储的连接没有加密：{endpoint}")
SECURE = zh("到存储的连接已加密，或者就在本机。")
MOVED = zh("环境变量 QINGKONG_VAULT 写的是 {asked}，实际在 {now}（vault.toml）：请改成一致。")
AGREES = zh("设置一致。")
WAITING = zh("{count} 份文件在本机等存储恢复。")
STILL_KEPT = zh("{count} 份已依法销毁的原件，存储还没有删除；每分钟再试一次。")
NONE_WAITS = zh("没有文件在等。")
SAMPLE_THERE = zh("抽查的一份原件在。")
SAMPLE_MISSING = zh("抽查的一份原件不在：{sha256}。原件库的地址是不是写错了？")
NO_FOLDER = zh("{url} 不能写。")
LOCAL = ("http://127.", "http://localhost", "http://[::1]")


@dataclass(frozen=True, slots=True)
class Probe:
    """One thing asked: what, whether it is right, what to say, and whether the instance must not run without it."""

    what: Sentence
    ok: bool
    note: Sentence
    grave: bool = True


def probe() -> Iterator[Probe]:
    """Everything about the place of the originals, in order; stops at the first thing that makes the rest pointless."""
    asked, now = str(getattr(settings, "QINGKONG_VAULT", "")), place.current()
    if asked and asked != now:
        yield Probe(zh("原件库设置"), False, MOVED.fill(asked=asked, now=now), grave=False)
    try:
        if now.startswith("s3:"):
            yield from _bucket(now)
        else:
            folder = store().root
            ok = os.access(folder, os.W_OK)
            yield Probe(zh("原件库"), ok, (AGREES if ok else NO_FOLDER).fill(url=f"file://{folder}"))
        yield _sample()
    except Refusal as refusal:
        yield Probe(zh("原件存储"), False, refusal.reason)
    count = waiting_now()
    yield Probe(zh("等待存入"), not count, WAITING.fill(count=count) if count else NONE_WAITS, grave=False)
    if count := len(Waiting(place.root()).erasures()):
        yield Probe(zh("等待销毁"), False, STILL_KEPT.fill(count=count), grave=False)


def _bucket(url: str) -> Iterator[Probe]:
    store()  # says so where the library isn't installed
    from qingkong.kernel.vault.remote import Remote

    bucket = place.parse(url)
    remote, key = Remote(replace(bucket, timeout=min(bucket.timeout, QUICK))), f"probe/{secrets.token_hex(8)}"
    try:
        first, second = remote.create(key, b"1"), remote.create(key, b"2")
        there = remote.get(key) == b"1"
        remote.put(key, b"3")
        head = remote.head(key) or {}
    finally:
        remote.delete(key)
    yield Probe(
        zh("原件存储"), first and remote.get(key) is None, STANDS.fill(url=f"s3://{bucket.name}/{bucket.prefix}")
    )
    yield Probe(zh("条件写入"), not second and there, NOT_ONCE if second or not there else ONCE)
    kept = bool(head.get("version"))
    yield Probe(zh("防覆盖"), kept, VERSIONED if kept else UNVERSIONED, grave=False)
    plain = bucket.endpoint.startswith("http://") and not bucket.endpoint.startswith(LOCAL)
    yield Probe(zh("存储连接"), not plain, PLAIN.fill(endpoint=bucket.endpoint) if plain else SECURE, grave=False)


def _sample() -> Probe:
    """One content of the database, whichever: a place that holds none of them is the wrong place."""
    one = Blob.objects.filter(tombstone=None).order_by("-pk").first()
    ok = one is None or store().has(one.sha256)
    return Probe(zh("原件在位"), ok, SAMPLE_THERE if ok else SAMPLE_MISSING.fill(sha256=one and one.sha256))
