"""What a reporter or victim is told: words from this list and nothing else, so that no lead of the inquiry slips out."""

from qingkong.domains.enforcement.cases.rules.states import CaseKind, CaseState, ReportState
from qingkong.kernel.text import Sentence, zh

REGISTERED = zh("您的报案已经登记，正在审查是否立案。")
TRANSFERRED = zh("您的报案已移送有管辖权的单位办理。")
DECLINED = zh("您的报案经审查不予立案，理由已书面告知。您可以申请复议，也可以向人民检察院反映。")
INQUIRY = zh("案件已立案，正在调查。")
INVESTIGATION = zh("案件已立案侦查。")
LONGER = zh("案件已立案，正在继续调查。暂时没有结果，办案单位已向您说明情况。")
ENDED = zh("案件已侦查终结。")
PROSECUTED = zh("案件已移送人民检察院审查起诉。")
CLOSED = zh("案件已办结，处理结果已依法告知当事人。")
STOPPED = zh("案件已终止调查，理由已依法告知当事人。")
WITHDRAWN = zh("案件已撤销，理由已依法告知当事人。")


def words(
    report: ReportState | None, kind: CaseKind | None, state: CaseState | None, *, victim_told: bool = False
) -> Sentence:
    """The one sentence for where a report or its case stands."""
    if state is None:
        return {
            ReportState.DECLINED: DECLINED,
            ReportState.TRANSFERRED: TRANSFERRED,
        }.get(report or ReportState.REGISTERED, REGISTERED)
    if state is CaseState.INVESTIGATING:
        if victim_told:
            return LONGER
        return INVESTIGATION if kind is CaseKind.CRIMINAL else INQUIRY
    return {
        CaseState.ENDED: ENDED,
        CaseState.PROSECUTED: PROSECUTED,
        CaseState.CLOSED: CLOSED,
        CaseState.STOPPED: STOPPED,
        CaseState.WITHDRAWN: WITHDRAWN,
        CaseState.TRANSFERRED: TRANSFERRED,
    }[state]
