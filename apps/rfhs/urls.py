"""Addresses of requests for help."""

from django.contrib import admin
from django.urls import include, path

from apps.rfhs.answers import views as answers
from apps.rfhs.board import views as board
from apps.rfhs.board.items import views as items
from apps.rfhs.board.moves import views as moves

app_name = "rfhs"
urlpatterns = [
    path("answers/", admin.site.admin_view(answers.answers), name="answers"),
    path("board/", admin.site.admin_view(board.page), name="board"),
    path("board/new/", admin.site.admin_view(items.new), name="item"),
    path("board/<int:number>/move/", admin.site.admin_view(moves.move), name="move"),
    path("board/<int:number>/place/", admin.site.admin_view(moves.place), name="place"),
    path("board/<int:number>/nudge/", admin.site.admin_view(moves.nudge), name="nudge"),
    path("board/<int:number>/take/", admin.site.admin_view(moves.take), name="take"),
    path("board/<int:number>/<slug:which>/", admin.site.admin_view(moves.step), name="step"),
    path("", include("apps.rfhs.form.urls")),
]
