"""The attacker's own tools: build the whole tree anew over whatever entries there are, and sign it with the server's key."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from qingkong.kernel.ledger import keys, notes
from qingkong.kernel.ledger.canonical import FIELDS, commitment, entry_bytes, moment
from qingkong.kernel.ledger.models import Checkpoint, Entry, Facts, Leaf, Tile
from qingkong.kernel.ledger.tiling import Edge, extend, root_of_edge
from qingkong_verify.merkle import leaf_hash
from tests.adversary.stage import Stage


@dataclass(frozen=True, slots=True)
class Head:
    """A tree's size, root and signed note."""

    size: int
    root: bytes
    note: str


def raw_key(stage: Stage, entry: Any) -> str:
    return entry.pk.hex if stage.sqlite else str(entry.pk)


def rewrite(stage: Stage, entry: Entry, **changed: Any) -> None:
    """Write an entry anew so that columns, bytes and hash agree."""
    fields = {name: str(getattr(entry, name)) for name in FIELDS} | {"at": moment(entry.at)}
    fields |= {name: moment(value) if name == "at" else str(value) for name, value in changed.items()}
    data = entry_bytes(fields)
    sets = ", ".join(f"{name} = %s" for name in changed)
    stage.sql(
        f"UPDATE ledger_entry SET {sets}, canonical = %s, leaf_hash = %s WHERE id = %s",
        *(_raw(value) for value in changed.values()), data, leaf_hash(data), raw_key(stage, entry),
    )  # fmt: skip


def _raw(value: Any) -> Any:
    """An instant as the database keeps it; anything else as it is."""
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


def rewrite_facts(stage: Stage, entry: Entry, text: str, salt: bytes | None = None) -> None:
    """Give an entry other facts, or other seals, and a commitment that binds them."""
    salt = salt or bytes(Facts.objects.get(pk=entry.pk).salt)
    stage.sql("UPDATE ledger_facts SET value = %s, salt = %s WHERE entry_id = %s", text, salt, raw_key(stage, entry))
    rewrite(stage, entry, commitment=commitment(salt, text))


def rebuild(stage: Stage, *, signer: Any = None, forget: bool = True) -> Head:
    """Tiles and one checkpoint over the leaves as they stand. `forget`: the checkpoints there were go."""
    hashes = [bytes(leaf) for leaf in Leaf.objects.order_by("sequence").values_list("entry__leaf_hash", flat=True)]
    edge = Edge()
    stage.sql("DELETE FROM ledger_tile")
    tiles = extend(edge, hashes)
    Tile.objects.bulk_create(
        Tile(level=place.level, index=place.index, width=len(held), hashes=b"".join(held))
        for place, held in tiles.items()
    )
    head = signed(edge.size, root_of_edge(edge), signer)
    if forget:
        stage.sql("DELETE FROM ledger_cosignature")
        stage.sql("DELETE FROM ledger_checkpoint")
    show(head)
    return head


def signed(size: int, root: bytes, signer: Any = None) -> Head:
    return Head(size, root, notes.sign_checkpoint(signer or keys.signer(), size, root))


def show(head: Head) -> None:
    """Put a signed head up as the newest checkpoint."""
    last = Checkpoint.objects.order_by("-number").values_list("number", flat=True).first() or 0
    Checkpoint.objects.create(number=last + 1, size=head.size, root=head.root, note=head.note)


def renumber(stage: Stage, entries: list[Any]) -> None:
    """Leaves over these entries, in this order."""
    stage.sql("DELETE FROM ledger_leaf")
    Leaf.objects.bulk_create(Leaf(sequence=number, entry_id=entry) for number, entry in enumerate(entries))


def in_order() -> list[Any]:
    return list(Leaf.objects.order_by("sequence").values_list("entry_id", flat=True))
