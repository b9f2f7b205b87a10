"""`qingkong backup DIR|s3://…`, `qingkong backup list|verify DIR`, `qingkong restore DIR`."""

import argparse
import getpass
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import local, zh

VERBS = ("list", "verify")

DONE = zh(
    "备份完成：{id}。存证 {entries} 条，数据库 {database}，原件 {blobs} 份（{blob_bytes}）；这次写入 {written}。已读回核对。"
)
LOST = zh("有 {count} 份原件在原件库里已经缺失，没有进备份：先运行 qingkong vault scrub 查明。")
KEYS_NOT_COPIED = zh("密钥没有一起复制。没有密钥，备份打不开：用 --keys 另存一份，放在别处。")
KEYS_COPIED = zh("密钥已加密另存：{path}。")
ONE_DISK = zh("注意：密钥副本和备份在同一块盘上，这块盘丢了就什么都没有了，被偷了就什么都给人了。换一块盘放密钥。")
WENT = zh("按保存期限销毁了 {count} 份旧备份。")
WOULD_GO = zh("按保存期限会销毁 {count} 份旧备份：{ids}")
NONE = zh("这里还没有备份。")
SOUND = zh("备份 {id} 完好：存证 {entries} 条，原件 {blobs} 份，逐字节读过。")
UNSOUND = zh("备份 {id} 有 {count} 处问题：")
USAGE = zh("用法：qingkong backup DIR，或 qingkong backup list DIR，或 qingkong backup verify DIR。")
NO_INSTANCE = zh("还没有实例，没有可以备份的。")
NO_PASSPHRASE = zh("读不到口令文件 {path}。")
PASSPHRASE = zh("密钥副本的口令：")
AGAIN = zh("再输入一次：")
DIFFERENT = zh("两次输入的口令不一样。")


