"""Hand out a document so that nothing keeps it on the way and no browser takes it for a page of ours."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header


def pdf(content: bytes, name: str) -> HttpResponse:
    """A PDF to be read in the browser, under this name when it is saved. Never cached: it may name people."""
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = content_disposition_header(False, name) or "inline"
    response.headers["Cache-Control"] = "private, no-store"
    return response
