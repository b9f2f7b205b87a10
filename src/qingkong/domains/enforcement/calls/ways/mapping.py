"""Read a file of calls from elsewhere by a small table (TOML): which column is what, which word means what here.

Each physical line is one call. A line that can't be used gives its number and a reason; the others go on.
"""

import csv
import fnmatch
import hashlib
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from qingkong.domains.enforcement.calls.operations import Intake
from qingkong.domains.enforcement.calls.queries import Channel, Result
from qingkong.kernel.refusals import Refusal
from qingkong.kernel.text import Sentence, zh

LONGEST_LINE = 20_000
BIGGEST_FILE = 512 * 2**20


class CannotRead(Refusal):
    """The file or its mapping can't be used at all."""


@dataclass(frozen=True, slots=True)
class KindRule:
    """Titles that fit `pattern` (with * and ?) are calls of `kind`, and end with `result`."""

    pattern: str
    kind: str
    result: Result
    note: str


@dataclass(frozen=True, slots=True)
class Table:
    """The table of one kind of file."""

    source: str
    encoding: str
    delimiter: str
    header: bool
    columns: tuple[str, ...]
    texts: Mapping[str, str]
    time_format: str
    zone: ZoneInfo
    townships: Mapping[str, str]
    kinds: tuple[KindRule, ...]

    def kind_of(self, title: str) -> KindRule | None:
        return next((rule for rule in self.kinds if fnmatch.fnmatchcase(title.upper(), rule.pattern.upper())), None)


@dataclass(frozen=True, slots=True)
class Line:
    """A line that can be used: its number in the file, when it happened there, the call, and how it ended."""

    number: int
    happened_at: datetime
    intake: Intake
    result: Result
    note: str


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that can't be used, and why."""

    number: int
    reason: Sentence


def read_mapping(path: Path) -> Table:
    """The table in a TOML file. Raises CannotRead, naming the entry that is wrong."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CannotRead(zh("映射表 {file} 不是有效的 TOML：{why}", file=path.name, why=str(error))) from None
    try:
        return _mapping(data)
    except KeyError as missing:
        raise CannotRead(zh("映射表 {file} 缺少 {entry}。", file=path.name, entry=str(missing))) from None
    except (TypeError, ValueError, AttributeError, ZoneInfoNotFoundError, LookupError) as error:
        raise CannotRead(zh("映射表 {file} 有错：{why}", file=path.name, why=str(error))) from None


def _mapping(data: Mapping[str, Any]) -> Table:
    file, time, texts = data["file"], data["time"], dict(data["call"])
    for name in ("time", "division", "kind", "what"):
        texts[name]  # raises KeyError with its name
    columns = tuple(file.get("columns", ()))
    if not columns and not file.get("header", False):
        raise KeyError("file.columns")
    source = str(data["source"])
    if not 1 <= len(source) <= 24:
        raise ValueError("source: 1–24")
    "".encode(file.get("encoding", "utf-8"))  # raises LookupError for an unknown one
    known = {"time", "division", "kind", "what", "place", "external_number", "caller_name", "caller_phone"}
    if unknown := set(texts) - known:
        raise ValueError(f"call.{sorted(unknown)[0]}")
    return Table(
        source=source,
        encoding=file.get("encoding", "utf-8"),
        delimiter=file.get("delimiter", ","),
        header=bool(file.get("header", False)),
        columns=columns,
        texts=texts,
        time_format=time["format"],
        zone=ZoneInfo(time.get("zone", "Asia/Shanghai")),
        townships={_plain(name): str(code) for name, code in data["township"].items()},
        kinds=tuple(
            KindRule(row["title"], row["kind"], Result(row.get("result", "settled_on_scene")), row.get("note", ""))
            for row in data["kind"]
        ),
    )


def read_lines(path: Path, mapping: Table) -> Iterator[Line | BadLine]:
    """Every line that isn't blank, in the order of the file. Raises CannotRead where no line can be right.

    A line's identity is its external number, or, where the file has none, its text and its occurrence: the second
    of two identical lines is another call, and stays that other call when the file is read again.
    """
    columns: tuple[str, ...] = mapping.columns
    seen: Counter[str] = Counter()
    for number, text in _physical_lines(path, mapping.encoding):
        if mapping.header and number == 1:
            columns = columns or tuple(name.strip() for name in text.split(mapping.delimiter))
            continue
        if not text.strip():
            continue
        fields = _fields(text, mapping.delimiter, len(columns))
        if isinstance(fields, Sentence):
            yield BadLine(number, fields)
            continue
        content = hashlib.sha256("\x1f".join(fields).encode()).hexdigest()[:24]
        seen[content] += 1
        identity = f"{mapping.source}-{content}-{seen[content]}"
        yield _line(number, dict(zip(columns, fields, strict=True)), identity, mapping)


def _physical_lines(path: Path, encoding: str) -> Iterator[tuple[int, str]]:
    if path.stat().st_size > BIGGEST_FILE:
        raise CannotRead(zh("文件 {file} 太大，最多 {most} MiB。", file=path.name, most=BIGGEST_FILE // 2**20))
    if encoding.lower().replace("_", "-") in ("utf-8", "utf8"):
        encoding = "utf-8-sig"
    with path.open(encoding=encoding, errors="surrogateescape", newline=None) as source:
        try:
            yield from enumerate((line.rstrip("\n") for line in source), start=1)
        except UnicodeDecodeError:
            raise CannotRead(
                zh("文件 {file} 不是 {encoding} 编码。", file=path.name, encoding=encoding),
                how=zh("在映射表的 file.encoding 写明编码，例如 gb18030。"),
            ) from None


def _fields(text: str, delimiter: str, count: int) -> list[str] | Sentence:
    if len(text) > LONGEST_LINE:
        return zh("这一行太长。")
    if any("\udc80" <= sign <= "\udcff" for sign in text):
        return zh("有不能识别的字，看看编码对不对。")
    try:
        fields = next(csv.reader([text], delimiter=delimiter, strict=True))
    except (csv.Error, StopIteration):
        return zh("引号没有成对。")
    if len(fields) != count:
        return zh("有 {found} 栏，应为 {count} 栏。", found=len(fields), count=count)
    return [field.strip() for field in fields]


def _line(number: int, row: Mapping[str, str], identity: str, mapping: Table) -> Line | BadLine:
    try:
        said = {name: text.format(**row) for name, text in mapping.texts.items()}
    except (KeyError, IndexError, ValueError) as error:
        raise CannotRead(zh("映射表 call 里的 {what} 不是文件的栏目。", what=str(error))) from None
    try:
        happened = datetime.strptime(said["time"], mapping.time_format).replace(tzinfo=mapping.zone)
    except ValueError:
        return BadLine(number, zh("时间“{time}”不是 {form} 的样子。", time=said["time"], form=mapping.time_format))
    code = mapping.townships.get(_plain(said["division"]))
    if code is None:
        return BadLine(number, zh("映射表里没有乡镇“{name}”。", name=said["division"]))
    rule = mapping.kind_of(said["kind"])
    if rule is None:
        return BadLine(number, zh("映射表里没有警情“{title}”。", title=said["kind"]))
    intake = Intake(
        kind=rule.kind,
        division_code=code,
        what=said["what"],
        channel=Channel.PHONE,
        place_text=said.get("place", ""),
        caller_name=said.get("caller_name", ""),
        caller_phone=said.get("caller_phone", ""),
        external_number=said.get("external_number", "") or identity,
    )
    return Line(number, happened, intake, rule.result, rule.note)


def _plain(name: str) -> str:
    return " ".join(name.split()).upper()
