"""Reports and cases at the desk. The pages find their addresses here."""

from qingkong.domains.enforcement.cases.ways.desk import approving, cases, deciding, documents, ending, reports, series

__all__ = ["approving", "cases", "deciding", "documents", "ending", "reports", "series"]
