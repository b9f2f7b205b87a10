"""The tables of the ledger. Triggers refuse to change or delete what stands in them (`triggers.py`)."""

from django.db import models

from qingkong.kernel.records import Record


class Entry(Record):
    """One act, as it was entered: who, in which post, from where, on what, why. Never changed."""

    at = models.DateTimeField()
    act = models.CharField(max_length=60)
    subject = models.CharField(max_length=120)
    thread = models.CharField(max_length=60, blank=True)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.CharField(max_length=36, blank=True)
    actor_name = models.CharField(max_length=80)
    actor_post = models.CharField(max_length=30, blank=True)
    unit_id = models.CharField(max_length=36, blank=True)
    unit_code = models.CharField(max_length=30, blank=True)
    unit_name = models.CharField(max_length=80, blank=True)
    purpose = models.CharField(max_length=200, blank=True)
    reference = models.CharField(max_length=120, blank=True)
    commitment = models.CharField(max_length=64, blank=True)
    canonical = models.BinaryField()
    leaf_hash = models.BinaryField()

    class Meta:
        indexes = [
            models.Index(fields=["subject", "at", "id"], name="ledger_entry_by_subject"),
            models.Index(fields=["thread", "at", "id"], name="ledger_entry_by_thread"),
            models.Index(fields=["at"], name="ledger_entry_refused", condition=models.Q(act="access.refused")),
        ]


class Facts(models.Model):
    """What an entry's commitment commits to. Can be erased by law; the commitment stays valid.

    Facts and pending marks are written in one statement with their entry, which then can't be deleted: a foreign
    key would only cost, on PostgreSQL a row lock for each.
    """

    entry = models.OneToOneField(Entry, models.PROTECT, primary_key=True, related_name="facts", db_constraint=False)
    salt = models.BinaryField(null=True)
    value = models.TextField(null=True)
    erasure = models.ForeignKey(Entry, models.PROTECT, null=True, related_name="+", db_index=False)


class Pending(models.Model):
    """An entry that isn't in the tree yet."""

    entry = models.OneToOneField(Entry, models.PROTECT, related_name="pending", db_constraint=False)


class Leaf(models.Model):
    """An entry's place in the tree, counted from 0 in the order of integration."""

    sequence = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="leaf", db_constraint=False)


class Tile(models.Model):
    """Up to 256 hashes of one level, as C2SP tlog-tiles cuts the tree; `level` counts in steps of eight."""

    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    width = models.PositiveSmallIntegerField()
    hashes = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint("level", "index", "width", name="ledger_one_tile_a_place"),
            models.CheckConstraint(condition=models.Q(width__gte=1, width__lte=256), name="ledger_tile_width"),
        ]


class Checkpoint(models.Model):
    """A signed statement of size and root (C2SP tlog-checkpoint), made after the leaves it covers are committed."""

    number = models.BigIntegerField(primary_key=True)
    size = models.BigIntegerField(unique=True)
    root = models.BinaryField()
    note = models.TextField()


class Cosigner(models.Model):
    """An outside body that countersigns checkpoints, by the public key it first came with."""

    name = models.CharField(max_length=120, primary_key=True)
    vkey = models.CharField(max_length=300)


class Cosignature(models.Model):
    """A cosigner's line under a checkpoint (C2SP tlog-cosignature)."""

    checkpoint = models.ForeignKey(Checkpoint, models.PROTECT, related_name="cosignatures")
    cosigner = models.ForeignKey(Cosigner, models.PROTECT, related_name="cosignatures")
    line = models.CharField(max_length=300)
    signed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("checkpoint", "cosigner", name="ledger_one_cosignature_a_checkpoint"),
        ]
