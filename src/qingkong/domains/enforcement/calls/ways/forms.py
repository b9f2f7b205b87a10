"""Forms of calls. They clean what people type; the operations decide."""

from collections.abc import Iterable
from typing import Any

from qingkong.domains.enforcement.calls import queries
from qingkong.domains.enforcement.calls.operations import Intake
from qingkong.domains.enforcement.calls.queries import Channel, Result, Stamp
from qingkong.domains.enforcement.calls.rules import PRIORITIES
from qingkong.kernel.access import Purpose
from qingkong.kernel.identity.models import Appointment
from qingkong.kernel.identity.posts import Post
from qingkong.kernel.text import zh
from qingkong.web import forms

AS_KIND = zh("按种类")


def kinds_offered() -> list[tuple[str, str]]:
    return [(key, str(kind)) for key, kind in queries.kinds().items() if not kind.retired]


def kinds_by_number() -> list[tuple[str, str]]:
    """With a number in front, so that a select is chosen by typing two digits, without an input method."""
    return [(key, f"{n:02} {label}") for n, (key, label) in enumerate(kinds_offered(), start=1)]


class TakeForm(forms.Form):
    """A call as it is told, in the order a dispatcher asks: what, where, who."""

    kind = forms.ChoiceField(
        zh("种类"), kinds_by_number, attributes={"autofocus": True}, hint=zh("按前面的两位数字就能选中。")
    )
    place = forms.PlaceField(zh("地点"))
    what = forms.TextArea(zh("发生了什么"), rows=3, max_length=1000)
    caller_phone = forms.PhoneField(zh("报警电话"), required=False)
    caller_name = forms.TextField(zh("报警人"), required=False, max_length=40, width=20)
    keep_secret = forms.CheckField(zh("报警人要求保密"))
    priority = forms.ChoiceField(
        zh("级别"), [(str(n), label) for n, label in PRIORITIES.items()], required=False, empty_label=AS_KIND
    )
    channel = forms.ChoiceField(zh("来源"), Channel, initial=Channel.PHONE)
    external_number = forms.TextField(
        zh("警综平台编号"), required=False, max_length=64, width=20, hint=zh("同一编号只接一次。")
    )

    def intake(self, *, unit_id: Any = None) -> Intake:
        """What was told, for `take_call`."""
        return Intake(
            kind=self.kind, what=self.what, channel=self.channel,
            priority=int(self.priority) if self.priority else None, **self.place.columns(),
            caller_name=self.caller_name, caller_phone=self.caller_phone, keep_secret=self.keep_secret,
            external_number=self.external_number, unit_id=unit_id,
        )  # fmt: skip


class DispatchForm(forms.Form):
    """Who goes. The first police officer ticked leads."""

    officers = forms.ChecksField(zh("出警人员"), hint=zh("至少一名民警；先勾选的民警带队，辅警只能随同。"))

    def __init__(self, *args: Any, crew: Iterable[Appointment], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["officers"].choices = [
            (str(a.officer_id), f"{a.officer.name} · {Post(a.post).label} · {a.officer.username}") for a in crew
        ]


class StampForm(forms.Form):
    """One press."""

    stamp = forms.HiddenField("")

    def clean_stamp(self) -> Stamp:
        from django.core.exceptions import ValidationError

        try:
            return Stamp(self.cleaned_data["stamp"])
        except ValueError:
            raise ValidationError(zh("没有这个步骤。")) from None  # type: ignore[arg-type]


class ReportForm(forms.Form):
    report = forms.TextArea(zh("处置情况"), rows=5, max_length=2000, hint=zh("到场看到什么，做了什么，现在怎样。"))


class StandDownForm(forms.Form):
    reason = forms.TextField(zh("撤回的原因"), max_length=200)


class CloseForm(forms.Form):
    result = forms.RadioField(
        zh("结果"),
        Result,
        hints={
            Result.CASE_WORTHY: zh("二十四小时内登记报案（公通字〔2015〕32号）。"),
            Result.SETTLED: zh("有人到过现场，事情已了。"),
            Result.NOT_FOR_POLICE: zh("写明转给了哪里，如12345、120、119。"),
            Result.INVALID: zh("误报、骚扰、无法核实；写明为什么。"),
        },
    )
    note = forms.TextArea(zh("说明"), rows=3, max_length=1000, required=False)


class LinkForm(forms.Form):
    number = forms.TextField(zh("最早的那条警情"), max_length=16, width=20, hint=zh("如 J2026-000001。"))


class LookForm(forms.Form):
    """Why the caller is looked at."""

    purpose = forms.ChoiceField(zh("事由"), [Purpose.HANDLING, Purpose.ANSWERING], initial=Purpose.HANDLING)
    reference = forms.TextField(zh("依据编号"), max_length=60, width=20)

    def clean_purpose(self) -> Purpose:
        return Purpose(self.cleaned_data["purpose"])


class SceneForm(forms.Form):
    step = forms.HiddenField("")
