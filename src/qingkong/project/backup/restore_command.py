"""`qingkong restore DIR|s3://… [--at WHEN] [--into HOME] [--keys DIR2] [--declare REASON --by OFFICER]`."""

import argparse
import json
import os
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import local, zh
from qingkong.project.backup.commands import ask_passphrase, instant, say

if TYPE_CHECKING:
    from qingkong.project.backup.manifest import Manifest
    from qingkong.project.backup.repository import Repository
    from qingkong.project.backup.restoring import Restored

FINISHED = zh("上次恢复被打断在最后一步，现已做完。")
FROM = zh("从 {at} 的备份恢复（存证 {entries} 条）…")
DONE = zh("已恢复到 {home}：存证 {entries} 条，补回原件 {blobs} 份。存证、校验点、数据库和原件都核对过。")
LOST = zh("已知签到 {signed} 条，恢复后少了 {lost} 条；这次恢复已作为存证登记，请把它告诉每个联署单位。")
ERASED = zh("备份以后依法删除的 {count} 项已再次删除。")
FORGOTTEN = zh("保存期限已过的个人信息 {count} 份已清空。")
UNSETTLED = zh("有 {count} 项删除在中断时不知是否完成，请办理人核对，需要的再删一次：{what}")
MISSING = zh("有 {count} 份原件备份里没有（备份时已缺失，或备份以后才收），仍然缺失。")
NUMBERS = zh("编号接着已知的最后一号往下走：{series}")
UNKNOWN = zh("备份以后发出的编号无从知道。请看最后一张纸上的号码；不够的，用 --skip-numbers 重新恢复。")
ASIDE = zh("原来的数据放在 {folder}，确认无误后再删。")
NEXT = zh("下一步：qingkong check，再 qingkong run。所有人要重新登录。")
KEYS_STAND = zh("{folder} 里已有另一副密钥，没有动它。")
KEYS_NEWER = zh("密钥副本比 {folder} 里的新（删除日志更长）。先把那个文件夹移开，再恢复。")
NO_BACKUP = zh("没有 {at} 以前的备份可用。")
NO_TIME = zh("看不懂时间“{text}”。写成 2026-11-24 或 2026-11-24T09:30。")


def add_to(
    subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]", *, run: Callable[[argparse.Namespace], int]
) -> None:
    parser = subparsers.add_parser(
        "restore", help="restore an instance from a backup, verified before it takes its place"
    )
    parser.add_argument("target", metavar="DIR|s3://BUCKET/PREFIX")
    parser.add_argument("--at", default="", metavar="WHEN", help="the newest backup at or before (default: the newest)")
    parser.add_argument("--into", type=Path, metavar="HOME", help="the folder of the instance (default: QINGKONG_HOME)")
    parser.add_argument(
        "--keys", type=Path, metavar="DIR2", help="the copy of the keys, where the instance lost its own"
    )
    parser.add_argument("--passphrase-file", type=Path, metavar="FILE", help="(default: asked for)")
    parser.add_argument("--declare", default="", metavar="REASON", help="restore an older state, and say why")
    parser.add_argument("--by", default="", metavar="NUMBER", help="police number of the leader who answers for it")
    parser.add_argument(
        "--replica", default="", metavar="URL", help="the database from its continuous copy, not from the backup"
    )
    parser.add_argument(
        "--seen", type=Path, action="append", default=[], metavar="FILE", help="a cosigner's checkpoint"
    )
    parser.add_argument("--skip-numbers", type=int, default=0, metavar="N", help="leave out N numbers of each series")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def restore(args: argparse.Namespace, *, at: datetime) -> int:
    """Restore; 0 when the instance stands, 1 when nothing was touched."""
    from django.conf import settings

    from qingkong.project.backup import knowing, opening, restoring, switching
    from qingkong.project.serve.claims import hold_instance

    if args.into is not None and args.into.resolve() != Path(settings.QINGKONG_HOME):
        return _in_its_own_process(args.into.resolve())
    home = Path(settings.QINGKONG_HOME)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with hold_instance(home):
        if switching.decided(home):
            switching.finish(home)
            say(FINISHED)
            return 0
        _bring_keys(args, opening.keys())
        repository = opening.to_read(args.target)
        manifest = _choose(repository, args.at)
        say(FROM.fill(at=f"{local(manifest.at):%Y-%m-%d %H:%M}", entries=manifest.point.size))
        known = knowing.known_after(manifest, home=home, repository=repository, seen=args.seen)
        declaration = restoring.Declaration(args.declare, args.by) if args.declare or args.by else None
        done = restoring.restore(
            repository,
            manifest,
            home=home,
            known=known,
            declaration=declaration,
            skip=args.skip_numbers,
            replica=args.replica,
            at=at,
        )
    _tell(args, done, home)
    return 0


