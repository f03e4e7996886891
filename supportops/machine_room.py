"""django-q2's pages in the portal's words: what runs when, how it went, and what waits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_q.admin import FailAdmin, QueueAdmin, ScheduleAdmin, TaskAdmin
from django_q.models import Failure, OrmQ, Schedule, Success, Task
from unfold.decorators import display

from apps.dashboard import moments
from apps.trail.audited import AuditedAdmin
from supportops.schedules import PREFIX


def job_name(name: str | None, function: str) -> str:
    """What people call a job: its own name without our prefix, else its function's in words."""
    own = (name or "").removeprefix(PREFIX)
    return own or function.rpartition(".")[2].replace("_", " ").capitalize()


def took(duration: timedelta) -> str:
    """`0.1 s`, `59.9 s`, `2 min`."""
    return f"{duration.total_seconds():.1f} s" if duration < moments.MINUTE else moments.rough(duration)


class Room(AuditedAdmin):
    """A page whose rows are jobs: the heading is the job's name, not its function."""

    list_fullwidth = True

    def job_of(self, row: Any) -> str:
        """What people call the row's job."""
        raise NotImplementedError

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponseBase:
        row = self.get_object(request, object_id) if object_id else None
        heading = {"heading": self.job_of(row)} if row is not None else {}
        response: HttpResponseBase = super().changeform_view(
            request, object_id, form_url, {**(extra_context or {}), **heading}
        )
        return response


class ScheduledJobs(Room, ScheduleAdmin):
    """The table of scheduled jobs, as supportops.schedules wrote it."""

    list_display = ("job", "cadence", "last", "next")
    list_display_links = ("job",)
    list_filter = ("schedule_type",)
    search_help_text = "A job's name or function"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Schedule]:
        started = Task.objects.filter(id=OuterRef("task")).values("started")
        rows: QuerySet[Schedule] = super().get_queryset(request).annotate(task_started=Subquery(started))
        return rows

    def job_of(self, row: Any) -> str:
        return job_name(row.name, row.func)

    @display(description="Job", ordering="name", header=True)
    def job(self, row: Schedule) -> list[str]:
        return [self.job_of(row), row.func]

    @display(description="How often", ordering="minutes")
    def cadence(self, row: Schedule) -> str:
        if row.schedule_type == Schedule.MINUTES:
            often = "Every minute" if row.minutes == 1 else f"Every {row.minutes} min"
        elif row.schedule_type == Schedule.CRON:
            often = f"By cron: {row.cron}"
        else:
            often = str(row.get_schedule_type_display())
        return often if row.repeats < 0 else f"{often}, {row.repeats} more"

    @display(description="Last run")
    def last(self, row: Any) -> SafeString | str:
        if row.task_id is None:
            return "Not yet"
        model = "success" if row.task_success else "failure"
        return format_html(
            '<a class="portal-link" href="{}">{}</a>, {}',
            reverse(f"admin:django_q_{model}_change", args=[row.task_id]),
            "Worked" if row.task_success else "Failed",
            moments.ago(row.task_started, timezone.now()),
        )

    @display(description="Next run", ordering="next_run")
    def next(self, row: Schedule) -> SafeString:
        return moments.moment(row.next_run, timezone.now())


class Ended(Room):
    """What the pages of finished and of failed jobs share."""

    list_display_links = ("job",)
    list_filter = ()
    search_help_text = "A job's name or function"

    def job_of(self, row: Any) -> str:
        return job_name(row.group, row.func)

    @display(description="Job", ordering="group", header=True)
    def job(self, row: Task) -> list[str]:
        return [self.job_of(row), row.func]

    @display(description="Began", ordering="started")
    def began(self, row: Task) -> SafeString:
        return moments.moment(row.started, timezone.now())

    @display(description="Took")
    def lasted(self, row: Task) -> str:
        return took(row.stopped - row.started)


class FinishedJobs(Ended, TaskAdmin):
    """Jobs that ended well."""

    list_display = ("job", "began", "lasted", "outcome")

    @display(description="What came of it", empty_value="–")
    def outcome(self, row: Task) -> str | None:
        return str(row.result)[:200] if row.result is not None else None


class FailedJobs(Ended, FailAdmin):
    """Jobs that raised."""

    list_display = ("job", "began", "lasted", "why")

    @display(description="Why", empty_value="–")
    def why(self, row: Task) -> str | None:
        # django-q2 keeps "the error : the traceback"; a list has room for the error.
        return str(row.result or "").partition(" : ")[0][:200] or None


class WaitingJobs(Room, QueueAdmin):
    """What waits in the database's queue; empty where another broker is set."""

    list_display = ("job", "taken")
    list_display_links = ("job",)
    list_filter = ()

    def job_of(self, row: Any) -> str:
        return job_name(row.group(), str(row.func() or "Unreadable"))

    @display(description="Job", header=True)
    def job(self, row: OrmQ) -> list[str]:
        return [self.job_of(row), str(row.func() or "")]

    @display(description="State", ordering="lock")
    def taken(self, row: OrmQ) -> SafeString | str:
        now = timezone.now()
        lock: datetime | None = row.lock
        return format_html("Taken, until {}", moments.moment(lock, now)) if lock and lock > now else "Waits"


def register() -> None:
    """These in the place of django-q2's own; its queue is there only where the database is the broker."""
    rooms = ((Schedule, ScheduledJobs), (Success, FinishedJobs), (Failure, FailedJobs), (OrmQ, WaitingJobs))
    for model, room in rooms:
        if admin.site.is_registered(model):
            admin.site.unregister(model)
            admin.site.register(model, room)
