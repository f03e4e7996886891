"""API keys in the admin: a superuser makes them, sees each once, and revokes them."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from apps.api import services
from apps.api.errors import ApiError
from apps.api.models import SCOPES, ApiKey
from apps.dashboard import dialogs
from apps.people.models import Agent
from apps.trail.instants import slip_in

STATES = {"works": "success", "revoked": "danger", "expired": "warning"}


class ApiKeyForm(forms.ModelForm[ApiKey]):
    """What a new key is for."""

    scopes = forms.MultipleChoiceField(
        choices=SCOPES,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="What it may do. A scope that writes reads what it writes.",
    )

    class Meta:
        model = ApiKey
        fields = ["name", "scopes", "expires_at"]

    def clean_expires_at(self) -> Any:
        expires_at = self.cleaned_data["expires_at"]
        if expires_at is not None and expires_at <= timezone.now():
            raise forms.ValidationError("A key cannot expire before it is made.")
        if expires_at is not None and (slip := slip_in(expires_at)):
            raise forms.ValidationError(slip)
        return expires_at


@admin.register(ApiKey)
class ApiKeyAdmin(ModelAdmin):
    """Keys are made and revoked, never edited: what a key may do is what it was made for."""

    # list
    list_display = ("name", "prefix", "may", "state", "created_at", "expires_at", "last_used_at")
    list_select_related = ("created_by",)
    list_per_page = 50
    search_fields = ("name", "prefix")
    show_full_result_count = False

    # form
    form = ApiKeyForm
    compressed_fields = True
    warn_unsaved_form = True
    actions_detail: ClassVar[list[str]] = ["revoke"]

    @display(description="Scopes")
    def may(self, api_key: ApiKey) -> str:
        return ", ".join(api_key.scopes)

    @display(description="State", label=STATES)
    def state(self, api_key: ApiKey) -> str:
        if api_key.revoked_at is not None:
            return "revoked"
        expired = api_key.expires_at is not None and api_key.expires_at <= timezone.now()
        return "expired" if expired else "works"

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        if obj is None:
            return ["name", "scopes", "expires_at"]
        # By name, so that the hash is never among them.
        return [
            "name",
            "prefix",
            "may",
            "state",
            "created_at",
            "created_by",
            "expires_at",
            "last_used_at",
            "revoked_at",
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return self.get_fields(request, obj) if obj else []

    # behaviour
    def has_module_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return _is_superuser(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return _is_superuser(request)

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        made, secret = services.create_key(
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
            expires_at=form.cleaned_data["expires_at"],
            by=request.user if isinstance(request.user, Agent) else None,
            now=timezone.now(),
        )
        # The page goes on with the row it began with.
        obj.__dict__.update(made.__dict__)
        request.new_key = secret  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None) -> HttpResponse:
        """Shows the key in the very answer: a message would be kept in a cookie or the session."""
        context = {
            **self.admin_site.each_context(request),
            "title": "The new key",
            "api_key": obj,
            "secret": request.new_key,  # type: ignore[attr-defined]
            "opts": self.opts,
        }
        # The admin's pages are never cached.
        return TemplateResponse(request, "admin/api/apikey/created.html", context)

    @action(
        description="Revoke",
        icon="key_off",
        permissions=["revoke"],
        variant=ActionVariant.DANGER,
        dialog={
            "title": "Revoke this key?",
            "description": "Whoever uses it is refused from now on. This cannot be undone.",
            "form_class": None,
            "form_submit_text": "Yes, revoke it",
        },
    )
    def revoke(self, request: HttpRequest, form: forms.Form, object_id: str) -> HttpResponse:
        api_key = self.get_object(request, object_id)
        if api_key is None:
            raise PermissionDenied
        try:
            services.revoke_key(api_key, now=timezone.now())
        except ApiError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"{api_key} opens nothing any more.")
        return dialogs.leave(request, reverse("admin:api_apikey_change", args=[api_key.pk]))


def _is_superuser(request: HttpRequest) -> bool:
    return bool(request.user.is_active and request.user.is_superuser)
