"""Pages for what didn't go: what happened, why, what to do next. Never a stack trace; JSON where JSON was asked for."""

import logging
import sys
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from qingkong.kernel.records import uuid7
from qingkong.kernel.refusals import Invalid, Refusal
from qingkong.kernel.text import Sentence, zh
from qingkong.web import request_id
from qingkong.web.away import TITLE, why_away

log = logging.getLogger("qingkong.web")

TITLES = {
    400: zh("没有看懂这次请求"),
    403: zh("这件事不归您的岗位"),
    404: zh("没有找到"),
    405: zh("没有看懂这次请求"),
    409: zh("现在办不了"),
    413: zh("内容太大"),
    422: zh("有几处要改"),
    429: zh("请稍等再试"),
    500: zh("系统出了故障"),
    503: zh("现在连不上"),
}
NO_SUCH_PAGE = zh("没有这个页面，或者您不能知道它是否存在。")
LOOK_AGAIN = zh("请检查网址，或从首页重新进入。")
UNREADABLE = zh("浏览器发来的内容不完整，或者太大。")
WRONG_METHOD = zh("这个页面不能这样请求。")
SEND_AGAIN = zh("请返回上一页，核对后再提交一次。")
STALE = zh("这个页面打开太久，或者不是从本系统提交的。什么都没有办成。")
OPEN_AGAIN = zh("请返回上一页，刷新后再提交。刷新前请先记下已填的内容。")
FAULT = zh("这次没有办成，没有留下半截的记录。故障已经记下。")
TELL_US = zh("请稍后再试。再次出现时，请把时间和下面的编号告诉管理员。")


def wants_json(request: HttpRequest) -> bool:
    """Whether a program is asking: under /api/, or it accepts JSON and not HTML."""
    accept = request.headers.get("Accept", "")
    return request.path.startswith("/api/") or ("application/json" in accept and "text/html" not in accept)


def refusal(request: Any, refused: Refusal) -> HttpResponse:
    """The whole page (or JSON) for a refusal."""
    return answer(request, refused.status, refused.reason, refused.how, refused=refused)


def answer(
    request: Any, status: int, why: Sentence, how: Sentence | None = None, *, refused: Refusal | None = None
) -> HttpResponse:
    """What happened, why, and what next, in the frame of the face the reader is on."""
    title = TITLES.get(status, TITLES[409])
    failed = list(getattr(refused, "failed", ()))
    if wants_json(request):
        return JsonResponse(_json(title, why, how, refused, failed), status=status)
    context = {
        "title": title, "why": why, "how": how, "failed": failed, "status": status, "refused": refused,
        "number": request_id.current(),
    }  # fmt: skip
    face = _face_of(request)
    template = f"{face.name if face else 'portal'}/error.html"
    if getattr(request, "htmx", False):
        template = "qk/error_fragment.html"
    return render(request, template, {**(face.shell(request) if face else {}), **context}, status=status)


def bad_request(request: Any, exception: Exception) -> HttpResponse:
    status = 413 if type(exception).__name__ == "RequestDataTooBig" else 400
    return answer(request, status, UNREADABLE, SEND_AGAIN)


def not_this_way(request: Any, allowed: Iterable[str]) -> HttpResponse:
    """A method that this page doesn't know (RFC 9110 §15.5.6)."""
    response = answer(request, 405, WRONG_METHOD, SEND_AGAIN)
    response.headers["Allow"] = ", ".join(sorted(allowed))
    return response


def stale(request: Any) -> HttpResponse:
    return answer(request, 403, STALE, OPEN_AGAIN)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """For `handler404`."""
    return answer(request, 404, NO_SUCH_PAGE, LOOK_AGAIN)


def page_bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """For `handler400`."""
    return bad_request(request, exception)


def page_not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """For `handler403`."""
    return answer(request, 403, NO_SUCH_PAGE, LOOK_AGAIN)


def page_at_fault(request: HttpRequest) -> HttpResponse:
    """For `handler500`: touches neither database nor session. The number finds the fault in the server's log.

    What passes by itself (a busy, full or absent database) is 503, with when to come again.
    """
    number = request_id.current() or str(uuid7())[-12:]
    away = why_away(sys.exc_info()[1])
    status = 503 if away else 500
    log.error("fault %s", number)
    title, why, how = (TITLE, away.why, away.how) if away else (TITLES[500], FAULT, TELL_US)
    response: HttpResponse
    if wants_json(request):
        response = JsonResponse({"title": str(title), "reason": str(why), "how": str(how), "number": number})
    else:
        context = {"title": title, "why": why, "how": how, "number": number, "status": status}
        response = HttpResponse(render_to_string("qk/fault.html", context))
    response.status_code = status
    if away:
        response.headers["Retry-After"] = str(away.seconds)
    return response


def _json(
    title: Sentence, why: Sentence, how: Sentence | None, refused: Refusal | None, failed: list[Any]
) -> dict[str, Any]:
    body: dict[str, Any] = {"title": str(title), "reason": str(why), "how": str(how) if how else None}
    if isinstance(refused, Invalid):
        body["errors"] = [{"field": field, "message": str(sentence)} for field, sentence in refused.errors.items()]
    elif refused is not None and refused.field:
        body["errors"] = [{"field": refused.field, "message": str(why)}]
    if failed:
        body["failed"] = [
            {"check": f.check_id, "reason": str(f), "how": str(f.how), "article": str(f.article)} for f in failed
        ]
    return body


def _face_of(request: Any) -> Any:
    """The face of this request; before a page was found, the desk for officers and the portal for all others."""
    if getattr(request, "face", None):
        return request.face
    from qingkong.web import desk, portal

    actor = getattr(request, "actor", None)
    return desk.face if actor is not None and actor.is_officer else portal.face
