"""Evidence from the phone at the scene: one photo or film, kept on the phone while there is no network."""

from django.contrib import messages
from django.http import HttpResponse

from qingkong.domains.enforcement.evidence import queries
from qingkong.domains.enforcement.evidence.queries import Source
from qingkong.domains.enforcement.evidence.ways import forms, uploading
from qingkong.kernel.text import zh
from qingkong.web import desk, field
from qingkong.web.field import FieldRequest

WAYS = {"photo": ("image/*", zh("拍照")), "video": ("video/*", zh("录像"))}


@field.page("capture/", needs="evidence.register", once=False)
def capture(request: FieldRequest) -> HttpResponse:
    """Take a photo or a film for a call (`?for=J…&kind=photo`). The same one sent twice is registered once."""
    number = (request.POST.get("link") or request.GET.get("for", ""))[:20]
    kind = request.GET.get("kind", "") if request.GET.get("kind") in WAYS else "photo"
    link = queries.link_by_number(actor=request.actor, number=number)
    form = forms.CaptureForm(request.POST or None, request.FILES or None, actor=request.actor, initial={"link": number})
    if form.is_valid():
        done = uploading.register_all(form.upload, link=form.link, source=Source.PHONE, note=form.note, request=request)
        if not done.refused:
            here = f"{field.url('evidence.capture')}?for={link.number}&kind={kind}"
            return _again(request, done, here)
        request.refusals.extend(done.refused)
        for refusal in done.refused:
            form.refuse(refusal)
    accept, label = WAYS[kind]
    return field.render(
        request, "field/evidence/capture.html", form=form, link=link, kind=kind, accept=accept, label=label,
        items=queries.of_link(link, actor=request.actor)[:12], tools=_tools(link, kind), back=_back(link),
        status=422 if form.is_bound and form.errors else 200,
    )  # fmt: skip


def _again(request: FieldRequest, done: uploading.Uploaded, here: str) -> HttpResponse:
    """Back to the camera: at a scene one photo follows the other."""
    messages.success(request, str(done.said()))
    return field.go(request, here)


def _tools(link: queries.Link, kind: str) -> list[dict[str, object]]:
    address = field.url("evidence.capture")
    return [
        {"url": _back(link), "icon": "arrow-left", "label": zh("返回"), "on": False},
        *(
            {"url": f"{address}?for={link.number}&kind={way}", "icon": icon, "label": WAYS[way][1], "on": way == kind}
            for way, icon in (("photo", "camera"), ("video", "video"))
        ),
    ]


def _back(link: queries.Link) -> str:
    if link.number.startswith("J"):
        return field.url("field:calls.call", call_id=link.pk)
    return desk.subject_url(link.subject_key)
