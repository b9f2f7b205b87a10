"""Outside bodies that countersign: registered by their public key, their cosignatures taken in, what they have seen.

A cosigner runs `qingkong-verify watch` on a machine of its own and hands its line back. The key vouches for it, so
that the way by which a line comes (HTTP, a stick) doesn't matter.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Subquery

from qingkong.kernel.ledger import keys
from qingkong.kernel.ledger.models import Checkpoint, Cosignature, Cosigner, Entry
from qingkong.kernel.ledger.recording import record
from qingkong.kernel.refusals import NotFound, Refusal
from qingkong.kernel.text import zh
from qingkong_verify import VerificationError, verify_checkpoint
from qingkong_verify.notes import COSIGNATURE, parse_body, parse_key, split_note

COMMAND_LINE = SimpleNamespace(
    kind="system", officer_id=None, name="commands", post=None, unit_id=None, unit_code="", unit_name=""
)
"""Who acts where an administrator does it on the server: an actor, as far as entries need one."""

AHEAD = timedelta(minutes=10)  # how far a cosigner's clock may be ahead of ours
LONGEST_NAME = 100

NOT_A_KEY = zh("这不是联署方的公钥：{why}")
WRONG_NAME = zh("公钥上的名称是“{there}”，不是“{given}”。")
NAME_TAKEN = zh("“{name}”已用另一把公钥登记过。请换一个名称，或查明原因。")
TOO_LONG = zh("名称最多 {longest} 个字。")
NO_SUCH = zh("没有登记过联署方“{name}”。")
UNREADABLE = zh("联署读不懂：{why}")
UNKNOWN = zh("这把公钥没有登记为联署方，联署不收。")
HOW_KNOWN = zh("请把公钥当面交给警方，由管理员运行 qingkong ledger cosigners add 登记。")
NOT_OURS = zh("这不是我们的校验点：第 {size} 条处我们签的是另一个根，或者没有签过。")
HOW_NOT_OURS = zh("请保留您手里的校验点，它可能是证据；并请双方当面核对。")
WRONG = zh("联署的签名不对：{why}")
FUTURE = zh("联署的时间 {at} 在将来，请校准联署方的时钟。")


class NotACosigner(Refusal):
    """The key isn't that of a cosigner, bears another name, or the name is taken."""


class UnknownKey(Refusal):
    """Nobody registered the key of this cosignature."""

    status = 403


class BadCosignature(Refusal):
    """It can't be read, the signature is wrong, or its time lies ahead."""

    status = 422


class NotOurs(Refusal):
    """The checkpoint under it isn't one of this ledger's."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A cosignature that stands now; `new` unless it stood before."""

    name: str
    size: int
    new: bool


def register(*, name: str, vkey: str, actor: Any, at: datetime, using: str = "default") -> Cosigner:
    """Enter a cosigner's public key, so that its cosignatures are taken. The same key again changes nothing.

    Raises NotACosigner.
    """
    try:
        key = parse_key(vkey)
    except VerificationError as error:
        raise NotACosigner(NOT_A_KEY.fill(why=str(error)), field="vkey") from None
    if key.algorithm != COSIGNATURE:
        raise NotACosigner(NOT_A_KEY.fill(why=str(zh("这是存证自己的公钥。"))), field="vkey")
    if key.name != name:
        raise NotACosigner(WRONG_NAME.fill(there=key.name, given=name), field="name")
    if len(name) > LONGEST_NAME:
        raise NotACosigner(TOO_LONG.fill(longest=LONGEST_NAME), field="name")
    with transaction.atomic(using=using):
        cosigner, made = Cosigner.objects.using(using).get_or_create(name=name, defaults={"vkey": vkey.strip()})
        if cosigner.vkey != vkey.strip():
            raise NotACosigner(NAME_TAKEN.fill(name=name), field="name")
        if made or _ended(name, using):
            facts = {"name": name, "vkey": cosigner.vkey}
            record(actor=actor, at=at, act="ledger.cosigner_added", subject=_subject(name), facts=facts, using=using)
    return cosigner


def end(*, name: str, actor: Any, at: datetime, using: str = "default") -> None:
    """Take no more cosignatures from a cosigner, say because its key was lost; what it has signed stays."""
    with transaction.atomic(using=using):
        if not Cosigner.objects.using(using).filter(pk=name).exists():
            raise NotFound(NO_SUCH.fill(name=name))
        if not _ended(name, using):
            record(
                actor=actor, at=at, act="ledger.cosigner_ended", subject=_subject(name), facts={"name": name}, using=using
            )  # fmt: skip


