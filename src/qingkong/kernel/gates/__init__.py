"""Four gates: a step goes on only if the law and good practice are met, and every finding comes to an end.

Import from here; what touches the database loads with the app registry, so it is given lazily.
"""

from typing import TYPE_CHECKING, Any

from qingkong.kernel.gates.checks import Check, Gate, TwiceRegistered, register, registered, unregister

if TYPE_CHECKING:
    from qingkong.kernel.gates.asking import Answer, Failed, ask
    from qingkong.kernel.gates.loading import load
    from qingkong.kernel.gates.models import FindingState
    from qingkong.kernel.gates.passing import GateClosed, record_findings, require
    from qingkong.kernel.gates.queries import (
        FindingView,
        Light,
        LightState,
        earlier_gates_open,
        findings,
        get_finding,
        in_sight,
        lights,
        open_findings,
        open_for,
        view,
    )
    from qingkong.kernel.gates.settling import CannotSettle, put_right, uphold, waive

__all__ = ["Check", "Gate", "TwiceRegistered", "register", "registered", "unregister"]

_WHERE = {
    "asking": ("Answer", "Failed", "ask"),
    "loading": ("load",),
    "models": ("FindingState",),
    "passing": ("GateClosed", "record_findings", "require"),
    "queries": (
        "FindingView", "Light", "LightState", "earlier_gates_open", "findings", "get_finding", "in_sight",
        "lights", "open_findings", "open_for", "view",
    ),
    "settling": ("CannotSettle", "put_right", "uphold", "waive"),
}  # fmt: skip
_HOME = {name: module for module, names in _WHERE.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
