"""Who may do and see what about satisfaction. Nobody but the system invites; nobody but the person answers."""

from qingkong.kernel.access import a_person, anyone_on_duty, post, the_system
from qingkong.kernel.text import zh

MAY = {
    "satisfaction.invite": the_system,
    "satisfaction.answer": a_person,
    "satisfaction.release": the_system,
    "satisfaction.see": anyone_on_duty | post("supervisor"),
}

LABELS = {
    "satisfaction.invite": zh("发出评价邀请"),
    "satisfaction.answer": zh("评价"),
    "satisfaction.release": zh("放出答卷"),
    "satisfaction.see": zh("查看满意度结果"),
}

ACTS = {
    "satisfaction.invited": zh("系统发出评价邀请"),
    "satisfaction.answered": zh("收到一份评价"),
    "satisfaction.released": zh("打乱后放出一批答卷"),
}
