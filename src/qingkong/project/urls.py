"""Every address. The faces bring their own; what isn't a page stands here."""

from django.urls import include, path

from qingkong.project import observing
from qingkong.project.api import api
from qingkong.web import (  # noqa: F401
    accounts,
    board,
    demo,
    desk,
    field,
    findings,
    ledger_pages,
    own_account,
    portal,
    sign_in,
    status,
)
from qingkong.web.uploads import views as uploads

urlpatterns = [
    *observing.urls,
    path("api/", api.urls),
    path("uploads/", include(uploads.urls)),
    path("", include(portal.face.urls())),
    path("desk/", include(desk.face.urls())),
    path("field/", include(field.face.urls())),
    path("board/", include(board.face.urls())),
]

handler400 = "qingkong.web.errors.page_bad_request"
handler403 = "qingkong.web.errors.page_not_allowed"
handler404 = "qingkong.web.errors.page_not_found"
handler500 = "qingkong.web.errors.page_at_fault"
