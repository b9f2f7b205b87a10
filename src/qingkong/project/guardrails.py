"""The scanner that keeps this from becoming a tool for watching people (DESIGN §8; G10, G12, G2, G23).

It reads every model, form, data file and JSON key of the project, and names what must not exist. A test fails the
build on a single finding; `qingkong check` doesn't run it, because it is about the code and not about an instance.
"""

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.db import models

from qingkong.kernel.access import Personal, SealedDigestField, SealedTextField

SOURCE = Path(__file__).resolve().parents[1]

FORBIDDEN_ZH = [
    "民族",
    "宗教",
    "政治面貌",
    "信仰",
    "清真",
    "出入境",
    "护照",
    "同行人",
    "用电",
    "上访",
    "邪教",
    "前科",
    "血型",
    "人脸",
    "指纹",
    "声纹",
    "步态",
    "行踪",
    "轨迹",
    "重点人员",
    "高危",
    "风险等级",
    "积分",
    "信用分",
    "亲属关系",
    "社会关系",
    "户籍地",
    "籍贯",
    "生物特征",
    "同住人",
]
FORBIDDEN_EN = (
    "ethnicity|ethnic|religion|religious|political|belief|faith|passport|blood_?type|biometric|fingerprint|face_?id|"
    "voiceprint|dna|gait|imei|imsi|mac_?address|social_?ties?|relatives|travel_?history|household_?origin|hukou|"
    "birthplace|native_?place|petition_?history|watch_?list|blacklist|key_?person|person_?(?:type|label|kind|level|score|tag)|"
    "risk_?(?:level|score|grade)|credit_?score|threat_?level"
)
FORBIDDEN_NAME = re.compile(rf"(?:^|_)(?:{FORBIDDEN_EN})(?:$|_)", re.IGNORECASE)
SCORING = re.compile(r"(?:^|_)(?:score|rank|level|grade|risk|rating|points)(?:$|_)", re.IGNORECASE)
LEARNING = {"sklearn", "xgboost", "torch", "tensorflow", "lightgbm", "face_recognition", "cv2", "dlib", "deepface"}
PROXIES = re.compile(
    r"(?:id_number|id_no|identity_number)\w*(?:\[:\s*\d|__startswith|__istartswith|__contains|__regex|__gt|__lt|__range)|(?:Substr|Left)\(\s*['\"]\w*id_n\w*",
    re.IGNORECASE,
)

Finding = str


def own_models() -> list[type[models.Model]]:
    """Every model of the project itself."""
    return [model for model in apps.get_models() if model.__module__.startswith("qingkong.")]


def personal_models() -> list[type[models.Model]]:
    return [model for model in own_models() if issubclass(model, Personal)]


def scan() -> list[Finding]:
    """Everything that must not exist, each with its place; an empty list is the only good answer."""
    return [*forbidden_columns(), *unguarded_persons(), *scores_on_persons(), *forbidden_data(), *forbidden_code()]


def forbidden_columns() -> Iterator[Finding]:
    """G10: a column, its label or its choices that names what is never kept."""
    for model in own_models():
        for field in model._meta.get_fields():
            words = [field.name, str(getattr(field, "verbose_name", "")), str(getattr(field, "help_text", ""))]
            words += [str(text) for pair in getattr(field, "choices", None) or [] for text in pair]
            for word in words:
                if hit := names_forbidden(word):
                    yield f"{model._meta.label}.{field.name}: {hit}"


def unguarded_persons() -> Iterator[Finding]:
    """G2: a sealed column stands on a record with ground, purpose and expiry, or it mustn't exist."""
    for model in own_models():
        sealed = [f.name for f in model._meta.fields if isinstance(f, (SealedTextField, SealedDigestField))]
        if sealed and not issubclass(model, Personal):
            yield f"{model._meta.label}: {', '.join(sealed)} without ground, purpose and expiry"


def scores_on_persons() -> Iterator[Finding]:
    """G12: no number, order, type or label on a person."""
    for model in personal_models():
        for field in model._meta.fields:
            if SCORING.search(field.name):
                yield f"{model._meta.label}.{field.name}: a score or grade on a person's record"


def forbidden_data() -> Iterator[Finding]:
    """G10 in data files: keys and headers of JSON, TOML and CSV, however deep."""
    for path in sorted(SOURCE.rglob("*")):
        if {"node_modules", "static", "collected", "tests"} & set(path.parts):
            continue
        match path.suffix:
            case ".json" | ".geojson":
                keys = _keys(json.loads(path.read_text()))
            case ".toml":
                keys = _keys(tomllib.loads(path.read_text()))
            case ".csv":
                keys = iter(
                    next((line for line in path.read_text().splitlines() if not line.startswith("#")), "").split(",")
                )
            case _:
                continue
        for key in keys:
            if hit := names_forbidden(key):
                yield f"{path.relative_to(SOURCE)}: {hit}"


def forbidden_code() -> Iterator[Finding]:
    """G10, G12 and the proxies in code: form fields, JSON keys, imports, filters on parts of an ID number."""
    for path in sorted(SOURCE.rglob("*.py")):
        if path == Path(__file__) or {"tests", "migrations", "node_modules"} & set(path.parts):
            continue
        yield from scan_code(path.read_text(), str(path.relative_to(SOURCE)))


def scan_code(code: str, where: str) -> Iterator[Finding]:
    """What one Python file must not contain."""
    tree = ast.parse(code)
    for number, line in enumerate(code.splitlines(), 1):
        if PROXIES.search(line):
            yield f"{where}:{number}: filters by a part of an ID number"
    for node in ast.walk(tree):
        names: list[str] = []
        match node:
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.arg(arg=name) | ast.keyword(arg=str(name)):
                names = [name]
            case ast.Assign(targets=targets):
                names = [t.id for t in targets if isinstance(t, ast.Name)]
            case ast.Dict(keys=keys):
                names = [k.value for k in keys if isinstance(k, ast.Constant) and isinstance(k.value, str)]
            case ast.Import(names=imported):
                yield from (
                    f"{where}:{node.lineno}: imports {n.name}" for n in imported if n.name.split(".")[0] in LEARNING
                )
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] in LEARNING:
                yield f"{where}:{node.lineno}: imports {module}"
        for name in names:
            if hit := names_forbidden(name):
                yield f"{where}:{getattr(node, 'lineno', '?')}: {hit}"


def names_forbidden(word: str) -> str | None:
    """The forbidden word in a name or label, or None. A form designer asks this before it takes a question."""
    for term in FORBIDDEN_ZH:
        if term in word:
            return term
    snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", word)
    found = FORBIDDEN_NAME.search(snake) if re.fullmatch(r"[\w\-]+", snake) else None
    return found.group(0).strip("_") if found else None


def _keys(content: object) -> Iterator[str]:
    if isinstance(content, dict):
        for key, value in content.items():
            yield key
            yield from _keys(value)
    elif isinstance(content, list):
        for value in content:
            yield from _keys(value)
