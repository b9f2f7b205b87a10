"""Originals: taken in once, hashed as they arrive, kept read-only for ever under their own digest.

Import from here; the `Blob` row loads with the app registry, so names are given lazily.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qingkong.kernel.vault.backend import Altered, Backend, StoreAway
    from qingkong.kernel.vault.carrying import carry_on, waiting_now
    from qingkong.kernel.vault.erasing import CannotErase, erase
    from qingkong.kernel.vault.folder import Folder
    from qingkong.kernel.vault.models import Blob, Tombstone
    from qingkong.kernel.vault.reading import Missing, exists, for_web_server, local, open, path, store
    from qingkong.kernel.vault.receiving import CannotReceive, Stored, adopt, check_name, receive
    from qingkong.kernel.vault.scrubbing import Problem, ProblemKind, clean, orphans, scrub

_WHERE = {
    "backend": ("Altered", "Backend", "StoreAway"),
    "carrying": ("carry_on", "waiting_now"),
    "erasing": ("CannotErase", "erase"),
    "folder": ("Folder",),
    "models": ("Blob", "Tombstone"),
    "receiving": ("CannotReceive", "Stored", "adopt", "check_name", "receive"),
    "reading": ("Missing", "exists", "for_web_server", "local", "open", "path", "store"),
    "scrubbing": ("Problem", "ProblemKind", "clean", "orphans", "scrub"),
}
_HOME = {name: module for module, names in _WHERE.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
