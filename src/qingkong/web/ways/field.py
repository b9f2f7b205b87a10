"""The field's own pages: home, the offline page, the service worker, the manifest."""

from django.contrib.staticfiles import finders
from django.http import HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse

from qingkong.kernel.refusals import NotFound
from qingkong.web import field, preferences
from qingkong.web.built import address_of, version_of
from qingkong.web.field import FieldRequest


@field.page("", needs="web.sign_in", name="web.home")
def home(request: FieldRequest) -> HttpResponse:
    return field.render(request, "field/home.html", panels=field.hung.panels_of("home", request))


@field.page("queue/", needs="public", name="web.queue")
def queue(request: FieldRequest) -> HttpResponse:
    """What is still on the phone; shown offline too, so it holds nothing of anybody."""
    return field.render(request, "field/queue.html")


@field.page("sw.js", needs="public", name="web.worker")
def worker(request: FieldRequest) -> HttpResponse:
    """The service worker, served from the field's own address so that it may govern it."""
    script = finders.find("qingkong/sw.js")
    if not script:
        raise NotFound()
    with open(str(script), encoding="utf-8") as source:
        text = source.read()
    kept = [reverse("field:web.queue"), *(str(address_of(name)) for name in ("field.css", "field.js", "icons.svg"))]
    head = f"const VERSION = {version_of('sw.js')!r};\nconst KEPT = {kept!r};\n"
    return HttpResponse(head + text, content_type="text/javascript; charset=utf-8")


@field.page("manifest.webmanifest", needs="public", name="web.manifest")
def manifest(request: FieldRequest) -> HttpResponse:
    return JsonResponse(
        {
            "name": "晴空 · 现场", "short_name": "晴空现场", "lang": "zh-CN", "display": "standalone",
            "start_url": reverse("field:web.home"), "scope": reverse("field:web.home"),
            "background_color": "#f5f8fb", "theme_color": "#0a2a4a",
            "icons": [{"src": static("qingkong/app.svg"), "sizes": "any", "type": "image/svg+xml"}],
        },
        content_type="application/manifest+json",
    )  # fmt: skip


@field.page("language/", needs="public", name="web.language")
def language(request: FieldRequest) -> HttpResponse:
    return preferences.choose_language(request)
