"""The real addresses, and two that break."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from qingkong.project.urls import handler400, handler403, handler404, handler500  # noqa: F401
from qingkong.project.urls import urlpatterns as real


def break_in_python(request: HttpRequest) -> HttpResponse:
    try:
        {}[request.POST["name"]]
    except KeyError as missing:
        raise ValueError(f"no such person: {request.POST['name']}") from missing
    return HttpResponse()


def break_in_database(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT '{request.POST['name']}' FROM nowhere")
    return HttpResponse()


urlpatterns = [path("break/python/", break_in_python), path("break/database/", break_in_database), *real]
