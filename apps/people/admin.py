"""People and customers in the admin, and the roles that say who may do what."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import action, display

from apps.dashboard.page_steps import steps_of_team
from apps.people.forms import AgentForm, CustomerForm, NamedGroupForm, NewAgentForm, PasswordForm
from apps.people.models import Agent, Channel, Contact, Customer, NamedGroup, Plan, Team, UserGroup
from apps.people.selectors import actors_of
from apps.trail.audited import AuditedAdmin, NamedRows
from apps.trail.finding import Wanted
from apps.trail.stories import Story

admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(GroupAdmin, AuditedAdmin):  # type: ignore[misc, type-arg]
    """Groups: the roles that deploying syncs, and those of one's own."""

    list_display = ("name", "people")
    search_help_text = "A role's name"
    filter_horizontal = ("permissions",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        groups: QuerySet[Group] = super().get_queryset(request)
        return groups.annotate(people_count=Count("user"))

    @display(description="People", ordering="people_count")
    def people(self, group: Group) -> int:
        count: int = group.people_count  # type: ignore[attr-defined]
        return count


@admin.register(Agent)
class AgentAdmin(UserAdmin, AuditedAdmin):  # type: ignore[type-arg, misc]
    """Agents. A role, and whether somebody is a superuser, is a superuser's to say."""

    # list
    list_display = ("person", "email", "in_teams", "roles", "slack_id", "time_zone", "works_here")
    list_filter = (
        "is_active",
        ("teams", RelatedDropdownFilter),
        ("groups", RelatedDropdownFilter),
    )
    search_fields = ("first_name", "last_name", "nickname", "email", "slack_id")
    search_help_text = "A name, nickname, email or Slack id"
    ordering = ("first_name", "last_name")
    list_fullwidth = True

    # form
    form = AgentForm
    add_form = NewAgentForm
    # Not Django's own, which speaks of users.
    add_form_template = None
    change_password_form = PasswordForm
    fieldsets = (
        (None, {"fields": (("first_name", "last_name"), ("nickname", "email"), "public_name")}),
        ("Elsewhere", {"fields": (("slack_id", "time_zone"),)}),
        ("Access", {"fields": ("is_active", "is_staff", "password")}),
    )
    superuser_fieldsets = (("Rights", {"fields": ("is_superuser", "groups")}),)
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("email", ("first_name", "last_name"), "nickname", ("slack_id", "time_zone")),
            },
        ),
        ("Signing in", {"classes": ("wide",), "fields": ("usable_password", "password1", "password2")}),
    )
    # Rights come by roles alone; single permissions would be a second place to look.
    exclude = ("user_permissions",)
    filter_horizontal = ()
    autocomplete_fields = ("groups",)
    readonly_fields = ("member_of",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Agent]:
        agents: QuerySet[Agent] = super().get_queryset(request)
        return agents.prefetch_related("teams", "groups")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return self.add_fieldsets
        rights = self.superuser_fieldsets if request.user.is_superuser else ()
        return (*self.fieldsets, ("Belongs to", {"fields": ("member_of",)}), *rights)

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> Any:
        # Not merely hidden: a field that is not in the form cannot be posted.
        if request.user.is_superuser:
            return self.exclude
        return ("is_superuser", "groups", "user_permissions")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if not super().has_change_permission(request, obj):
            return False
        return not isinstance(obj, Agent) or request.user.is_superuser or not _has_more_rights(obj, request)

    def stories(self, obj: Any) -> list[Story]:
        did = Story("What they did", Wanted(actors=actors_of(obj)), urlencode({"person": obj.email}))
        return [did, *super().stories(obj)]

    @display(description="Agent", ordering="first_name", header=True)
    def person(self, agent: Agent) -> list[str]:
        return [str(agent), f"called {agent.nickname}" if agent.nickname else ""]

    @display(description="Teams")
    def in_teams(self, agent: Agent) -> str:
        return ", ".join(str(team) for team in agent.teams.all()) or "–"

    @display(description="Roles")
    def roles(self, agent: Agent) -> str:
        names = [group.name for group in agent.groups.all()]
        return ", ".join(["Superuser", *names] if agent.is_superuser else names) or "–"

    @display(description="Works here", ordering="is_active", boolean=True)
    def works_here(self, agent: Agent) -> bool:
        return agent.is_active

    @display(description="Teams, named groups and roles")
    def member_of(self, agent: Agent) -> str:
        teams = [str(team) for team in agent.teams.all()]
        named = [str(group) for group in agent.named_groups.all()]
        return ", ".join([*teams, *named, *(group.name for group in agent.groups.all())]) or "None yet"


