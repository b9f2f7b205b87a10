"""What isn't attacked, each with its reason: what no entry seals, and the ledger's numbers that mean nothing."""

from qingkong.project.unsealed import UNSEALED

NUMBERS = {
    "ledger.pending.id": "only the order in which entries join the tree; until then they have none",
    "ledger.tile.id": "a row's number that nothing refers to",
    "ledger.cosignature.id": "a row's number that nothing refers to",
}
EXEMPT = UNSEALED | NUMBERS
