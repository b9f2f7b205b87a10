"""The window: the same attacks on history where no cosigner has been. What is unseen here is what a cosigner is for."""

from collections.abc import Iterator

from qingkong.kernel import ledger
from qingkong.kernel.ledger.sealed_tables import sealed_models
from tests.adversary import history
from tests.adversary.outcomes import Outcome
from tests.adversary.stage import Stage

FAMILY = "history, before any cosigner came"


def attacks(stage: Stage) -> Iterator[Outcome]:
    for name, do in history.ATTACKS.items():
        with stage.attack():
            stage.sql("DELETE FROM ledger_cosignature")
            do(stage)
            verify = bool(stage.verify() or stage.compare(sealed_models()))
            open_entries = ledger.exposure(stage.at).entries
            yield Outcome(FAMILY, name, "ledger", verify, False, note=f"{open_entries} entries in the window")