def _in_its_own_process(home: Path) -> int:
    """Settings are read once, for one instance: start again for that one."""
    words = sys.argv[1:]
    kept = [
        w for n, w in enumerate(words) if not w.startswith("--into=") and w != "--into" and words[n - 1] != "--into"
    ]
    sys.stdout.flush()
    os.execve(
        sys.executable, [sys.executable, "-m", "qingkong.project.cli", *kept], {**os.environ, "QINGKONG_HOME": str(home)}
    )  # fmt: skip


def _bring_keys(args: argparse.Namespace, folder: Path) -> None:
    """Put the copy of the keys where the instance looks for them, unless they are there. Raises Refusal."""
    from qingkong.project.backup import journal, keeping, ring

    if args.keys is None:
        return
    files = keeping.unlock(args.keys, passphrase=ask_passphrase(args.passphrase_file))
    if not folder.exists() or not any(path.name in files for path in folder.iterdir()):
        keeping.put_back(files, folder)
        return
    if ring.read(folder).mark != ring.parse(files[ring.FILE].decode()).mark:
        raise Refusal(KEYS_STAND.fill(folder=folder), field="keys")
    if files.get(journal.FILE, b"").count(b"\n") > journal.standing(folder)[0]:
        raise Refusal(KEYS_NEWER.fill(folder=folder), field="keys")


def _choose(repository: "Repository", when: str) -> "Manifest":
    from qingkong.project.backup import manifest as manifests

    try:
        latest = manifests.id_of(instant(when)) if when else "9"
    except ValueError:
        raise Refusal(NO_TIME.fill(text=when), field="at") from None
    ids = [one for one in repository.ids() if one <= latest]
    if not ids:
        raise Refusal(NO_BACKUP.fill(at=when or "—"), field="at")
    return repository.get_manifest(ids[-1])


def _tell(args: argparse.Namespace, done: "Restored", home: Path) -> None:
    point, known = done.point, done.known
    lost = max(known.signed - point.size, 0)
    if args.json:
        facts = {
            "backup": done.manifest.id, "home": str(home), "entries": point.size, "lost": lost, "blobs": done.blobs,
            "erased_again": done.erased, "forgotten": done.forgotten, "missing": done.missing, "numbers": done.numbers,
            "unsettled": [line.what for line in done.unsettled], "aside": str(done.aside or ""),
        }  # fmt: skip
        print(json.dumps(facts, ensure_ascii=False))
    say(DONE.fill(home=home, entries=point.size, blobs=done.blobs))
    if lost:
        say(LOST.fill(signed=known.signed, lost=lost))
    if done.erased:
        say(ERASED.fill(count=done.erased))
    if done.forgotten:
        say(FORGOTTEN.fill(count=done.forgotten))
    if done.unsettled:
        say(UNSETTLED.fill(count=len(done.unsettled), what="、".join(line.what for line in done.unsettled)))
    if done.missing:
        say(MISSING.fill(count=len(done.missing)))
    if done.numbers:
        say(NUMBERS.fill(series="，".join(f"{name} {first}→{last}" for name, (first, last) in done.numbers.items())))
    if not args.skip_numbers and (known.lost_database or not known.stands):
        say(UNKNOWN)
    if done.aside:
        say(ASIDE.fill(folder=done.aside))
    say(NEXT)
