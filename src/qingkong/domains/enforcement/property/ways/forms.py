"""Forms of property. They clean what people type; the operations decide."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError

from qingkong.domains.enforcement.property import rules
from qingkong.domains.enforcement.property.models import Exhibit, SeizureApproval
from qingkong.domains.enforcement.property.operations import PersonGiven, Thing
from qingkong.kernel.access import Purpose
from qingkong.kernel.identity.models import Appointment, Unit
from qingkong.kernel.text import zh
from qingkong.web import forms

NOT_A_QUANTITY = zh("请填数量，如 1 或 12.5。")
THINGS = 8  # lines on a list; the first few are shown at once
MEASURES = ["件", "辆", "个", "根", "把", "台", "部", "张", "册", "元", "克", "箱"]


class QuantityField(forms.TextField):
    """How many or how much, cleaned to a Decimal."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            quantity = Decimal(text)
        except InvalidOperation:
            raise ValidationError(NOT_A_QUANTITY) from None  # type: ignore[arg-type]
        if not quantity.is_finite() or not 0 < quantity < 10**9 or round(quantity, 3) != quantity:
            raise ValidationError(NOT_A_QUANTITY)  # type: ignore[arg-type]
        return quantity


class ThingForm(forms.Form):
    """One line of a list. A line without a name isn't there."""

    name = forms.TextField(zh("名称"), required=False, max_length=60)
    quantity = QuantityField(zh("数量"), initial="1", max_length=16, width=4, required=False, inputmode="decimal")
    measure = forms.ChoiceField(zh("单位"), MEASURES, initial="件", required=False, empty_label="—")
    kind = forms.ChoiceField(zh("种类"), rules.Kind, initial=rules.Kind.ORDINARY, required=False)
    features = forms.TextField(zh("特征"), required=False, max_length=300, hint=zh("品牌、颜色、编号、新旧、损坏"))

    def thing(self) -> Thing | None:
        if not self.name:
            return None
        return Thing(
            name=self.name, quantity=self.quantity or Decimal(1), measure=self.measure or "件",
            kind=self.kind or rules.Kind.ORDINARY, features=self.features,
        )  # fmt: skip


class TakingForm(forms.Form):
    """What seizing and registering have in common: who, when, where, from whom; and `lines`, the things."""

    seized_at = forms.MomentField(zh("时间"))
    place_text = forms.TextField(zh("地点"), max_length=120)
    second_officer = forms.OfficerField(zh("另一名民警"), hint=zh("两名民警，辅警不算。"))
    holder_name = forms.TextField(
        zh("持有人姓名"), required=False, max_length=40, width=20, hint=zh("不在场、找不到的，不填。")
    )
    holder_phone = forms.PhoneField(zh("持有人电话"), required=False)
    holder_id = forms.IdNumberField(zh("持有人身份证号码"), required=False)

    def __init__(
        self, data: Any = None, *, officers: Iterable[Appointment], count: int = THINGS, **options: Any
    ) -> None:
        super().__init__(data, **options)
        self.lines = [ThingForm(data, prefix=f"t{place}") for place in range(1, count + 1)]
        for name in ("name", "quantity", "measure", "kind"):  # a list has a first thing
            self.lines[0].fields[name].required = True
        self.fields["second_officer"].offer(officers)

    def is_valid(self) -> bool:
        lines = [line.is_valid() for line in self.lines]  # each of them, so that all errors show at once
        return super().is_valid() and all(lines)

    @property
    def summary(self) -> list[tuple[str, str]]:
        return [*super().summary, *(error for line in self.lines for error in line.summary)]

    def things(self) -> list[Thing]:
        return [thing for line in self.lines if (thing := line.thing())]

    def holder(self) -> PersonGiven | None:
        if not self.holder_name:
            return None
        return PersonGiven(self.holder_name, self.holder_phone, self.holder_id)


class SeizeForm(TakingForm):
    """A seizure list, beside its lines (`ThingForm`)."""

    ground = forms.RadioField(zh("依据"), (), hint=zh("情况紧急的可以当场扣押，二十四小时内补办批准。"))
    lawful_holder = forms.CheckField(
        zh("持有人是被侵害人，或者是善意第三人合法占有"), hint=zh("这样的财产不得扣押，应当改为登记。")
    )
    holder_signature = forms.RadioField(zh("持有人签名"), rules.Signature, initial=rules.Signature.SIGNED)
    signature_note = forms.TextField(zh("没有签名的原因"), required=False, max_length=200)
    witness_name = forms.TextField(zh("见证人姓名"), required=False, max_length=40, width=20)
    witness_phone = forms.PhoneField(zh("见证人电话"), required=False)
    recording = forms.TextField(
        zh("现场录音录像的证据编号"),
        required=False,
        max_length=40,
        width=20,
        hint=zh("当场扣押要全程录音录像，如 D2026-000001。"),
    )

    ON_THE_SPOT = "on_the_spot"

    def __init__(self, *args: Any, approvals: Iterable[SeizureApproval], **options: Any) -> None:
        super().__init__(*args, **options)
        self.approvals = {str(one.pk): one for one in approvals}
        self.fields["ground"].choices = [
            (self.ON_THE_SPOT, zh("当场扣押")),
            *[(pk, zh("已批准：{what}", what=one.what)) for pk, one in self.approvals.items()],
        ]

    def circumstances(self) -> dict[str, Any]:
        """The arguments of `seize` beside case, actor and at."""
        return {
            "things": self.things(),
            "second_officer": self.second_officer, "place_text": self.place_text, "seized_at": self.seized_at,
            "approval": self.approvals.get(self.ground), "on_the_spot": self.ground == self.ON_THE_SPOT,
            "lawful_holder": self.lawful_holder, "holder": self.holder(), "holder_signature": self.holder_signature,
            "signature_note": self.signature_note, "recording": self.recording,
            "witness": PersonGiven(self.witness_name, self.witness_phone) if self.witness_name else None,
        }  # fmt: skip


