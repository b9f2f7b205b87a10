"""Where a cosigner hands its line back: signed by a key that was registered in person, so no session and no form."""

from django.http import HttpResponse, JsonResponse

from qingkong.kernel import access
from qingkong.kernel.access import limits
from qingkong.kernel.ledger import cosigners
from qingkong.kernel.refusals import Refusal, TooMany
from qingkong.kernel.text import zh
from qingkong.web import portal
from qingkong.web.portal import PortalRequest

LONGEST = 16_384  # bytes; a checkpoint with a dozen lines has two thousand
MOST, SECONDS = 60, 60  # tries of one address

TOO_OFTEN = zh("交得太频繁，请过一分钟再交。")
TOO_LONG = zh("交来的内容太长，不是一条联署。")
UNREADABLE = zh("交来的内容不是 UTF-8 文本。")


@portal.page("ledger/cosignatures", name="web.cosign", once=False, methods=frozenset({"POST"}))
def take_cosignature(request: PortalRequest) -> HttpResponse:
    """Take a cosignature in: 200 and what stands now, or the reason why not."""
    try:
        taken = cosigners.take(_note(request), at=request.at)
    except Refusal as refusal:
        why = {"reason": str(refusal.reason), "how": str(refusal.how) if refusal.how else None}
        return JsonResponse(why, status=refusal.status, json_dumps_params={"ensure_ascii": False})
    told = {"name": taken.name, "size": taken.size, "new": taken.new}
    return JsonResponse(told, json_dumps_params={"ensure_ascii": False})


take_cosignature.csrf_exempt = True  # type: ignore[attr-defined]  # the signature says who it is, no cookie is asked


def _note(request: PortalRequest) -> str:
    """The note that was sent. Raises TooMany, BadCosignature."""
    address = request.META.get("REMOTE_ADDR", "")
    if limits.over(f"cosign:{access.digest('address', address)}", most=MOST, seconds=SECONDS):
        raise TooMany(TOO_OFTEN)
    data = request.read(LONGEST + 1)
    if len(data) > LONGEST:
        raise cosigners.BadCosignature(TOO_LONG)
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise cosigners.BadCosignature(UNREADABLE) from None
