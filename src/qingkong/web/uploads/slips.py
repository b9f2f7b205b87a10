"""What the protocol declines: a slip between two programs, never entered in the ledger."""

from qingkong.kernel.refusals import Refusal


class Slip(Refusal):
    """A request that doesn't fit the state of an upload. The sender mends it by itself: HEAD tells where to go on."""