def take(note: str, *, at: datetime, using: str = "default") -> Taken:
    """Store the cosignature of a registered key under a checkpoint of ours.

    `note` is the checkpoint's text, a blank line, and signature lines, the cosigner's among them. Raises UnknownKey,
    BadCosignature, NotOurs.
    """
    try:
        body, lines = split_note(note)
        _, size, _ = parse_body(body)
    except VerificationError as error:
        raise BadCosignature(UNREADABLE.fill(why=str(error))) from None
    names = {name for name, _, _ in lines}
    found = {parse_key(c.vkey).id: c for c in Cosigner.objects.using(using).filter(pk__in=names)}
    known = [(n, found[hint]) for n, (name, hint, _) in enumerate(lines) if hint in found and found[hint].pk == name]
    known = [(place, cosigner) for place, cosigner in known if not _ended(cosigner.pk, using)]
    if not known:
        raise UnknownKey(UNKNOWN, how=HOW_KNOWN)
    standing = Checkpoint.objects.using(using).filter(size=size).first()
    if standing is None or split_note(standing.note)[0] != body:
        raise NotOurs(NOT_OURS.fill(size=size), how=HOW_NOT_OURS)
    place, cosigner = known[0]
    line = note.rpartition("\n\n")[2].split("\n")[place]
    signed_at = _signed_at(standing, cosigner, line, at)
    new = store(cosigner, standing, line, signed_at, using)
    return Taken(cosigner.name, size, new)


def store(cosigner: Cosigner, standing: Checkpoint, line: str, signed_at: datetime, using: str) -> bool:
    """Keep a cosignature; a second one of the same cosigner for the same checkpoint changes nothing."""
    _, new = Cosignature.objects.using(using).get_or_create(
        checkpoint=standing, cosigner=cosigner, defaults={"line": line, "signed_at": signed_at}
    )
    return new


def _signed_at(standing: Checkpoint, cosigner: Cosigner, line: str, at: datetime) -> datetime:
    """When a line was made, by the cosigner's clock. Raises BadCosignature where its signature is wrong."""
    own = keys.known_vkeys(standing._state.db or "default")  # the checkpoint may be of an older key
    try:
        stated = verify_checkpoint(f"{standing.note}{line}\n", [*own, cosigner.vkey])
        signed_at = datetime.fromtimestamp(stated.cosigned[0].seconds, UTC)
    except VerificationError as error:
        raise BadCosignature(WRONG.fill(why=str(error))) from None
    except (IndexError, OverflowError, ValueError, OSError):
        raise BadCosignature(WRONG.fill(why="—")) from None
    if signed_at > at + AHEAD:
        raise BadCosignature(FUTURE.fill(at=signed_at.isoformat()))
    return signed_at


# --- what they have seen --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seen:
    """How far a cosigner has countersigned, and when last; 0 and None for one that was registered and hasn't yet."""

    name: str
    size: int
    at: datetime | None
    ended: bool = False


def seen(using: str = "default") -> list[Seen]:
    """Every cosigner with its newest cosignature, who saw most first."""
    newest = Cosignature.objects.using(using).filter(cosigner=OuterRef("pk")).order_by("-checkpoint_id")
    rows = Cosigner.objects.using(using).annotate(
        size=Subquery(newest.values("checkpoint__size")[:1]), last=Subquery(newest.values("signed_at")[:1])
    )
    acts = ("ledger.cosigner_added", "ledger.cosigner_ended")
    about = Entry.objects.using(using).filter(subject__in=[_subject(row.name) for row in rows], act__in=acts)
    state = dict(about.order_by("at", "id").values_list("subject", "act"))
    found = [
        Seen(row.name, row.size or 0, row.last, state.get(_subject(row.name)) == "ledger.cosigner_ended")
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.ended, -one.size, one.name))


def covered(using: str = "default") -> int:
    """How many entries somebody outside has countersigned."""
    newest = Cosignature.objects.using(using).order_by("-checkpoint_id")
    return newest.values_list("checkpoint__size", flat=True).first() or 0


def _ended(name: str, using: str) -> bool:
    """Whether the last thing entered about a cosigner is that it ended."""
    acts = ("ledger.cosigner_added", "ledger.cosigner_ended")
    about = Entry.objects.using(using).filter(subject=_subject(name), act__in=acts)
    return about.order_by("-at", "-id").values_list("act", flat=True).first() == "ledger.cosigner_ended"


def _subject(name: str) -> str:
    return f"ledger.cosigner:{name}"
