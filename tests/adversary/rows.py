"""Attacks on the tables that entries speak of: every column, and every row as a whole."""

from collections.abc import Iterator
from typing import Any

from django.db import DataError, IntegrityError, connection, models, transaction

from qingkong.kernel.ledger.sealed_tables import key_text, left_out, sealed_models
from tests.adversary.outcomes import Outcome
from tests.adversary.stage import Stage
from tests.adversary.values import earlier, kind_of, other, row_of

FAMILY = "rows of the registers"
TRIES = 12


def attacks(stage: Stage) -> Iterator[Outcome]:
    """All of them, by one book of seals: none of these attacks touches the ledger."""
    book = stage.book()
    chosen = sealed_models()
    yield from _batch(stage, book, chosen, "alter a column", _alter)
    yield from _batch(stage, book, chosen, "empty a column", _empty)
    yield from _batch(stage, book, chosen, "date a row back", _date_back)
    yield from _batch(stage, book, chosen, "give a row another key", _rekey)
    yield from _batch(stage, book, chosen, "swap two rows", _swap)
    yield from _batch(stage, book, chosen, "delete a row", _delete)
    yield from _batch(stage, book, chosen, "insert a row", _insert)
    for model in chosen:
        yield from _batch(stage, book, [model], "delete all rows", _truncate)


Tried = Iterator[tuple[str, Any, str]]
"""(target, key of the row it shows on, column or nothing) of each attack that was carried out."""


def _batch(stage: Stage, book: Any, chosen: list[Any], attack: str, do: Any) -> Iterator[Outcome]:
    """Do one kind of attack on all tables at once, and look once."""
    with stage.attack():
        tried = [(model, *one) for model in chosen for one in do(stage, model)]
        problems = stage.compare(chosen, book)
        cosigner = stage.cosigner_sees()
    named = {(p.table, p.row) for p in problems} | {(p.table, p.row, p.column) for p in problems}
    for model, target, key, column in tried:
        place = (model._meta.db_table, key_text(key), column) if column else (model._meta.db_table, key_text(key))
        yield Outcome(FAMILY, attack, target, place in named, cosigner)


def columns(model: type[models.Model]) -> list[Any]:
    """The sealed columns but the key."""
    label = model._meta.label_lower
    return [f for f in model._meta.concrete_fields if not f.primary_key and f"{label}.{f.name}" not in left_out()]


def _keys(model: type[models.Model], count: int = 40) -> list[Any]:
    return list(model._base_manager.order_by("pk").values_list("pk", flat=True)[:count])


def _write(stage: Stage, model: Any, key: Any, field: Any, value: Any) -> bool:
    """Put a value into a column; False where the database itself refuses it."""
    raw = field.get_db_prep_save(value, connection)
    return _refused_or(
        lambda: stage.sql(
            f'UPDATE "{model._meta.db_table}" SET "{field.column}" = %s WHERE "{model._meta.pk.column}" = %s',
            raw, _raw_key(model, key),
        )
    )  # fmt: skip


def _refused_or(do: Any) -> bool:
    point = transaction.savepoint()
    try:
        do()
    except (IntegrityError, DataError):
        transaction.savepoint_rollback(point)
        return False
    transaction.savepoint_commit(point)
    return True


def _raw_key(model: Any, key: Any) -> Any:
    return model._meta.pk.get_db_prep_value(key, connection)


def _each(stage: Stage, model: Any, wanted: list[Any], value: Any) -> Tried:
    """Write `value(field, old)` into each wanted column, each in another row where there are so many."""
    keys = _keys(model)
    for number, field in enumerate(wanted):
        for turn in range(min(TRIES, len(keys))):
            key = keys[(number + turn) % len(keys)]
            old = model._base_manager.filter(pk=key).values_list(field.attname, flat=True).get()
            new = value(field, old)
            if new is not old and _write(stage, model, key, field, new):
                yield f"{model._meta.db_table}.{field.column}", key, field.column
                break


def _alter(stage: Stage, model: Any) -> Tried:
    return _each(stage, model, columns(model), other)


def _empty(stage: Stage, model: Any) -> Tried:
    can = [field for field in columns(model) if field.null]
    return _each(stage, model, can, lambda field, old: None)


def _date_back(stage: Stage, model: Any) -> Tried:
    instants = [field for field in columns(model) if kind_of(field) in ("DateTimeField", "DateField")]
    return _each(stage, model, instants, lambda field, old: old if old is None else earlier(old))


def _rekey(stage: Stage, model: Any) -> Tried:
    key, pk = _keys(model, 1)[0], model._meta.pk
    if _write(stage, model, key, pk, other(pk, key)):
        yield f"{model._meta.db_table}.{pk.column}", key, ""


def _swap(stage: Stage, model: Any) -> Tried:
    """Everything two rows hold changes places: their keys do."""
    held = {row[0]: row[1:] for row in model._base_manager.order_by("pk").values_list("pk", *_attnames(model))[:40]}
    one = next(iter(held))
    two = next((key for key in held if held[key] != held[one]), None)
    if two is None:
        return  # they hold the same: nothing would have changed
    pk = model._meta.pk
    spare = other(pk, one)
    done = all(_write(stage, model, old, pk, new) for old, new in ((one, spare), (two, one), (spare, two)))
    if done:
        yield f"{model._meta.db_table}", one, ""


def _attnames(model: Any) -> list[str]:
    return [field.attname for field in columns(model)]


def _delete(stage: Stage, model: Any) -> Tried:
    key = _keys(model)[-1]
    stage.sql(f'DELETE FROM "{model._meta.db_table}" WHERE "{model._meta.pk.column}" = %s', _raw_key(model, key))
    yield model._meta.db_table, key, ""


def _insert(stage: Stage, model: Any) -> Tried:
    row = row_of(model)
    fields = [field for field in model._meta.concrete_fields if not (field.primary_key and "Auto" in kind_of(field))]
    names, marks = ", ".join(f'"{field.column}"' for field in fields), ", ".join(["%s"] * len(fields))
    values = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields]
    if _refused_or(lambda: stage.sql(f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({marks})', *values)):
        key = row.pk if row.pk is not None else model._base_manager.order_by("-pk").values_list("pk", flat=True)[0]
        yield model._meta.db_table, key, ""


def _truncate(stage: Stage, model: Any) -> Tried:
    key = _keys(model, 1)[0]
    stage.sql(f'DELETE FROM "{model._meta.db_table}"')
    yield model._meta.db_table, key, ""
