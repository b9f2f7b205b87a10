"""The components: `{% load qk %}`. Each draws what a page says, in one way everywhere."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import template
from django.conf import settings
from django.forms import BoundField
from django.http.request import split_domain_port
from django.utils.html import format_html
from django.utils.safestring import SafeString

from qingkong.kernel import access, gates, ledger
from qingkong.kernel import clocks as kernel_clocks
from qingkong.kernel.access import Purpose, Sealed
from qingkong.kernel.identity.posts import Post
from qingkong.kernel.records import subject_key
from qingkong.kernel.text import fen as in_yuan
from qingkong.kernel.text import local
from qingkong.web import built, desk, icons, proving
from qingkong.web import idempotency as keys
from qingkong.web.flowchart import Flow, svg
from qingkong.web.forms.field import Field
from qingkong.web.forms.files import FilesField
from qingkong.web.forms.foreign import Foreign

register = template.Library()

KINDS = {"", "ok", "warn", "bad", "idle"}


# --- small things ---------------------------------------------------------------------------------------------


@register.simple_tag
def asset(name: str) -> str:
    """The address of a built file: `{% asset "desk.css" %}`."""
    return built.address_of(name)


@register.simple_tag
def icon(name: str, label: Any = "") -> SafeString:
    """A picture of the sprite, hidden from readers aloud unless it has a label of its own."""
    if name not in icons.names():
        raise template.TemplateSyntaxError(f"no icon {name!r}: add it to web/assets/icons.json")
    address = built.address_of("icons.svg")
    if label:
        return format_html(
            '<svg class="qk-icon" role="img" aria-label="{}"><use href="{}#{}"></use></svg>', label, address, name
        )
    return format_html('<svg class="qk-icon" aria-hidden="true"><use href="{}#{}"></use></svg>', address, name)


@register.simple_tag
def pill(text: Any, kind: str = "") -> SafeString:
    """A state in words: `{% pill "已立案" "ok" %}`. Kinds: ok, warn, bad, idle or none."""
    return format_html('<span class="qk-pill{}">{}</span>', f" qk-pill--{kind}" if kind in KINDS - {""} else "", text)


@register.simple_tag(takes_context=True)
def stream(context: Any) -> str:
    """The address of the live stream: the events process's port on this host, or this address where nginx is in front."""
    request = context["request"]
    if request.get_port() in {"80", "443"}:
        return "/live/stream"
    host, _ = split_domain_port(request.get_host())
    return f"//{host}:{settings.QINGKONG_EVENTS_PORT}/live/stream"


@register.simple_tag(takes_context=True)
def moment(context: Any, at: datetime | None, form: str = "short") -> SafeString | str:
    """An instant on the county's clock. `short` leaves out this year; `time` only the time; `full` all of it."""
    if at is None:
        return ""
    here = local(at)
    now = local(context["request"].at) if "request" in context and hasattr(context["request"], "at") else None
    shape = {"time": "%H:%M", "full": "%Y-%m-%d %H:%M:%S", "minute": "%Y-%m-%d %H:%M"}.get(form)
    if shape is None:
        shape = "%m-%d %H:%M" if now and now.year == here.year else "%Y-%m-%d %H:%M"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', here.isoformat(), f"{here:%Y-%m-%d %H:%M:%S}", f"{here:{shape}}"
    )


@register.simple_tag(takes_context=True)
def may(context: Any, permission: str, subject: Any = None) -> bool:
    """Whether the reader may: `{% may "calls.take" as may_take %}`, so that no button leads to a shut door."""
    return access.may(context["request"].actor, permission, subject)


@register.simple_tag
def day(on: date | None) -> SafeString | str:
    """A day."""
    return format_html('<time datetime="{0}">{0}</time>', on.isoformat()) if on else ""


@register.simple_tag
def post_label(post: str) -> str:
    """A post in words: `{% post_label appointment.post %}`."""
    return str(Post(post).label)


@register.inclusion_tag("qk/demo_mark.html")
def demo_mark() -> dict[str, Any]:
    """Says on every page of a demo instance that everything in it is invented."""
    return {"is_demo": getattr(settings, "QINGKONG_DEMO", False)}


