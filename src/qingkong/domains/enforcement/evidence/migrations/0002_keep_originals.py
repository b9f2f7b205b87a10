"""The database refuses to change what an evidence item is: its original, its number, who received it and when."""

from django.db import migrations

TABLE = "evidence_evidenceitem"
FIXED = ("id", "number", "original_id", "size", "content_type", "received_at", "registered_by_id", "registered_by_name",
         "source", "state", "call_id")


def guard(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for statement in _sqlite() if vendor == "sqlite" else _postgresql():
        schema_editor.execute(statement, params=None)


def _sqlite():
    changed = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in FIXED)
    yield (
        f"CREATE TRIGGER evidence_item_fixed BEFORE UPDATE ON {TABLE} WHEN {changed} "
        "BEGIN SELECT RAISE(ABORT, 'an original is never changed'); END"
    )
    yield (
        f"CREATE TRIGGER evidence_item_kept BEFORE DELETE ON {TABLE} "
        "BEGIN SELECT RAISE(ABORT, 'an evidence item is never deleted'); END"
    )


def _postgresql():
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in FIXED)
    yield (
        "CREATE FUNCTION evidence_item_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'an original is never changed'; END $$"
    )
    yield (
        f"CREATE TRIGGER evidence_item_fixed BEFORE UPDATE ON {TABLE} FOR EACH ROW WHEN ({changed}) "
        "EXECUTE FUNCTION evidence_item_refuse()"
    )
    yield (
        f"CREATE TRIGGER evidence_item_kept BEFORE DELETE ON {TABLE} FOR EACH ROW "
        "EXECUTE FUNCTION evidence_item_refuse()"
    )


class Migration(migrations.Migration):
    dependencies = [("evidence", "0001_initial")]
    operations = [migrations.RunPython(guard, elidable=False)]
