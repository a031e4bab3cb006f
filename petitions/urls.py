"""Pages of the petitions."""

from django.urls import URLPattern, URLResolver, path

from petitions.views import desk, prints, public

urlpatterns: list[URLPattern | URLResolver] = [
    # The desk
    path("register/", desk.register, name="register"),
    path("register/known/", desk.known, name="known"),
    path("visits/new/", desk.visit_quick, name="visit_quick"),
    path("cases/<str:number>/slip/", desk.slip, name="slip"),
    # What is handed out
    path("cases/<str:number>/papers/<int:pk>/", prints.document, name="document"),
    path("cases/<str:number>/files/<int:pk>/", prints.attachment, name="attachment"),
    path("cases/<str:number>/reveal/<slug:field>/", prints.reveal_field, name="reveal"),
    # For petitioners, without an account
    path("progress/", public.progress, name="progress"),
    path("my/", public.my, name="my"),
]
