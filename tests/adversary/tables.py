"""Attacks on the ledger's own tables, each by itself and unsigned: every column, every row as a whole."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connection

from qingkong.kernel.ledger.models import Cosigner, Entry, Facts, Leaf
from tests.adversary import rows
from tests.adversary.exempt import NUMBERS
from tests.adversary.outcomes import Outcome
from tests.adversary.stage import Stage
from tests.adversary.values import earlier, kind_of, other

FRESH = {"ledger_tile.index": 99, "ledger_cosignature.checkpoint_id": 1}
"""Values that keep an inserted row from being refused as a double."""
FAMILY = "tables of the ledger"


def attacks(stage: Stage) -> Iterator[Outcome]:
    for model in apps.get_app_config("ledger").get_models():
        yield from _columns(stage, model)
        yield from _rows(stage, model)
    yield from _back(stage)
    yield from _swaps(stage)


def _one(stage: Stage, attack: str, target: str, do: Any) -> Outcome:
    with stage.attack():
        possible = do() is not False
        verify = possible and bool(stage.verify() or stage.compare([Cosigner]))
        return Outcome(FAMILY, attack, target, verify, stage.cosigner_sees() if possible else False, possible=possible)


def _columns(stage: Stage, model: Any) -> Iterator[Outcome]:
    """Entries and facts by one verification, each column in another entry; other tables one by one."""
    fields = [f for f in model._meta.concrete_fields if f"{model._meta.label_lower}.{f.name}" not in NUMBERS]
    if model in (Entry, Facts):
        key = [field for field in fields if field.primary_key]
        yield from _many(stage, model, [field for field in fields if not field.primary_key])
        fields = key
    for field in fields:
        yield _one(
            stage, "alter a column", f"{model._meta.db_table}.{field.column}", lambda f=field: _alter(stage, model, f)
        )


def _many(stage: Stage, model: Any, fields: list[Any]) -> Iterator[Outcome]:
    rows_there = model.objects.order_by("pk")
    if model is Facts:
        rows_there = rows_there.filter(value__isnull=False)
    keys = list(rows_there.values_list("pk", flat=True)[: len(fields)])
    with stage.attack():
        for field, key in zip(fields, keys, strict=True):
            old = model.objects.filter(pk=key).values_list(field.attname, flat=True).get()
            assert rows._write(stage, model, key, field, other(field, old))
        problems = {(problem.table, problem.row) for problem in stage.verify()}
        cosigner = stage.cosigner_sees()
    for field, key in zip(fields, keys, strict=True):
        seen = (model._meta.db_table, str(key)) in problems
        yield Outcome(FAMILY, "alter a column", f"{model._meta.db_table}.{field.column}", seen, cosigner)


def _alter(stage: Stage, model: Any, field: Any) -> bool:
    keys = list(model.objects.order_by("pk").values_list("pk", flat=True))
    for key in reversed(keys[-rows.TRIES :]):  # the newest: a cosigner has signed the last checkpoint
        old = model.objects.filter(pk=key).values_list(field.attname, flat=True).get()
        if rows._write(stage, model, key, field, _another(model, field, old, keys)):
            return True
    return False


def _another(model: Any, field: Any, old: Any, keys: list[Any]) -> Any:
    if field.is_relation and model is not Facts and field.related_model is not Entry:
        targets = field.related_model._base_manager.exclude(pk=old).values_list("pk", flat=True)
        return targets.order_by("-pk").first() or other(field, old)
    if field.primary_key and "Integer" in kind_of(field):
        return max(keys) + 7
    return other(field, old)


def _rows(stage: Stage, model: Any) -> Iterator[Outcome]:
    table, pk = model._meta.db_table, model._meta.pk

    def delete(position: int) -> None:
        keys = list(model.objects.order_by("pk").values_list("pk", flat=True))
        key = keys[min(position, len(keys) - 1)]
        stage.sql(f'DELETE FROM {table} WHERE "{pk.column}" = %s', pk.get_db_prep_value(key, connection))

    def insert() -> bool:
        fields = model._meta.concrete_fields
        names = ", ".join(f'"{field.column}"' for field in fields)
        row = dict(zip(fields, stage.rows(f"SELECT {names} FROM {table} LIMIT 1")[0], strict=True))
        for field in fields:
            if field.unique:
                last = model.objects.order_by(f"-{field.attname}").values_list(field.attname, flat=True).first()
                row[field] = field.get_db_prep_save(other(field, last), connection)
            row[field] = FRESH.get(f"{table}.{field.column}", row[field])
        marks = ", ".join(["%s"] * len(row))
        return rows._refused_or(lambda: stage.sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", *row.values()))

    yield _one(stage, "delete a row", table, lambda: delete(3))
    yield _one(stage, "delete the newest row", table, lambda: delete(2**40))
    yield _one(stage, "insert a row", table, insert)
    yield _one(stage, "delete all rows", table, lambda: stage.sql(f"DELETE FROM {table}"))


def _back(stage: Stage) -> Iterator[Outcome]:
    field = Entry._meta.get_field("at")
    entry = Entry.objects.order_by("pk")[3]
    yield _one(
        stage, "date an entry back", "ledger_entry.at",
        lambda: rows._write(stage, Entry, entry.pk, field, earlier(entry.at)),
    )  # fmt: skip


def _swaps(stage: Stage) -> Iterator[Outcome]:
    def swap(model: Any, column: str, one: Any, two: Any) -> None:
        field = model._meta.get_field(column)
        values = {key: model.objects.filter(pk=key).values_list(field.attname, flat=True).get() for key in (one, two)}
        if field.unique:
            rows._write(stage, model, one, field, other(field, values[one]))
        rows._write(stage, model, two, field, values[one])
        rows._write(stage, model, one, field, values[two])

    one, two = Leaf.objects.order_by("sequence").values_list("pk", flat=True)[2:4]
    yield _one(stage, "swap two rows", "ledger_leaf", lambda: swap(Leaf, "entry", one, two))
    keys = Facts.objects.filter(value__isnull=False).order_by("pk").values_list("pk", flat=True)
    yield _one(stage, "swap two rows", "ledger_facts", lambda: swap(Facts, "value", *keys[4:6]))
    entries = Entry.objects.order_by("pk").values_list("pk", flat=True)[4:6]
    yield _one(stage, "swap two rows", "ledger_entry", lambda: swap(Entry, "canonical", *entries))
