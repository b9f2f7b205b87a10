"""Alterations that honest work comes over: what was there before, put back; what an act wrote again without knowing."""

from collections.abc import Iterator
from typing import Any

from django.db import models

from qingkong.kernel import ledger
from qingkong.kernel.ledger.sealed_tables import key_text, sealed_models
from tests.adversary import rows
from tests.adversary.outcomes import Outcome
from tests.adversary.stage import Stage
from tests.adversary.values import kind_of, other

FAMILY = "rows, with honest work around them"
PLAIN = ("CharField", "TextField", "IntegerField", "PositiveIntegerField", "DateTimeField", "DateField", "BooleanField")


def attacks(stage: Stage) -> Iterator[Outcome]:
    yield from _all(stage, "put back what was before an act", _put_back)
    yield from _all(stage, "alter, and let an honest act write over it", _write_over)


def _all(stage: Stage, attack: str, do: Any) -> Iterator[Outcome]:
    with stage.attack():
        tried = [(model, pair[0], do(stage, model, *pair)) for model in sealed_models() if (pair := _two(model))]
        problems = stage.compare(sealed_models())
        cosigner = stage.cosigner_sees()
    named = {(problem.table, problem.row) for problem in problems}
    for model, field, key in tried:
        table = model._meta.db_table
        yield Outcome(FAMILY, attack, f"{table}.{field.column}", (table, key_text(key)) in named, cosigner)


def _two(model: Any) -> list[Any] | None:
    """Two columns of plain values that no unique constraint binds, or None where the table has fewer."""
    bound = {name for constraint in model._meta.constraints for name in getattr(constraint, "fields", ())}
    bound |= {str(getattr(e, "name", "")) for c in model._meta.constraints for e in getattr(c, "expressions", ())}
    plain = [
        field
        for field in rows.columns(model)
        if kind_of(field) in PLAIN
        and not (field.unique or field.is_relation or field.name in bound)
        and not type(field).__name__.startswith("Sealed")
    ]
    return plain[:2] if len(plain) > 1 else None


def _act(stage: Stage, model: Any, key: Any, field: Any) -> None:
    """An honest act: the row is read, a column changed, the row written and entered."""
    row = model._base_manager.get(pk=key)
    setattr(row, field.attname, other(field, getattr(row, field.attname)))
    models.Model.save(row)
    ledger.record(
        actor=stage.actor, at=stage.at, act="ledger.sealed", subject="ledger.rows",
        facts={"tables": model._meta.label_lower},
    )  # fmt: skip


def _put_back(stage: Stage, model: Any, one: Any, two: Any) -> Any:
    key = model._base_manager.order_by("pk").values_list("pk", flat=True)[0]
    before = model._base_manager.filter(pk=key).values_list(one.attname, flat=True).get()
    _act(stage, model, key, one)
    rows._write(stage, model, key, one, before)
    return key


def _write_over(stage: Stage, model: Any, one: Any, two: Any) -> Any:
    key = model._base_manager.order_by("pk").values_list("pk", flat=True)[1]
    before = model._base_manager.filter(pk=key).values_list(one.attname, flat=True).get()
    rows._write(stage, model, key, one, other(one, before))
    _act(stage, model, key, two)
    return key
