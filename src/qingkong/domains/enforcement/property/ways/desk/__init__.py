"""Exhibits at the desk."""

from qingkong.domains.enforcement.property.ways.desk import ending, keeping, seeing, taking

__all__ = ["ending", "keeping", "seeing", "taking"]
