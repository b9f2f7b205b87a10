"""Forms of reports and cases. They clean what people type; the operations decide."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from qingkong.domains.enforcement.cases import queries
from qingkong.domains.enforcement.cases.operations import Reporter
from qingkong.domains.enforcement.cases.rules.deciding import Penalty
from qingkong.domains.enforcement.cases.rules.matters import Matter, PartyRole, ServiceWay
from qingkong.domains.enforcement.cases.rules.states import CaseKind, Nature, Way
from qingkong.domains.enforcement.cases.rules.teams import CHECKERS, TeamRole
from qingkong.kernel.access import Purpose
from qingkong.kernel.identity import queries as identity
from qingkong.kernel.identity.models import Appointment
from qingkong.kernel.identity.posts import HANDLING, Post
from qingkong.kernel.text import local, zh
from qingkong.web import forms

REASON = zh("理由")
NOTE = zh("说明")


class RegisterForm(forms.Form):
    """A report as it is told: what, where, by whom; then what was handed over."""

    subject = forms.TextField(zh("报的是什么事"), max_length=60, hint=zh("几个字，不写人名，如“电动自行车被盗”。"))
    nature = forms.RadioField(zh("初步判断"), Nature, initial=Nature.PUBLIC_ORDER, hints={
        Nature.PUBLIC_ORDER: zh("应当立即立案（治安管理处罚法第九十条）。"),
        Nature.CRIMINAL: zh("三日内审查；核查线索七日，重大复杂三十日。"),
    })  # fmt: skip
    place = forms.PlaceField(zh("地点"))
    account = forms.TextArea(zh("报案经过"), rows=4, max_length=2000, hint=zh("按报案人说的写；封存保管。"))
    way = forms.ChoiceField(zh("报案来源"), [w for w in Way if w is not Way.CALL], initial=Way.WINDOW)
    reporter_name = forms.TextField(zh("报案人姓名"), required=False, max_length=40, width=20)
    reporter_phone = forms.PhoneField(zh("报案人手机"), required=False, hint=zh("查询进展时用它核对。"))
    reporter_id_number = forms.IdNumberField(zh("身份证号码"), required=False)
    is_victim = forms.CheckField(zh("报案人就是被侵害人"))
    wants_anonymity = forms.CheckField(
        zh("报案人不愿意公开自己的姓名和报案行为"), hint=zh("注明并为其保密（行政案件程序规定第六十三条）。")
    )
    evidence_taken = forms.TextField(zh("当场接受的证据"), required=False, max_length=200)
    no_evidence_yet = forms.CheckField(zh("报案人暂时没有证据"))

    def clean_way(self) -> Way:
        return Way(self.cleaned_data["way"] or Way.WINDOW)

    def columns(self) -> dict[str, Any]:
        """What was told, for `register_report`."""
        place = self.place
        return {
            "subject": self.subject, "nature": self.nature, "account": self.account, "way": self.way,
            "division_code": place.division_code, "place_text": place.text, "is_victim": self.is_victim,
            "wants_anonymity": self.wants_anonymity, "evidence_taken": self.evidence_taken,
            "no_evidence_yet": self.no_evidence_yet,
            "reporter": Reporter(self.reporter_name, self.reporter_phone, self.reporter_id_number),
        }  # fmt: skip


class FromCallForm(forms.Form):
    """A report out of a call: everything else is known there."""

    nature = forms.RadioField(zh("初步判断"), Nature, initial=Nature.PUBLIC_ORDER)
    is_victim = forms.CheckField(zh("报警人就是被侵害人"))
    wants_anonymity = forms.CheckField(zh("报案人不愿意公开自己的姓名和报案行为"))
    evidence_taken = forms.TextField(zh("当场接受的证据"), required=False, max_length=200)
    no_evidence_yet = forms.CheckField(zh("报案人暂时没有证据"))

    def columns(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.fields}


class ReceiptForm(forms.Form):
    refused = forms.CheckField(zh("报案人拒收或者联系不上，在回执上注明"))


class EvidenceForm(forms.Form):
    what = forms.TextField(zh("接受了什么"), required=False, max_length=200, hint=zh("没有证据的留空。"))


class TeamForm(forms.Form):
    """The three of a case. Offers officers of the unit; the legal officer may also be of the legal section."""

    lead = forms.OfficerField(TeamRole.LEAD.label)
    second = forms.OfficerField(TeamRole.SECOND.label, hint=zh("民警不得少于二人；辅警不算。"))
    legal = forms.OfficerField(TeamRole.LEGAL.label, hint=zh("参与本案、最后检查卷宗，不办理也不审批本案。"))

    def __init__(self, *args: Any, unit_id: Any, at: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        handlers, checkers = officers_for(unit_id, at)
        self.fields["lead"].offer(handlers)
        self.fields["second"].offer(handlers)
        self.fields["legal"].offer(checkers)

    def team(self) -> dict[str, Any]:
        return {role.value: getattr(self, role.value) for role in TeamRole}

    def team_ids(self) -> dict[str, str]:
        return {role: str(officer.pk) for role, officer in self.team().items()}


class FileForm(TeamForm):
    """What kind of case, for which act, handled by whom."""

    kind = forms.RadioField(zh("立为"), CaseKind)
    offence = forms.TextField(zh("案由"), max_length=60, hint=zh("法律上的名称，如“殴打他人”“盗窃”。"))
    title = forms.TextField(
        zh("案件名称"), required=False, max_length=80, hint=zh("不填由地点和案由组成；治安案件只能这样。")
    )
    other_law = forms.CheckField(zh("不是治安案件（其他行政案件）"))
    public_interest = forms.CheckField(zh("涉及重大公共利益"), hint=zh("决定前应当法制审核（第一百一十四条）。"))
    complex = forms.CheckField(zh("案件疑难复杂、涉及多个法律关系"), hint=zh("决定前应当法制审核（第一百一十四条）。"))
    reason = forms.TextArea(
        zh("报请理由"), required=False, rows=3, max_length=400, hint=zh("刑事立案由局领导批准时填写。")
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        first = ["kind", "offence", "title", *(role.value for role in TeamRole)]
        self.order_fields([*first, "other_law", "public_interest", "complex", "reason"])

    def columns(self) -> dict[str, Any]:
        return {
            "offence": self.offence, "title": self.title, "public_order": not self.other_law,
            "public_interest": self.public_interest, "complex": self.complex,
        }  # fmt: skip


class MemberForm(forms.Form):
    role = forms.RadioField(zh("角色"), TeamRole)
    officer = forms.OfficerField(zh("改为"))

    def __init__(self, *args: Any, unit_id: Any, at: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        handlers, checkers = officers_for(unit_id, at)
        self.fields["officer"].offer([*handlers, *checkers])


def officers_for(unit_id: Any, at: datetime) -> tuple[list[Appointment], list[Appointment]]:
    """(who may handle, who may check) a case of this unit on that day; one query."""
    day = local(at).date()
    held = list(identity.holders(*HANDLING, Post.LEGAL_OFFICER, on=day, unit=unit_id))
    legal = list(identity.holders(Post.LEGAL_SECTION, on=day))
    handlers = [a for a in held if a.post in HANDLING]
    return handlers, [a for a in held if a.post in CHECKERS] + legal


class GroundForm(forms.Form):
    """A ground of the law and a note."""

    ground = forms.RadioField(zh("法定情形"))
    note = forms.TextArea(NOTE, rows=3, max_length=400, required=False)

    def __init__(self, *args: Any, matter: Matter, at: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["ground"].choices = [(g.code, f"{g}（{g.article}）") for g in queries.grounds(matter, at=at)]


class TerminateForm(GroundForm):
    party = forms.ChoiceField(zh("犯罪嫌疑人"))

    def __init__(self, *args: Any, parties: Iterable[Any], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["party"].choices = [(str(p.pk), str(p)) for p in parties]
        self.order_fields(["party", "ground", "note"])


class TransferForm(forms.Form):
    to = forms.TextField(zh("移送给"), max_length=80)
    note = forms.TextArea(NOTE, rows=3, max_length=400, required=False)


class NoteForm(forms.Form):
    note = forms.TextArea(NOTE, rows=3, max_length=400, required=False)


class ReasonForm(forms.Form):
    reason = forms.TextArea(REASON, rows=3, max_length=400)


class ConvertForm(forms.Form):
    offence = forms.TextField(zh("新的案由"), max_length=60)
    note = forms.TextArea(REASON, rows=3, max_length=400)


class ExtendForm(forms.Form):
    reason = forms.TextArea(REASON, rows=3, max_length=400)
    approval = forms.TextField(
        zh("批准文书文号"), required=False, max_length=60, hint=zh("由上一级公安机关批准的填写。")
    )


class PartyForm(forms.Form):
    role = forms.RadioField(zh("身份"), PartyRole)
    name = forms.TextField(zh("姓名"), max_length=40, width=20)
    phone = forms.PhoneField(zh("电话"), required=False)
    id_number = forms.IdNumberField(zh("身份证号码"), required=False)
    address = forms.TextField(zh("住址"), required=False, max_length=120)
    under_18 = forms.CheckField(zh("不满十八周岁"), hint=zh("应当通知并告知监护人。"))
    guardian_name = forms.TextField(zh("监护人"), required=False, max_length=40, width=20)
    guardian_phone = forms.PhoneField(zh("监护人电话"), required=False)
    external_number = forms.TextField(zh("警综平台编号"), required=False, max_length=40, width=20)


class LookForm(forms.Form):
    """Why persons are looked at."""

    purpose = forms.ChoiceField(
        zh("事由"), [Purpose.HANDLING, Purpose.REVIEW, Purpose.ANSWERING, Purpose.SUPERVISION], initial=Purpose.HANDLING
    )
    reference = forms.TextField(zh("依据编号"), max_length=60, width=20)

    def clean_purpose(self) -> Purpose:
        return Purpose(self.cleaned_data["purpose"])


class PenaltyForm(forms.Form):
    """A penalty: any of its kinds together."""

    warning = forms.CheckField(zh("警告"))
    fine = forms.MoneyField(zh("罚款（元）"), required=False)
    detention_days = forms.IntegerField(zh("行政拘留（日）"), required=False, minimum=0, maximum=99)
    revoke = forms.CheckField(zh("吊销许可证件"))
    shut = forms.CheckField(zh("责令停业整顿"))

    def penalty(self) -> Penalty:
        return Penalty(self.warning, self.fine or 0, self.detention_days or 0, self.revoke, self.shut)


class ProposeForm(PenaltyForm):
    party = forms.ChoiceField(zh("当事人"))
    no_penalty_ground = forms.ChoiceField(
        zh("不予处罚"), required=False, empty_label=zh("（给予处罚）"), hint=zh("不予处罚的，选法定情形，不填处罚。")
    )
    basis = forms.TextField(zh("法律依据"), max_length=120, hint=zh("如“治安管理处罚法第五十一条第一款”。"))
    reasons = forms.TextArea(zh("事实和理由"), rows=5, max_length=2000)

    def __init__(self, *args: Any, parties: Iterable[Any], at: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["party"].choices = [(str(p.pk), str(p)) for p in parties]
        self.fields["no_penalty_ground"].choices = [
            (g.code, f"{g}（{g.article}）") for g in queries.grounds(Matter.NO_PENALTY, at=at)
        ]
        self.order_fields(["party", *PenaltyForm.base_fields, "no_penalty_ground", "basis", "reasons"])


class ChangeForm(PenaltyForm):
    new_facts = forms.TextArea(
        zh("新的事实、证据"), required=False, rows=3, max_length=400,
        hint=zh("改重的必须写；不得因陈述、申辩或者要求听证而加重。"),
    )  # fmt: skip


class NoticeForm(forms.Form):
    guardian_told = forms.CheckField(zh("已同时告知监护人"), hint=zh("当事人不满十八周岁的必须告知。"))
    new_facts = forms.TextArea(zh("新的事实、证据"), required=False, rows=2, max_length=400)


class StatementForm(forms.Form):
    statement = forms.TextArea(zh("当事人怎么说"), rows=4, max_length=2000)
    defended = forms.CheckField(zh("提出了申辩"), hint=zh("应当复核并写明结果。"))
    hearing = forms.RadioField(
        zh("听证"),
        [("", zh("没有说")), ("asked", zh("要求听证")), ("given_up", zh("书面放弃听证"))],
        required=False,
        initial="",
    )


class AnswerForm(forms.Form):
    answer = forms.TextArea(zh("复核结果"), rows=4, max_length=2000)
    accepted = forms.CheckField(zh("申辩成立，予以采纳"))


class ReviewForm(forms.Form):
    passed = forms.RadioField(zh("审核结论"), [("yes", zh("通过审核")), ("no", zh("不通过，退回"))])
    opinion = forms.TextArea(zh("审核意见"), rows=4, max_length=600)


class ServeForm(forms.Form):
    party = forms.ChoiceField(zh("送达给"))
    way = forms.RadioField(zh("方式"), ServiceWay)
    note = forms.TextField(NOTE, required=False, max_length=200)

    def __init__(self, *args: Any, parties: Iterable[Any], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["party"].choices = [(str(p.pk), str(p)) for p in parties]


class ExecuteForm(forms.Form):
    note = forms.TextField(zh("怎样执行的"), max_length=300)
    not_executable = forms.CheckField(
        zh("因客观原因无法执行或者无需执行"), hint=zh("写明原因（程序规定第二百五十八条第五项）。")
    )


class TellForm(forms.Form):
    what = forms.TextArea(zh("向被侵害人说明了什么"), rows=3, max_length=400)


class AgreementForm(forms.Form):
    terms = forms.TextArea(zh("协议内容"), rows=4, max_length=2000)
    due_on = forms.DateField(zh("履行期限"), required=False)


class PerformanceForm(forms.Form):
    performed = forms.RadioField(zh("协议"), [("yes", zh("已经履行")), ("no", zh("没有履行，继续办理"))])


class SeriesForm(forms.Form):
    title = forms.TextField(zh("系列名称"), max_length=60, hint=zh("如“电动自行车被盗系列案”，不写人名。"))
    pattern = forms.TextArea(zh("相同之处"), required=False, rows=3, max_length=400)


class JoinForm(forms.Form):
    number = forms.TextField(zh("案件编号"), max_length=20, width=20, hint=zh("如 X2026-000001。"))
    reason = forms.TextArea(zh("为什么并案"), rows=2, max_length=400)
