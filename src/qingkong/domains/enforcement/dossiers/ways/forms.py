"""Forms of case files. They clean what people type; the operations decide."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from qingkong.domains.enforcement.dossiers import rules, tables
from qingkong.domains.enforcement.dossiers.models import DossierPaper
from qingkong.domains.enforcement.dossiers.sources import RECORD_KIND, Available
from qingkong.kernel.text import zh
from qingkong.web import forms

WHOLE = zh("整卷")
UNJUDGED = zh("请对“{point}”作出结论。")
KINDS = [(RECORD_KIND, zh("笔录和证据材料")), ("other", zh("其他材料"))]
MEGABYTES = 50


class TakeInForm(forms.Form):
    """Which papers and pieces of evidence go into the file."""

    keys = forms.ChecksField(zh("还不在卷内的材料"))

    def __init__(self, *args: Any, found: Iterable[Available], **options: Any) -> None:
        super().__init__(*args, **options)
        found = list(found)
        self.fields["keys"].choices = [(one.key, f"{one.title} {one.number}") for one in found]
        self.fields["keys"].initial = [one.key for one in found]


class ScanForm(forms.Form):
    file = forms.FileField(
        zh("扫描件"), accept=".pdf,.png,.jpg,.jpeg,.webp", limit=MEGABYTES, hint=zh("PDF 或者图片。")
    )
    title = forms.TextField(zh("材料名称"), max_length=160)
    kind = forms.RadioField(zh("归在"), KINDS, initial=RECORD_KIND)
    made_at = forms.MomentField(zh("形成时间"), hint=zh("材料实际做成的时间，照实写。"))


class LeaveOutForm(forms.Form):
    reason = forms.TextField(zh("为什么不入卷"), max_length=300, hint=zh("材料本身保留，目录上留下这一笔。"))


class OrderForm(forms.Form):
    """The number that each paper is to have."""

    def __init__(self, *args: Any, papers: Iterable[DossierPaper], **options: Any) -> None:
        super().__init__(*args, **options)
        self.papers = list(papers)
        for place, one in enumerate(self.papers, start=1):
            self.fields[str(one.pk)] = forms.IntegerField(one.title, initial=place, minimum=1, maximum=9999)

    @property
    def order(self) -> list[UUID]:
        """Papers by the numbers given; equal numbers keep the present order."""
        return [one.pk for one in sorted(self.papers, key=lambda one: self.cleaned_data[str(one.pk)])]


class CheckForm(forms.Form):
    """The last check: a verdict on each of the six points, and for a faulty one what is wrong and what is asked."""

    words = forms.TextArea(zh("总的意见"), required=False, max_length=500, rows=3)

    def __init__(self, *args: Any, papers: Iterable[DossierPaper], **options: Any) -> None:
        super().__init__(*args, **options)
        self.shown = list(tables.points().values())
        pieces = [(str(one.pk), f"{one.position}. {one.title}") for one in papers]
        for point in self.shown:
            missing = {"required": UNJUDGED.fill(point=point.said)}
            self.fields[f"{point.id}_verdict"] = forms.RadioField(zh("结论"), rules.Verdict, error_messages=missing)
            self.fields[f"{point.id}_reason"] = forms.TextField(zh("哪里有问题"), required=False, max_length=500)
            self.fields[f"{point.id}_ask"] = forms.RadioField(zh("要求"), rules.ReturnAsk, required=False)
            self.fields[f"{point.id}_paper"] = forms.ChoiceField(
                zh("哪份材料"), pieces, required=False, empty_label=WHOLE
            )

    def points(self) -> Iterator[dict[str, Any]]:
        """Each point with its fields, for the page."""
        for point in self.shown:
            yield {
                "point": point,
                **{name: self[f"{point.id}_{name}"] for name in ("verdict", "reason", "ask", "paper")},
            }

    @property
    def verdicts(self) -> dict[str, rules.Verdict]:
        given = {point.id: self.cleaned_data[f"{point.id}_verdict"] for point in self.shown}
        return {point: verdict for point, verdict in given.items() if verdict}

    @property
    def faults(self) -> list[rules.Fault]:
        """What a return names. A faulty point without an ask has none yet, and the rule says so."""
        return [
            rules.Fault(
                point, self.cleaned_data[f"{point}_reason"], self.cleaned_data[f"{point}_ask"],
                UUID(paper) if (paper := self.cleaned_data[f"{point}_paper"]) else None,
            )
            for point in self.verdicts
            if self.cleaned_data[f"{point}_ask"] or self.cleaned_data[f"{point}_reason"]
        ]  # fmt: skip

    @property
    def passes(self) -> bool:
        return rules.Verdict.FAULTY not in self.verdicts.values() and not self.faults


class RepeatForm(forms.Form):
    """Answer a fault with what was done anew."""

    paper = forms.ChoiceField(zh("重新做成的材料"), hint=zh("先把新材料加入卷内；形成时间要在退回以后。"))
    words = forms.TextArea(zh("说明"), required=False, max_length=1000, rows=2)

    def __init__(self, *args: Any, papers: Iterable[DossierPaper], **options: Any) -> None:
        super().__init__(*args, **options)
        self.papers = {str(one.pk): one for one in papers}
        self.fields["paper"].choices = [(pk, f"{one.position}. {one.title}") for pk, one in self.papers.items()]

    @property
    def chosen(self) -> DossierPaper:
        return self.papers[self.cleaned_data["paper"]]


class ExplainForm(forms.Form):
    words = forms.TextArea(
        zh("情况说明"), max_length=1000, rows=6, hint=zh("当时怎样、为什么、对证据有什么影响。将做成今天的文书入卷。")
    )


class ReopenForm(forms.Form):
    reason = forms.TextArea(zh("为什么重新开卷"), max_length=500, rows=3)


class PressForm(forms.Form):
    """One press, without anything typed."""
