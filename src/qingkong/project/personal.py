"""What is kept about persons: every personal table with every column, printed to docs/personal-data.md.

A test compares it word for word, so that no column about a person comes in unseen (G23). What a person is told on
request covers these columns and no others.
"""

from django.db import models

from qingkong.kernel.access import SealedDigestField, SealedTextField
from qingkong.project.guardrails import personal_models

HEAD = """# 保存了哪些个人信息 / What is kept about persons

由 `qingkong personal` 从代码打印，测试逐字比较：多一列，测试就不过。封存＝加密，登记查阅后才能打开；摘要＝只能按完整号码比对。
Printed from the code by `qingkong personal` and compared in a test: one column more, and it fails. Sealed: encrypted, opened
only by an entered look. Digest: compares whole identifiers, and nothing else.
"""


def personal_data() -> str:
    """The tables as Markdown."""
    parts = [HEAD]
    for model in sorted(personal_models(), key=lambda m: m._meta.label):
        parts.append(
            f"\n## {model._meta.label}\n\n{_first_line(model)}\n\n| 列 / column | 怎样保存 / how it is kept |\n|---|---|\n"
        )
        parts += [f"| `{field.name}` | {_how(field)} |\n" for field in model._meta.fields]
    return "".join(parts)


def _first_line(model: type[models.Model]) -> str:
    return (model.__doc__ or "").strip().splitlines()[0]


def _how(field: models.Field) -> str:  # type: ignore[type-arg]
    match field:
        case SealedTextField():
            return "封存 / sealed"
        case SealedDigestField():
            return "摘要 / digest"
        case models.ForeignKey():
            return f"→ {field.related_model._meta.label}"
    return field.get_internal_type()