@admin.register(Plan)
class PlanAdmin(AuditedAdmin):
    """Plans, highest first."""

    list_display = ("name", "slug", "customers", "position")
    ordering = ("position", "name")
    ordering_field = "position"
    list_editable = ("position",)
    search_fields = ("name", "slug")
    search_help_text = "A plan's name"
    fields = ("name", "slug", "position")
    prepopulated_fields = {"slug": ("name",)}
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Plan]:
        plans: QuerySet[Plan] = super().get_queryset(request)
        return plans.annotate(customer_count=Count("customers"))

    @display(description="Customers", ordering="customer_count")
    def customers(self, plan: Plan) -> SafeString:
        count: int = plan.customer_count  # type: ignore[attr-defined]
        return _link("people_customer", {"plan__id__exact": plan.pk}, str(count))


class ContactInline(NamedRows):
    """People at a customer. Adding and removing one is a change of the customer."""

    model = Contact
    extra = 0
    hide_title = True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("people.change_customer"))


@admin.register(Customer)
class CustomerAdmin(AuditedAdmin):
    """Customers, with their contacts and the way to their documents and tickets."""

    # list
    list_display = ("customer", "plan", "stage_label", "account_manager", "domains", "documents", "tickets")
    list_select_related = ("plan", "account_manager")
    list_filter = (
        ("plan", RelatedDropdownFilter),
        ("stage", ChoicesDropdownFilter),
        ("account_manager", AutocompleteSelectFilter),
    )
    list_filter_submit = True
    search_fields = ("name", "slug", "email_domains")
    search_help_text = "A name, short name or email domain"
    ordering = ("name",)
    list_fullwidth = True

    # form
    form = CustomerForm
    inlines = (ContactInline,)
    autocomplete_fields = ("account_manager",)
    prepopulated_fields = {"slug": ("name",)}
    fieldsets = (
        (None, {"fields": (("name", "slug"), ("plan", "stage"), "account_manager", "email_domains")}),
        ("Documents", {"fields": (("account_url", "deployment_url"), "notes")}),
    )

    # behaviour
    actions_detail = ("audit_log",)

    def has_read_audit_log_permission(self, request: HttpRequest, object_id: object = None) -> bool:
        return request.user.has_perm("trail.view_storedevent")

    @action(description="Audit log", url_path="audit-log", icon="policy", permissions=["read_audit_log"])
    def audit_log(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What happened for the customer."""
        customer = self.get_object(request, object_id)
        if customer is None:
            raise Http404
        return HttpResponseRedirect(reverse("trail_audit_of", args=[customer.slug]))

    def stories(self, obj: Any) -> list[Story]:
        return [replace(story, whole=urlencode({"customer": obj.slug})) for story in super().stories(obj)]

    @display(description="Customer", ordering="name", header=True)
    def customer(self, customer: Customer) -> list[str]:
        return [customer.name, customer.slug]

    @display(description="Stage", ordering="stage", label={"Customer": "success", "Prospect": "info"})
    def stage_label(self, customer: Customer) -> str:
        return customer.get_stage_display()

    @display(description="Domains")
    def domains(self, customer: Customer) -> str:
        return ", ".join(customer.email_domains) or "–"

    @display(description="Documents")
    def documents(self, customer: Customer) -> str:
        links = [
            format_html('<a class="portal-link" href="{}" target="_blank" rel="noopener">{}</a>', address, name)
            for name, address in (("Account", customer.account_url), ("Deployment", customer.deployment_url))
            if address
        ]
        return SafeString(" · ".join(links)) if links else "–"

    @display(description="Tickets")
    def tickets(self, customer: Customer) -> SafeString:
        return _link("tickets_ticket", {"customer__id__exact": customer.pk}, "Show")


@admin.register(Team)
class TeamAdmin(AuditedAdmin):
    """Teams and who is in them."""

    list_display = ("name", "kind_label", "channel", "user_group", "people")
    list_select_related = ("channel",)
    list_filter = (("kind", ChoicesDropdownFilter),)
    search_fields = ("name", "slug", "members__first_name", "members__last_name", "members__email")
    search_help_text = "A team's name, or a member's"
    autocomplete_fields = ("channel", "members")
    prepopulated_fields = {"slug": ("name",)}
    fieldsets = (
        (None, {"fields": (("name", "slug"), "kind", "members")}),
        ("In Slack", {"fields": (("channel", "user_group"),)}),
    )
    actions_detail = ("page_steps",)

    def has_steps_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        """For the page's button: who may look at the team's steps, or set them."""
        key = str(object_id)
        team = Team.objects.filter(pk=int(key)).first() if key.isdecimal() and len(key) <= 18 else None
        return team is not None and steps_of_team(team, request.user) is not None  # type: ignore[arg-type]

    @action(description="Steps for its pages", icon="stairs", permissions=["steps"], url_path="page-steps")
    def page_steps(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The team's own policy for pages, or the form that adds one, filled in."""
        team = self.get_object(request, object_id)
        steps = steps_of_team(team, request.user) if team is not None else None  # type: ignore[arg-type]
        if steps is None:
            raise Http404
        return HttpResponseRedirect(steps.address)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        teams: QuerySet[Team] = super().get_queryset(request)
        return teams.prefetch_related("members")

    @display(
        description="Kind", ordering="kind", label={"Support": "info", "Engineering": "warning", "Other": "primary"}
    )
    def kind_label(self, team: Team) -> str:
        return team.get_kind_display()

    @display(description="Members")
    def people(self, team: Team) -> str:
        return ", ".join(str(member) for member in team.members.all()) or "Nobody yet"


@admin.register(NamedGroup)
class NamedGroupAdmin(AuditedAdmin):
    """Groups that tiers name, such as the head of success."""

    list_display = ("name", "slug", "people", "hears_in")
    search_fields = ("name", "slug", "members__first_name", "members__last_name", "members__email")
    search_help_text = "A group's name, or a member's"
    form = NamedGroupForm
    autocomplete_fields = ("members",)
    prepopulated_fields = {"slug": ("name",)}
    fields = ("name", "slug", "members")

    def get_queryset(self, request: HttpRequest) -> QuerySet[NamedGroup]:
        groups: QuerySet[NamedGroup] = super().get_queryset(request)
        return groups.prefetch_related("members", "tiers__policy")

    @display(description="Members")
    def people(self, group: NamedGroup) -> str:
        names = [str(member) for member in group.members.all() if member.is_active]
        return ", ".join(names) or "Nobody: whoever is above in a policy hears instead"

    @display(description="Hears in")
    def hears_in(self, group: NamedGroup) -> str:
        return ", ".join(dict.fromkeys(str(tier.policy) for tier in group.tiers.all())) or "–"


@admin.register(Channel)
class ChannelAdmin(AuditedAdmin):
    """Slack channels somebody here speaks of."""

    list_display = ("channel", "slack_id", "used_by")
    search_fields = ("name", "slack_id")
    search_help_text = "A channel's name or Slack id"
    fields = ("slack_id", "name")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Channel]:
        channels: QuerySet[Channel] = super().get_queryset(request)
        return channels.select_related("watch").prefetch_related("policies", "teams", "tiers__policy")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # Slack's id never changes, and tickets and policies go by it.
        return ("slack_id",) if obj and not request.user.is_superuser else ()

    @display(description="Channel", ordering="name")
    def channel(self, channel: Channel) -> str:
        return str(channel)

    @display(description="Used by")
    def used_by(self, channel: Channel) -> str:
        users = [*channel.policies.all(), *(tier.policy for tier in channel.tiers.all()), *channel.teams.all()]
        watch = getattr(channel, "watch", None)
        watched = ["watched"] if watch is not None and watch.enabled else []
        return ", ".join([*watched, *dict.fromkeys(str(user) for user in users)]) or "–"


