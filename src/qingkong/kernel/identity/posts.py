"""The posts and kinds of unit of a county bureau (DESIGN §5). Pure."""

from qingkong.kernel.text import Labelled, zh


class Post(Labelled):
    DISPATCHER = "dispatcher", zh("接警员")
    OFFICER = "officer", zh("民警")
    AUXILIARY = "auxiliary", zh("辅警")
    WINDOW = "window", zh("窗口民警")
    LEGAL_OFFICER = "legal_officer", zh("法制员")
    LEGAL_SECTION = "legal_section", zh("法制大队民警")
    STATION_HEAD = "station_head", zh("所长")
    BRIGADE_HEAD = "brigade_head", zh("大队长")
    BUREAU_LEADER = "bureau_leader", zh("局领导")
    CUSTODIAN = "custodian", zh("财物保管员")
    CASE_OFFICE = "case_office", zh("案管民警")
    INSPECTOR = "inspector", zh("督察")
    PETITIONS_OFFICE = "petitions_office", zh("信访民警")
    SUPERVISOR = "supervisor", zh("外部监督员")
    ADMINISTRATOR = "administrator", zh("账号管理员")


class UnitKind(Labelled):
    BUREAU = "bureau", zh("局领导班子")
    COMMAND_CENTRE = "command_centre", zh("指挥中心")
    LEGAL_SECTION = "legal_section", zh("法制大队")
    CASE_OFFICE = "case_office", zh("案管室")
    INSPECTORATE = "inspectorate", zh("督察大队")
    BRIGADE = "brigade", zh("业务大队")
    STATION = "station", zh("派出所")
    EXHIBIT_CENTRE = "exhibit_centre", zh("涉案财物管理中心")
    CASE_CENTRE = "case_centre", zh("执法办案管理中心")
    PETITIONS_OFFICE = "petitions_office", zh("信访室")
    OUTSIDE = "outside", zh("外部监督单位")


HANDLING = frozenset({Post.OFFICER, Post.WINDOW, Post.STATION_HEAD, Post.BRIGADE_HEAD})
"""Posts whose holder counts as one of two case officers. Never an auxiliary (治安管理处罚法 §108)."""
