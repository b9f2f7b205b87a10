"""Who may end a finding, and how."""

from qingkong.kernel.access import anyone_on_duty, own_unit, post
from qingkong.kernel.text import zh

_REVIEWERS = post("legal_section", "case_office", "inspector", "bureau_leader")

MAY = {
    "gates.see": anyone_on_duty,
    "gates.see_all": _REVIEWERS,
    "gates.put_right": (anyone_on_duty & own_unit) | _REVIEWERS,
    "gates.waive": anyone_on_duty,  # which post exactly is said by the check itself
    "gates.uphold": post("inspector", "legal_section", "bureau_leader"),
}

LABELS = {
    "gates.see": zh("查看关口问题"),
    "gates.see_all": zh("查看各单位的关口问题"),
    "gates.put_right": zh("登记问题已改正"),
    "gates.waive": zh("批准放行问题"),
    "gates.uphold": zh("认定问题成立"),
}
