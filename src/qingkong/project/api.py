"""The REST API: the same operations as the desk, for programs. Documented at /api/docs."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import SessionAuth

from qingkong import __version__
from qingkong.kernel.access import Actor
from qingkong.kernel.text import Sentence, zh

DOMAINS = ("calls", "cases", "evidence", "property", "dossiers")

NOT_SIGNED_IN = zh("没有登录，或者没有选择岗位。")
SIGN_IN = zh("先在办公端登录，再用同一个会话和 CSRF 令牌请求。")
WRONG_INPUT = zh("请求里有几处不对。")
BAD_REQUEST = zh("请求读不懂。")

_FAULTS = {
    "missing": zh("缺少这一项。"),
    "string_too_long": zh("太长，最多 {max_length} 个字。"),
    "string_too_short": zh("太短，最少 {min_length} 个字。"),
    "too_long": zh("太多，最多 {max_length} 个。"),
    "too_short": zh("太少，最少 {min_length} 个。"),
    "uuid_parsing": zh("不是有效的编号（UUID）。"),
    "int_parsing": zh("应当是整数。"),
    "enum": zh("只能是：{expected}。"),
    "datetime_parsing": zh("时间写法不对，例如 2026-11-24T09:00:00+08:00。"),
    "bool_parsing": zh("只能是 true 或 false。"),
    "json_invalid": zh("不是有效的 JSON。"),
}
_OTHER = zh("这一项不能用。")


class OfficerSession(SessionAuth):
    """The desk's own session, in one post; unsafe methods carry the CSRF token, as forms do."""

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        actor: Actor = request.actor  # type: ignore[attr-defined]
        return actor if actor.is_officer else None


api = NinjaAPI(
    title="晴空 Qingkong",
    version=__version__,
    description="与办公端相同的操作。每一次写入都在存证里留下一笔；重复的请求带同一个 `Idempotency-Key` 只办一次。"
    "The desk's operations. Every write leaves an entry in the ledger; a request repeated with the same `Idempotency-Key` is done once.",
    auth=OfficerSession(),
    docs_url="/docs",
)

for domain in DOMAINS:
    module = f"qingkong.domains.enforcement.{domain}.ways.api"
    if find_spec(module):
        api.add_router(f"/v1/{domain}/", import_module(module).router)


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Each wrong field with a sentence in the caller's language."""
    errors = [
        {"field": ".".join(str(p) for p in fault["loc"][1:]), "message": str(_said(fault))} for fault in error.errors
    ]
    return api.create_response(request, {"title": str(WRONG_INPUT), "errors": errors}, status=422)


@api.exception_handler(AuthenticationError)
def not_signed_in(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return api.create_response(request, {"title": str(NOT_SIGNED_IN), "how": str(SIGN_IN)}, status=401)


@api.exception_handler(HttpError)
def unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    return api.create_response(request, {"title": str(BAD_REQUEST)}, status=error.status_code)


def _said(fault: dict[str, Any]) -> Sentence:
    known = _FAULTS.get(fault["type"])
    return (
        known.fill(**{k: v for k, v in fault.get("ctx", {}).items() if isinstance(v, (str, int))}) if known else _OTHER
    )
