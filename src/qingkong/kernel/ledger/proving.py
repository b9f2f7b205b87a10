"""A proof: one small file that shows, without the database, that an entry stands in the signed ledger."""

from base64 import b64encode
from typing import Any

from qingkong.kernel.ledger import canonical, tree
from qingkong.kernel.ledger.models import Checkpoint, Cosignature, Entry
from qingkong.kernel.refusals import NotFound, Refusal
from qingkong.kernel.text import zh

FORMAT = "qingkong-proof/1"


class NotYetSealed(Refusal):
    """No signed checkpoint covers the entry yet."""


def prove(entry: Entry | str, *, with_facts: bool = False, using: str = "default") -> dict[str, Any]:
    """The proof of an entry, as JSON values; hashes in base64.

    Keys: format, entry (its canonical text), index, size, proof, checkpoint (signed note with cosignatures) and,
    with `with_facts`, facts (salt and text, which the entry's commitment binds).
    Raises NotFound, or NotYetSealed while the entry waits for its checkpoint.
    """
    key = entry.pk if isinstance(entry, Entry) else entry
    row = Entry.objects.using(using).filter(pk=key).select_related("leaf", "facts").first()
    if row is None:
        raise NotFound(zh("没有这条存证。"))
    leaf = getattr(row, "leaf", None)
    standing = _checkpoint(leaf.sequence, using) if leaf else None
    if leaf is None or standing is None:
        raise NotYetSealed(zh("这条记录待存证，还没有签名的校验点。"), how=zh("请过几秒再试。"))
    proof: dict[str, Any] = {
        "format": FORMAT,
        "entry": bytes(row.canonical).decode(),
        "index": leaf.sequence,
        "size": standing.size,
        "proof": [b64encode(digest).decode() for digest in tree.inclusion(leaf.sequence, standing.size, using)],
        "checkpoint": note_with_cosignatures(standing),
    }
    facts = getattr(row, "facts", None)
    if with_facts and facts is not None and facts.value is not None:
        proof["facts"] = {"salt": b64encode(canonical.bare_salt(bytes(facts.salt))).decode(), "text": facts.value}
    return proof


def _checkpoint(sequence: int, using: str) -> Checkpoint | None:
    """The checkpoint to prove against: the newest cosigned one where it covers the leaf, else the newest."""
    rows = Checkpoint.objects.using(using).filter(size__gt=sequence).prefetch_related("cosignatures")
    last = Cosignature.objects.using(using).order_by("-checkpoint_id").values_list("checkpoint_id", flat=True).first()
    cosigned = rows.filter(pk=last).first() if last is not None else None
    return cosigned or rows.order_by("-number").first()


def note_with_cosignatures(standing: Checkpoint) -> str:
    """The signed note with the lines of those who countersigned it."""
    return standing.note + "".join(f"{cosignature.line}\n" for cosignature in standing.cosignatures.all())
