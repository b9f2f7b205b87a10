"""Who may do and see what. One person's data is sealed, opens only with a look, and every look is entered.

Import from here; models (`Personal`, sealed fields) load with the app registry, so they are given lazily.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qingkong.kernel.access.actors import Actor, actor_for, person, system
    from qingkong.kernel.access.looks import CannotLook, Look, last_look, look, may_look, register_reference
    from qingkong.kernel.access.models import Personal, kept
    from qingkong.kernel.access.permissions import (
        Predicate,
        a_person,
        anyone_on_duty,
        everybody,
        label_of,
        may,
        own_unit,
        post,
        predicate,
        register,
        require,
        the_system,
    )
    from qingkong.kernel.access.purposes import Purpose
    from qingkong.kernel.access.sealed import CannotOpen, Sealed, SealedDigestField, SealedTextField, digest

_WHERE = {
    "actors": ("Actor", "actor_for", "person", "system"),
    "looks": ("CannotLook", "Look", "last_look", "look", "may_look", "register_reference"),
    "models": ("Personal", "kept"),
    "permissions": (
        "Predicate", "a_person", "anyone_on_duty", "everybody", "label_of", "may", "own_unit",
        "post", "predicate", "register", "require", "the_system",
    ),
    "purposes": ("Purpose",),
    "sealed": ("CannotOpen", "Sealed", "SealedDigestField", "SealedTextField", "digest"),
}  # fmt: skip
_HOME = {name: module for module, names in _WHERE.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