class SyncedFilter(admin.SimpleListFilter):
    """Groups that Slack says are empty: nobody would hear."""

    title = "members"
    parameter_name = "members"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("none", "Nobody"), ("some", "Somebody")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[UserGroup]) -> QuerySet[UserGroup]:
        empty = Q(member_ids=[])
        match self.value():
            case "none":
                return queryset.filter(empty)
            case "some":
                return queryset.exclude(empty)
            case _:
                return queryset


@admin.register(UserGroup)
class UserGroupAdmin(AuditedAdmin):
    """Slack's user groups, as Slack last told us."""

    list_display = ("handle_shown", "name", "slack_id", "members", "synced_at")
    list_filter = (SyncedFilter,)
    search_fields = ("handle", "name", "slack_id")
    search_help_text = "A handle, name or Slack id"
    fields = ("slack_id", "handle", "name", "member_ids", "synced_at")

    @display(description="User group", ordering="handle")
    def handle_shown(self, group: UserGroup) -> str:
        return str(group)

    @display(description="Members")
    def members(self, group: UserGroup) -> int:
        return len(group.member_ids)


def _has_more_rights(agent: Agent, request: HttpRequest) -> bool:
    """Whether the agent may do what whoever asks may not: a new password for them would open that too."""
    if agent.is_superuser:
        return True
    # Not `get_all_permissions`: it knows none of somebody who left, and who left can be taken back.
    held = Permission.objects.filter(Q(group__user=agent) | Q(user=agent))
    names = held.values_list("content_type__app_label", "codename")
    return not all(request.user.has_perm(f"{app}.{codename}") for app, codename in names)


def _link(page: str, filters: dict[str, Any], text: str) -> SafeString:
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    return format_html('<a class="portal-link" href="{}?{}">{}</a>', reverse(f"admin:{page}_changelist"), query, text)
