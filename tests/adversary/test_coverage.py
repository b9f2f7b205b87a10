"""Every table and column is attacked, or stands in the table of exemptions with a reason."""

from django.apps import apps

from qingkong.kernel.ledger import seals
from qingkong.kernel.ledger.sealed_tables import left_out, sealed_models
from qingkong.project.unsealed import UNSEALED
from tests.adversary import exempt


def test_every_table_is_sealed_or_exempt_with_a_reason():
    sealed = set(sealed_models())
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta
        reasons = [exempt.EXEMPT.get(name) or left_out().get(name) for name in (meta.app_label, meta.label_lower)]
        assert model in sealed or any(reason and len(reason) > 20 for reason in reasons), meta.label


def test_no_exemption_names_what_does_not_exist():
    labels = {model._meta.app_label for model in apps.get_models()}
    tables = {model._meta.label_lower for model in apps.get_models()}
    columns = {
        f"{model._meta.label_lower}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
    }
    assert exempt.EXEMPT.keys() <= labels | tables | columns


def test_every_table_of_the_kernel_and_the_domains_that_holds_records_is_sealed():
    ours = [m for m in apps.get_models() if m.__module__.startswith(("qingkong.kernel.", "qingkong.domains."))]
    sealed = set(sealed_models())
    out = {model._meta.label_lower for model in ours if model not in sealed and model._meta.app_label != "ledger"}
    named = {name for name in UNSEALED if name.count(".") == 1}
    assert {label for label in out if label not in named} == {
        "jobs.timetable", "jobs.heartbeat", "events.announcement",
    }  # fmt: skip


def test_no_two_columns_of_a_table_share_a_code():
    for model in sealed_models():
        codes = [seals.code_of(str(field.column)) for field in model._meta.concrete_fields]
        assert len(set(codes)) == len(codes), model._meta.label
