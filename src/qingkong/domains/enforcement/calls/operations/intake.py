"""What is told when a call is taken, and what is wrong with it."""

from dataclasses import dataclass, field, replace
from uuid import UUID

from qingkong.domains.enforcement.calls import queries, rules
from qingkong.domains.enforcement.calls.models import Kind
from qingkong.kernel.refusals import Invalid
from qingkong.kernel.text import Sentence, zh

LONGEST = {"place_text": 200, "what": 1000, "caller_name": 40, "caller_phone": 20, "external_number": 64}
COUNTRY = ((73.0, 136.0), (3.0, 54.0))  # longitude and latitude of China, degrees: catches swapped coordinates


@dataclass(frozen=True, slots=True)
class Intake:
    """A call as it is told. Empty strings stand for what nobody said."""

    kind: str
    division_code: str
    what: str
    channel: rules.Channel = rules.Channel.PHONE
    priority: int | None = None  # None: as the kind says
    place_text: str = ""
    longitude: float | None = None
    latitude: float | None = None
    caller_name: str = field(default="", repr=False)
    caller_phone: str = field(default="", repr=False)
    keep_secret: bool = False
    external_number: str = ""
    unit_id: UUID | None = None  # a window's own unit; None until somebody is sent

    @property
    def has_caller(self) -> bool:
        return bool(self.caller_name or self.caller_phone)


@dataclass(frozen=True, slots=True)
class Checked:
    """An intake that can be taken, with the words of its place."""

    intake: Intake
    kind: Kind
    priority: int
    place_words: str


def check(intake: Intake, known: queries.Known | None = None) -> Checked:
    """The intake, tidied and checked against the kinds and places there are. Raises Invalid with all that is wrong."""
    intake = replace(
        intake,
        place_text=_tidy(intake.place_text),
        what=intake.what.strip(),
        caller_name=_tidy(intake.caller_name),
        caller_phone=_tidy(intake.caller_phone),
        external_number=_tidy(intake.external_number),
    )
    errors: dict[str, Sentence] = {
        name: zh("最多 {longest} 个字，现在有 {length} 个。", longest=longest, length=len(getattr(intake, name)))
        for name, longest in LONGEST.items()
        if len(getattr(intake, name)) > longest
    }
    for name in LONGEST:
        if any(ord(sign) < 32 and sign not in "\n\r\t" for sign in getattr(intake, name)):
            errors[name] = zh("含有不能打印的字符。")
    known = known or queries.known([intake.division_code])
    kind = known.kinds.get(intake.kind)
    if kind is None or kind.retired:
        errors["kind"] = zh("没有“{kind}”这一种警情。", kind=intake.kind)
    if intake.priority is not None and intake.priority not in rules.PRIORITIES:
        errors["priority"] = zh("级别是一到四级。")
    if not intake.what:
        errors["what"] = zh("请写明发生了什么。")
    division = known.places.get(intake.division_code)
    if division is None:
        errors["division_code"] = zh("请选择本县的乡镇或村，“{code}”不是。", code=intake.division_code or "—")
    errors |= _coordinates(intake)
    if errors or kind is None or division is None:
        raise Invalid(errors)
    return Checked(intake, kind, intake.priority or kind.priority, rules.place_words(*division, intake.place_text))


def _coordinates(intake: Intake) -> dict[str, Sentence]:
    pair = (intake.longitude, intake.latitude)
    if pair == (None, None):
        return {}
    if None in pair:
        return {"longitude": zh("经度和纬度要一起填，或者都不填。")}
    if not all(low <= value <= high for value, (low, high) in zip(pair, COUNTRY, strict=True)):  # type: ignore[operator]
        return {"longitude": zh("坐标不在中国范围内，看看经度和纬度是不是填反了。")}
    return {}


def _tidy(text: str) -> str:
    return " ".join(text.split())