@register.filter
def money(amount: int | None) -> str:
    """Fen as yuan: `{{ exhibit.value|money }}`."""
    return "" if amount is None else in_yuan(amount)


@register.simple_tag
def sealed(value: Any) -> SafeString | str:
    """A sealed value: says that it is sealed until a look has opened it; then the text itself."""
    if not isinstance(value, Sealed):
        return value or ""
    if not value:
        return ""
    return format_html('<span class="qk-sealed">{}{}</span>', icon("lock"), value)


@register.inclusion_tag("qk/empty.html")
def empty(sentence: Any, how: Any = "", icon: str = "inbox") -> dict[str, Any]:
    """What a list says when there is nothing in it, and what to do about it."""
    return {"sentence": sentence, "how": how, "icon_name": icon}


# --- a subject's page -----------------------------------------------------------------------------------------


@register.inclusion_tag("qk/lights.html", takes_context=True)
def lights(context: Any, subject: Any) -> dict[str, Any]:
    """The four gates of a subject, each with its state in words, and its open findings below."""
    at = context["request"].at
    return {
        "request": context["request"],
        "lights": gates.lights(subject, at=at),
        "findings": list(gates.open_findings(subject)),
    }


@register.inclusion_tag("qk/finding.html", takes_context=True)
def finding(context: Any, f: Any) -> dict[str, Any]:
    """One finding: what is wrong, the article, how to put it right."""
    return {"f": f, "request": context.get("request")}


@register.inclusion_tag("qk/clocks.html", takes_context=True)
def clocks(context: Any, subject: Any) -> dict[str, Any]:
    """The clock strip of a subject and of all that belongs to it; running ones first."""
    at = context["request"].at
    views = kernel_clocks.of(subject, whole_thread=True)
    rows = [
        {"clock": one, "percent": round(one.fraction(at) * 100), "state": one.state(at), "left": one.left(at)}
        for one in views
    ]
    running = [row for row, one in zip(rows, views, strict=True) if one.stopped_at is None]
    return {"request": context["request"], "running": running, "stopped": [row for row in rows if row not in running]}


@register.inclusion_tag("qk/timeline.html", takes_context=True)
def timeline(context: Any, subject: Any, limit: int = 14) -> dict[str, Any]:
    """What was done and who looked, newest first, each with its seal. `subject`: a record, a key or a thread."""
    key = subject if isinstance(subject, str) else str(getattr(subject, "thread", "") or subject_key(subject))
    request = context["request"]
    before = _uuid(request.GET.get("before", ""))
    lines = ledger.timeline(key, limit=limit + 1, before=before)
    return {
        "request": request,
        "lines": lines[:limit],
        "older": lines[limit - 1].entry_id if len(lines) > limit else "",
        "all_sealed": bool(lines) and all(line.sealed for line in lines[:limit]),
        "all_cosigned": bool(lines) and all(line.cosigned for line in lines[:limit]),
        "later": before,
        "prove_at": proving.address_of(subject if isinstance(subject, str) else subject_key(subject), request.actor),
    }


@register.filter
def why(purpose: str) -> str:
    """Why somebody looked, in the reader's language."""
    return str(Purpose(purpose).label) if purpose in set(Purpose) else purpose


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@register.inclusion_tag("qk/tabs.html", takes_context=True)
def tabs(context: Any, subject: Any, first: Any = "") -> dict[str, Any]:
    """The tabs hung on this page. `first` names the page's own; the open one stands in `?tab=`."""
    request = context["request"]
    page = request.route.name if request.route else ""
    hung = desk.hung.tabs_of(page, request.actor, subject)
    return {
        "first": first,
        "request": request,
        "current": open_tab(request, subject),
        "tabs": [{"tab": tab, "count": tab.count(subject) if tab.count else None} for tab in hung],
    }


