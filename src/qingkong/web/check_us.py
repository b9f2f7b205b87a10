"""核验我们: what everybody may know of the ledger, and how to check it without believing us. No script, no account."""

from functools import cache
from hashlib import sha256

from django.conf import settings
from django.http import HttpResponse

from qingkong.kernel import ledger
from qingkong.kernel.ledger import cosigners, publishing
from qingkong.kernel.text import zh
from qingkong.web import portal
from qingkong.web.portal import PortalRequest
from qingkong_verify.build import archive
from qingkong_verify.notes import parse_body, split_note

PYTHON = "application/vnd.python.zipapp"


@cache
def verifier() -> tuple[bytes, str]:
    """The checker as one file, and its SHA-256."""
    data = archive()
    return data, sha256(data).hexdigest()


@portal.page("check/", name="web.check")
def check(request: PortalRequest) -> HttpResponse:
    """How far the ledger is signed, who has cosigned what and when, what isn't yet; key, checker, commands."""
    standing = ledger.standing()
    data, digest = verifier()
    return portal.render(
        request,
        "portal/check.html",
        title=zh("核验我们"),
        back=portal.url("web.home"),
        standing=standing,
        by_hand=_by_hand(standing.note),
        cosigners=cosigners.seen(),
        window=ledger.exposure(request.at),
        published=publishing.published_size(),
        key=ledger.vkey(),
        division=settings.QINGKONG_DIVISION,
        address=request.build_absolute_uri("/").rstrip("/"),
        verifier_size=round(len(data) / 1000),
        verifier_digest=digest,
    )


@portal.page("check/proof/", name="web.proof")
def what_a_proof_shows(request: PortalRequest) -> HttpResponse:
    """For a lawyer: what a proof bundle proves, what it doesn't, and what may be said of it in court."""
    return portal.render(
        request, "portal/proof.html", title=zh("证明包证明什么，不证明什么"), back=portal.url("web.check")
    )


@portal.page("check/qingkong-verify.pyz", name="web.verifier")
def download_verifier(request: PortalRequest) -> HttpResponse:
    """The checker."""
    response = HttpResponse(verifier()[0], content_type=PYTHON)
    response.headers["Content-Disposition"] = 'attachment; filename="qingkong-verify.pyz"'
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def _by_hand(note: str) -> str:
    """The first sixteen hex digits of a checkpoint's root in groups of four: short and plain enough to be copied by hand."""
    if not note:
        return ""
    _, _, root = parse_body(split_note(note)[0])
    return " ".join(root.hex()[start : start + 4] for start in range(0, 16, 4))
