"""What the system must never become: each guardrail with the test that proves it (DESIGN §8)."""

import pytest
from django.db import IntegrityError, connection, models, transaction

from qingkong.kernel import access
from qingkong.project import guardrails


def test_no_model_form_data_file_or_key_names_what_is_never_kept():
    assert guardrails.scan() == []


@pytest.mark.parametrize(
    "planted",
    [
        "ethnicity = forms.CharField()",
        "class F:\n    risk_level: int = 0",
        "def f(*, religion): ...",
        "row = {'blood_type': 1}",
        "row = {'重点人员': True}",
        "import sklearn.cluster",
        "from torch import nn",
        "Party.objects.filter(id_number__startswith='370923')",
        "origin = id_number[:6]",
        "create(watchlist=1)",
    ],
)
def test_a_planted_field_key_import_or_proxy_is_found(planted):
    assert list(guardrails.scan_code(planted, "planted.py"))


@pytest.mark.parametrize("word", ["民族", "政治面貌", "户籍地", "风险等级", "personType", "key_person", "IMEI"])
def test_a_question_that_a_form_designer_may_not_ask_is_named(word):
    assert guardrails.names_forbidden(word)


@pytest.mark.parametrize("word", ["address", "phone", "grade_of_service", "民警", "信访", "level"])
def test_ordinary_words_pass(word):
    assert guardrails.names_forbidden(word) is None


def test_every_personal_record_has_ground_purpose_and_expiry_in_the_database(county):
    assert guardrails.personal_models()
    for model in guardrails.personal_models():
        for column in ("legal_ground", "personal_purpose", "expires_on"):
            assert not model._meta.get_field(column).null, model
        required = [
            f for f in model._meta.fields if not f.null and not f.has_default() and f.name not in ("expires_on", "id")
        ]
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            columns = ["id", "expires_on", *[f.column for f in required]]
            cursor.execute(
                f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))})",
                ["0" * 32, None, *[_something(f) for f in required]],
            )


def test_no_key_leads_from_a_person_to_another_register():
    """A person exists only inside one record: no model is a person, and none is shared between domains."""
    for model in guardrails.personal_models():
        for field in model._meta.fields:
            if isinstance(field, models.ForeignKey):
                target = field.related_model
                assert not issubclass(target, access.Personal) or target._meta.app_label == model._meta.app_label, field


def test_sealed_columns_cannot_be_searched_or_sorted():
    for model in guardrails.personal_models():
        for field in model._meta.fields:
            if isinstance(field, access.SealedTextField):
                for lookup in ("startswith", "contains", "regex", "exact", "in"):
                    with pytest.raises(TypeError):
                        str(model.objects.filter(**{f"{field.name}__{lookup}": "1"}).query)


def test_no_column_about_a_person_comes_in_unseen():
    from pathlib import Path

    from qingkong.project.personal import personal_data

    printed = Path(__file__).parents[1] / "docs" / "personal-data.md"
    assert printed.read_text() == personal_data(), "run: .venv/bin/qingkong personal > docs/personal-data.md"


def _something(field: models.Field) -> object:
    match field:
        case models.DateTimeField():
            return "2026-01-01 00:00:00"
        case models.DateField():
            return "2026-01-01"
        case models.IntegerField() | models.FloatField() | models.BooleanField():
            return 0
    return "0" * 32 if isinstance(field, (models.UUIDField, models.ForeignKey)) else "x"
