"""PostgreSQL: cut the entries by month; what stands there becomes the first part, nothing is copied.

Locks: ACCESS EXCLUSIVE on ledger_entry for one reading of its keys. A leaf's foreign key goes (see `cutting.py`).
"""

import django.db.models.deletion
from django.db import migrations, models
from django.utils import timezone


def cut(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    from qingkong.kernel.ledger import cutting

    with schema_editor.connection.cursor() as cursor:
        cutting.cut(cursor, at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_refused_by_time")]
    operations = [
        migrations.RunPython(cut),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="leaf",
                    name="entry",
                    field=models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leaf",
                        to="ledger.entry",
                    ),
                )
            ]
        ),
    ]