class RegisterForm(TakingForm):
    """One thing that its lawful holder keeps."""


class AskForm(forms.Form):
    what = forms.TextField(zh("要扣押什么"), max_length=300)
    reason = forms.TextArea(zh("为什么"), max_length=500, rows=3)


class AnswerForm(forms.Form):
    answer = forms.RadioField(zh("答复"), [("yes", zh("批准")), ("no", zh("不批准"))])
    words = forms.TextArea(
        zh("意见"), required=False, max_length=500, rows=3, hint=zh("不批准的要写理由；当场扣押的财物将立即退还。")
    )


class HandOverForm(forms.Form):
    room = forms.RadioField(zh("移交到"))
    why_late = forms.TextField(zh("超过二十四小时的原因"), required=False, max_length=300)

    def __init__(self, *args: Any, rooms: Iterable[Unit], late: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.rooms = {str(unit.pk): unit for unit in rooms}
        self.fields["room"].choices = [(pk, unit.name) for pk, unit in self.rooms.items()]
        if len(self.rooms) == 1:
            self.fields["room"].initial = next(iter(self.rooms))
        if not late:
            del self.fields["why_late"]

    @property
    def unit(self) -> Unit:
        return self.rooms[self.room]


class AcceptForm(forms.Form):
    place = forms.TextField(zh("存放位置"), max_length=80, width=20, hint=zh("库、架、层、格，如 3-2-05。"))
    photographed = forms.CheckField(zh("已拍照"))
    note = forms.TextField(zh("验收情况"), required=False, max_length=300, hint=zh("数量、封条、外观与清单是否一致。"))


class ReasonForm(forms.Form):
    reason = forms.TextArea(
        zh("拒收的原因"), max_length=500, rows=3, hint=zh("物品与清单哪里不一致，或者包装哪里不合格。")
    )


class AppraiseForm(forms.Form):
    value = forms.MoneyField(zh("估价"), required=False)
    basis = forms.TextField(zh("估价依据"), required=False, max_length=200, hint=zh("价格认定书、购买凭证、市场价。"))
    photographed = forms.CheckField(zh("已拍照或者录像"))


class ThingsForm(forms.Form):
    """Which of a case's things it is about."""

    exhibits = forms.ChecksField(zh("物品"))

    def __init__(self, *args: Any, things: Iterable[Exhibit], chosen: Exhibit, **options: Any) -> None:
        options["initial"] = {"exhibits": [str(chosen.pk)], **(options.get("initial") or {})}
        super().__init__(*args, **options)
        self.things = {str(one.pk): one for one in things}
        self.fields["exhibits"].choices = [
            (pk, f"{one.number} {one.name} {one.amount}") for pk, one in self.things.items()
        ]

    @property
    def picked(self) -> list[Exhibit]:
        return [self.things[pk] for pk in self.exhibits]


class DecideForm(ThingsForm):
    way = forms.RadioField(zh("怎样处理"))
    undisputed = forms.CheckField(zh("持有人、所有人没有异议"))
    reason = forms.TextArea(zh("理由和依据"), max_length=500, rows=3)

    def __init__(self, *args: Any, ways: Iterable[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["way"].choices = list(ways)


class ReturnForm(ThingsForm):
    owner_name = forms.TextField(zh("领取人姓名"), max_length=40, width=20)
    owner_phone = forms.PhoneField(zh("领取人电话"), required=False)
    owner_id = forms.IdNumberField(zh("领取人身份证号码"), required=False)
    on_behalf = forms.CheckField(zh("由所有人书面委托的人代领"), hint=zh("办案民警不能代领。"))
    note = forms.TextField(zh("备注"), required=False, max_length=300)

    def owner(self) -> PersonGiven:
        return PersonGiven(self.owner_name, self.owner_phone, self.owner_id)


class CarryOutForm(forms.Form):
    note = forms.TextField(zh("办理情况"), required=False, max_length=300, hint=zh("交给谁、凭证编号。"))


class LookForm(forms.Form):
    """Why the persons of an exhibit are looked at."""

    purpose = forms.ChoiceField(
        zh("事由"), [Purpose.HANDLING, Purpose.REVIEW, Purpose.ANSWERING], initial=Purpose.HANDLING
    )
    reference = forms.TextField(zh("依据编号"), max_length=60, width=20)

    def clean_purpose(self) -> Purpose:
        return Purpose(self.cleaned_data["purpose"])
