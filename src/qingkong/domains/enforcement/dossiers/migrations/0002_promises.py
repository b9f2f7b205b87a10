"""Promises the database keeps by itself: a passed list is frozen, checks never change, who handled a case never checks it."""

from django.db import migrations

from qingkong.kernel.triggers import Refuse

PAPERS = "dossiers_dossierpaper"
FROZEN = "a passed case file is frozen"
CHECKER = """EXISTS (
    SELECT 1 FROM dossiers_dossier d JOIN cases_teammember m ON m.case_id = d.case_id
    WHERE d.id = NEW.dossier_id AND m.officer_id = NEW.officer_id AND m.role IN ('lead', 'second'))"""


def frozen(row: str) -> str:
    return f"EXISTS (SELECT 1 FROM dossiers_dossier d WHERE d.id = {row}.dossier_id AND d.state IN ('passed', 'sealed'))"


class Migration(migrations.Migration):
    dependencies = [("dossiers", "0001_initial"), ("cases", "0001_initial")]

    operations = [
        Refuse("dossier_takes_no_more", PAPERS, on="INSERT", when=frozen("NEW"), message=FROZEN),
        Refuse("dossier_list_stays", PAPERS, on="UPDATE", when=frozen("OLD"), message=FROZEN),
        Refuse("dossier_paper_never_goes", PAPERS, on="DELETE", message="a paper never leaves the list without a line"),
        Refuse(
            "handler_never_checks", "dossiers_lastcheck", on="INSERT", when=CHECKER,
            message="who handles a case never checks its file",
        ),
        Refuse("check_never_changes", "dossiers_lastcheck", on="UPDATE", message="a check never changes"),
        Refuse("check_never_goes", "dossiers_lastcheck", on="DELETE", message="a check never goes"),
    ]  # fmt: skip
