"""What `qingkong data load` brings for calls: the local list of kinds."""

from qingkong.domains.enforcement.calls.operations import load_kinds as load

__all__ = ["load"]
