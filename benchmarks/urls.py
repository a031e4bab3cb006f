"""The product's addresses, and one view that does nothing: the yardstick of every figure."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def noop(request: HttpRequest) -> HttpResponse:
    """One query, ten bytes, the whole middleware: what no page of the product can undercut."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return HttpResponse(b"0123456789")


urlpatterns = [path("noop/", noop), path("", include("config.urls"))]
