"""Two promises the database keeps by itself: who handles a case never keeps its exhibits; history never changes."""

from django.db import migrations

from qingkong.kernel.triggers import Refuse

MEMBER = """NEW.custodian_id IS NOT NULL AND EXISTS (
    SELECT 1 FROM cases_teammember m WHERE m.case_id = NEW.case_id AND m.officer_id = NEW.custodian_id)"""
KEEPER = """EXISTS (
    SELECT 1 FROM property_exhibit e WHERE e.case_id = NEW.case_id AND e.custodian_id = NEW.officer_id)"""


class Migration(migrations.Migration):
    dependencies = [("property", "0001_initial"), ("cases", "0001_initial")]

    operations = [
        Refuse(
            "custodian_not_in_team", "property_exhibit", on="UPDATE", of=("custodian_id", "case_id"), when=MEMBER,
            message="an officer of the case never keeps its exhibits",
        ),
        Refuse(
            "new_custodian_not_in_team", "property_exhibit", on="INSERT", when=MEMBER,
            message="an officer of the case never keeps its exhibits",
        ),
        Refuse(
            "new_member_keeps_nothing", "cases_teammember", on="INSERT", when=KEEPER,
            message="who keeps an exhibit of the case never joins its team",
        ),
        Refuse(
            "member_keeps_nothing", "cases_teammember", on="UPDATE", of=("officer_id", "case_id"), when=KEEPER,
            message="who keeps an exhibit of the case never joins its team",
        ),
        Refuse("movement_never_changes", "property_movement", on="UPDATE", message="a movement never changes"),
        Refuse("movement_never_goes", "property_movement", on="DELETE", message="a movement never goes"),
    ]  # fmt: skip
