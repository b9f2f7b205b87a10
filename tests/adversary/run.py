"""All attacks against the database that Django is connected to."""

from collections.abc import Callable, Iterator

from tests.adversary import history, honest, originals, rows, tables, window
from tests.adversary.outcomes import Outcome
from tests.adversary.stage import Stage, stage

FAMILIES: dict[str, Callable[[Stage], Iterator[Outcome]]] = {
    "rows": rows.attacks,
    "honest": honest.attacks,
    "tables": tables.attacks,
    "history": history.attacks,
    "originals": originals.attacks,
}


def run(families: list[str] | None = None) -> list[Outcome]:
    """Every attack of these families (all), after a cosigner has seen the state."""
    with stage() as prepared:
        sound = [*prepared.verify(), *prepared.compare(rows.sealed_models())]
        if sound:
            raise SystemExit(f"not sound before any attack: {sound[0]}")
        return [one for name in families or FAMILIES for one in FAMILIES[name](prepared)]


def run_window() -> list[Outcome]:
    """The attacks on history, where no cosigner has been."""
    with stage() as prepared:
        return list(window.attacks(prepared))