def add_commands(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from qingkong.project.backup import restore_command

    backing = subparsers.add_parser("backup", help="back up database and vault, encrypted, incremental; list, verify")
    backing.add_argument("words", nargs="+", metavar="[list|verify] DIR|s3://BUCKET/PREFIX")
    backing.add_argument("--keys", type=Path, metavar="DIR2", help="also copy the keys there, sealed with a passphrase")
    backing.add_argument("--passphrase-file", type=Path, metavar="FILE", help="(default: asked for)")
    backing.add_argument("--keep-days", type=int, metavar="N", help="destroy backups older than N days")
    backing.add_argument("--dry-run", action="store_true", help="only say what --keep-days would destroy")
    backing.add_argument("--id", default="", help="verify: which one (default: the newest)")
    backing.add_argument("--json", action="store_true")
    backing.set_defaults(run=backup)
    restore_command.add_to(subparsers, run=restore)


def restore(args: argparse.Namespace) -> int:
    from django.utils import timezone

    from qingkong.project.backup import restore_command

    return restore_command.restore(args, at=timezone.now())


def backup(args: argparse.Namespace) -> int:
    from django.conf import settings

    if not settings.INSTANCE.made:
        say(NO_INSTANCE)
        return 1
    match args.words:
        case [target] if target not in VERBS:
            return _retention(args, target) if args.dry_run else _take(args, target)
        case ["list", target]:
            return _list(args, target)
        case ["verify", target]:
            return _verify(args, target)
    say(USAGE)
    return 2


def _take(args: argparse.Namespace, target: str) -> int:
    from django.utils import timezone

    from qingkong.kernel import access
    from qingkong.project.backup import keeping, opening, retiring, taking

    passphrase = ""
    if args.keys:
        keeping.require_apart(target, args.keys)
        passphrase = ask_passphrase(args.passphrase_file, twice=True)
    repository, keys = opening.to_write(target), opening.keys()
    at = timezone.now()
    taken = taking.take(repository, actor=access.system("backup"), at=at)
    retired = None
    if args.keep_days is not None:
        retired = retiring.retire(repository, keys, keep_days=args.keep_days, at=at)
    copied = keeping.copy_keys(keys, args.keys, passphrase=passphrase, at=at) if args.keys else None
    found = taken.manifest
    if args.json:
        _print({**_row(found), "written": taken.written, "missing": found.missing,
                "retired": retired.ids if retired else [], "keys": bool(copied)})  # fmt: skip
    say(DONE.fill(
        id=found.id, entries=found.point.size, database=size(found.database_bytes), blobs=found.blobs,
        blob_bytes=size(found.blob_bytes), written=size(taken.written),
    ))  # fmt: skip
    if retired and retired.ids:
        say(WENT.fill(count=len(retired.ids)))
    say(KEYS_COPIED.fill(path=copied) if copied else KEYS_NOT_COPIED)
    if copied and keeping.on_one_disk(target, args.keys):
        say(ONE_DISK)
    if found.missing:
        say(LOST.fill(count=len(found.missing)))
    return 1 if found.missing else 0


def _retention(args: argparse.Namespace, target: str) -> int:
    from django.utils import timezone

    from qingkong.project.backup import opening, retiring

    if args.keep_days is None:
        say(USAGE)
        return 2
    repository = opening.to_read(target)
    would = retiring.retire(
        repository, opening.keys(), keep_days=args.keep_days, at=timezone.now(), dry_run=True
    )  # fmt: skip
    if args.json:
        _print({"would_retire": would.ids})
    say(WOULD_GO.fill(count=len(would.ids), ids="、".join(would.ids) or "—"))
    return 0


def _list(args: argparse.Namespace, target: str) -> int:
    from qingkong.project.backup import opening

    found = list(opening.to_read(target).readable())
    if args.json:
        _print([_row(one) for one in found])
        return 0
    for one in found:
        print(f"{one.id}  {local(one.at):%Y-%m-%d %H:%M}  {one.point.size}  {size(one.database_bytes)}  {one.blobs}")
    if not found:
        say(NONE)
    return 0


def _verify(args: argparse.Namespace, target: str) -> int:
    from django.utils import timezone

    from qingkong.kernel import access
    from qingkong.project.backup import opening, verifying

    repository = opening.to_read(target)
    chosen = args.id or next(reversed(repository.ids()), "")
    if not chosen:
        say(NONE)
        return 1
    verdict = verifying.verify(repository, chosen, actor=access.system("backup"), at=timezone.now())
    if args.json:
        problems = [str(problem) for problem in verdict.problems]
        _print({**_row(verdict.manifest), "ok": not problems, "problems": problems})
    if verdict.problems:
        say(UNSOUND.fill(id=chosen, count=len(verdict.problems)))
    else:
        say(SOUND.fill(id=chosen, entries=verdict.manifest.point.size, blobs=verdict.blobs))
    for line in (*verdict.problems, *verdict.notes):
        say(line)
    return 1 if verdict.problems else 0


def ask_passphrase(file: Path | None, *, twice: bool = False) -> str:
    """The passphrase of a copy of keys: the first line of a file, or asked for at the screen."""
    if file is not None:
        try:
            return file.read_text(encoding="utf-8").splitlines()[0].strip()
        except (OSError, IndexError):
            raise Refusal(NO_PASSPHRASE.fill(path=file), field="passphrase") from None
    first = getpass.getpass(str(PASSPHRASE))
    if twice and getpass.getpass(str(AGAIN)) != first:
        raise Refusal(DIFFERENT, field="passphrase")
    return first


def size(count: float) -> str:
    """Bytes as people read them."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TiB"


def instant(text: str) -> datetime:
    """An instant as typed: `2026-11-24`, `2026-11-24T09:30`, in Asia/Shanghai unless it names a zone; a day is its end."""
    from qingkong.kernel.text import TZ

    at = datetime.fromisoformat(text)
    if len(text) == 10:
        at = at.replace(hour=23, minute=59, second=59, microsecond=999999)
    return at if at.tzinfo else at.replace(tzinfo=TZ)


def _row(one: Any) -> dict[str, Any]:
    return {
        "id": one.id, "taken_at": one.taken_at, "entries": one.point.size, "root": one.point.root,
        "cosigned": one.point.cosigned, "database": one.database_bytes, "blobs": one.blobs,
        "blob_bytes": one.blob_bytes, "vendor": one.vendor, "version": one.version,
    }  # fmt: skip


def _print(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False))


def say(text: object) -> None:
    print(text, file=sys.stderr)