@register.simple_tag(takes_context=True)
def tab_panel(context: Any, subject: Any) -> SafeString | str:
    """What the open tab shows; nothing while the page's own stands open."""
    request = context["request"]
    tab = open_tab(request, subject)
    if tab is None:
        return ""
    with context.push(**tab.context(request, subject)):
        return context.template.engine.get_template(tab.template).render(context)


def open_tab(request: Any, subject: Any) -> Any:
    """The hung tab that `?tab=` names, if this reader may see it."""
    key = request.GET.get("tab", "")
    page = request.route.name if request.route else ""
    return next((t for t in desk.hung.tabs_of(page, request.actor, subject) if t.key == key), None) if key else None


@register.simple_tag(takes_context=True)
def panel(context: Any, name: str, given: dict[str, Any]) -> SafeString:
    """A panel that another room has hung; what it was given stands in `panel` and under its own names."""
    with context.push(**{**given, "panel": given}):
        return context.template.engine.get_template(name).render(context)  # type: ignore[no-any-return]


@register.simple_tag
def subject_url(key: Any) -> str:
    """The page of a subject, by record or key; nothing where it has none."""
    return desk.subject_url(subject_key(key)) if key else ""


# --- lists and forms ------------------------------------------------------------------------------------------


@register.inclusion_tag("qk/table.html")
def table(heads: Sequence[Any], rows: Iterable[Sequence[Any]], caption: Any = "", empty: Any = "") -> dict[str, Any]:
    """A plain table that turns into cards on a phone. Cells are text, or safe markup the page has made."""
    return {
        "heads": heads,
        "rows": [list(zip(heads, row, strict=True)) for row in rows],
        "caption": caption,
        "empty": empty,
    }


@register.inclusion_tag("qk/pages.html")
def pages(page: Any) -> dict[str, Any]:
    """The way to the next page of a list by keyset."""
    return {"page": page}


@register.inclusion_tag("qk/form.html", takes_context=True)
def form(
    context: Any,
    form: Any,
    submit: Any = "",
    action: str = "",
    cancel: str = "",
    kind: str = "",
    method: str = "post",
    offline: Any = "",
) -> dict[str, Any]:
    """A whole form: error summary, fields, submit. `kind="warning"` for what can't be undone.

    `offline` (on the phone): without a network it waits under this name, and what is typed is kept as a draft.
    """
    return {
        "form": form, "submit": submit, "action": action, "cancel": cancel, "kind": kind, "method": method,
        "offline": offline,
        "multipart": form.is_multipart() or any(isinstance(f.field, FilesField) for f in form),
        "request": context.get("request"), "csrf_token": context.get("csrf_token"),
    }  # fmt: skip


@register.inclusion_tag("qk/summary.html")
def errors(form: Any) -> dict[str, Any]:
    """The error summary alone, for forms that are laid out by hand."""
    return {"form": form}


@register.simple_tag(takes_context=True)
def field(context: Any, bound: BoundField) -> SafeString:
    """One field of a form, with its label, hint and errors. Django's own fields are shown like ours."""
    kind = bound.field if isinstance(bound.field, Field) else Foreign(bound.field)
    described = " ".join(
        id_
        for id_, there in ((f"{bound.html_name}-hint", kind.hint), (f"{bound.html_name}-error", bound.errors))
        if there
    )
    shown = {"bound": bound, "field": kind, "name": bound.html_name, "value": kind.shown(bound), "described": described}
    request = context.get("request")
    shown["small"] = getattr(getattr(request, "face", None), "name", "") == "desk"
    engine = context.template.engine
    return engine.get_template(kind.template).render(template.Context({**shown, **kind.around(bound)}))  # type: ignore[no-any-return]


@register.simple_tag
def idempotency(form: Any = None) -> SafeString:
    """The hidden key that makes a repeated submit harmless; for forms written by hand."""
    key = form.idempotency_key if form is not None else keys.new_key()
    return format_html('<input type="hidden" name="{}" value="{}">', keys.FIELD, key)


@register.simple_tag
def flow(chart: Flow) -> SafeString:
    """A flow chart as a picture that scrolls where it is wider than the page."""
    return format_html('<div class="qk-flow-scroll" tabindex="0">{}</div>', svg(chart))
