"""What a request for help looks like in JSON."""

from __future__ import annotations

from datetime import date
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.api.fields import Instant
from apps.rfhs.models import RFH, Issue, Note
from apps.rfhs.routing.proposing import Proposal, propose_for
from apps.rfhs.routing.reaching import known_groups, reach
from apps.rfhs.states import WITH_SUPPORT


class SuggestedTeam(serializers.Serializer[Any]):
    """A team a text could go to, the likeliest first. A person decides."""

    team = serializers.CharField(help_text="The team's slug.")
    area = serializers.CharField(help_text="The area's slug; empty when an alert or dashboard of the team was named.")
    score = serializers.IntegerField()
    matched = serializers.ListField(child=serializers.CharField(), help_text="The table's words that the text has.")
    team_name = serializers.CharField()
    area_name = serializers.CharField()
    engineering = serializers.BooleanField(help_text="false: it makes no issue and does not count.")
    sub_team = serializers.CharField(help_text="The part of the team whose words it has; empty when none has more.")
    ask = serializers.CharField(help_text="What tells it apart from another suggestion; empty: nothing is to be asked.")
    via = serializers.CharField(help_text="Who passes it on, such as CE.")
    channel = serializers.CharField(help_text="The Slack channel's id in which the team hears.")
    handle = serializers.CharField(help_text="The Slack handle of who helps support there.")
    lacks = serializers.ListField(
        child=serializers.CharField(), help_text="What has to be added before the team hears as it should."
    )


def suggested(proposals: list[Proposal]) -> list[dict[str, Any]]:
    """The proposals as SuggestedTeam has them."""
    groups = known_groups() if proposals else {}
    return [_suggested(each, groups) for each in proposals]


def _suggested(each: Proposal, groups: Any) -> dict[str, Any]:
    how = reach(each.team, each.area, each.sub_team, groups=groups)
    return {
        "team": each.team.slug,
        "area": each.area.slug if each.area else "",
        "score": each.score,
        "matched": each.matched,
        "team_name": each.team.name,
        "area_name": each.area.name if each.area else "",
        "engineering": each.engineering,
        "sub_team": each.sub_team,
        "ask": each.ask,
        "via": each.via,
        "channel": how.channel,
        "handle": how.handle,
        "lacks": how.lacks,
    }


class IssueSerializer(serializers.ModelSerializer[Issue]):
    """An issue in a tracker; without a number it is not made yet, and `error` says what keeps it."""

    class Meta:
        model = Issue
        fields = ["tracker", "making", "repository", "number", "url", "state", "labels", "error"]
        read_only_fields = fields


class RFHSerializer(serializers.ModelSerializer[RFH]):
    """A request for help."""

    context = serializers.DictField(  # type: ignore[assignment]
        child=serializers.CharField(), help_text="What is known, by its name."
    )
    context_missing = serializers.SerializerMethodField(help_text="Names of what the context lacks.")
    ticket = serializers.SlugRelatedField[Any]("number", read_only=True, allow_null=True)
    customer = serializers.SlugRelatedField[Any]("slug", read_only=True, allow_null=True)
    team = serializers.SlugRelatedField[Any]("slug", read_only=True, allow_null=True, help_text="Who has it.")
    area = serializers.SlugRelatedField[Any]("slug", read_only=True, allow_null=True)
    communicator = serializers.SlugRelatedField[Any](
        "slug", read_only=True, allow_null=True, help_text="The team that goes on telling how it goes."
    )
    accountable = serializers.EmailField(
        source="accountable.email", allow_null=True, default=None, help_text="Who answers to the customer to the end."
    )
    owner = serializers.EmailField(source="owner.email", allow_null=True, default=None, help_text="Who works on it.")
    issue_url = serializers.SerializerMethodField(help_text="Empty: there is no issue yet, or none is made.")
    issues = IssueSerializer(many=True)
    opened_at = Instant()
    asked_teammates_at = Instant(allow_null=True)
    filed_at = Instant(allow_null=True)
    acknowledged_at = Instant(allow_null=True)
    started_at = Instant(allow_null=True)
    handed_over_at = Instant(allow_null=True)
    answered_at = Instant(allow_null=True)
    ended_at = Instant(allow_null=True)
    moved_at = Instant(help_text="The last step.")
    estimated_at = Instant(allow_null=True)
    version = serializers.IntegerField(help_text="One more with every write: sent back, it guards what you read.")

    class Meta:
        model = RFH
        fields = [
            "id",
            "state",
            "context_missing",
            "ticket",
            "customer",
            "summary",
            "description",
            "kind",
            "priority",
            "priority_because",
            "context",
            "source",
            "timeline",
            "team",
            "sub_team",
            "area",
            "communicator",
            "accountable",
            "owner",
            "asked_by",
            "skipped_teammates_because",
            "issue_url",
            "issues",
            "set_item",
            "affects_several",
            "production",
            "bug_class",
            "level",
            "symptoms",
            "estimate",
            "estimated_by",
            "estimated_at",
            "works_with_customer",
            "answer",
            "answered_by",
            "learned",
            "solved_by",
            "outcome",
            "opened_at",
            "asked_teammates_at",
            "filed_at",
            "acknowledged_at",
            "started_at",
            "handed_over_at",
            "answered_at",
            "ended_at",
            "moved_at",
            "version",
        ]
        read_only_fields = fields

    def get_context_missing(self, rfh: RFH) -> list[str]:
        return [detail.name for detail in rfh.missing]

    def get_issue_url(self, rfh: RFH) -> str:
        return next((issue.url for issue in rfh.issues.all() if issue.url), "")


class RFHDetailSerializer(RFHSerializer):
    """A request for help, with the teams it could go to while support still has it."""

    suggested_teams = serializers.SerializerMethodField(help_text="Empty once it is filed, or when no word matched.")

    class Meta(RFHSerializer.Meta):
        fields = [*RFHSerializer.Meta.fields[:3], "suggested_teams", *RFHSerializer.Meta.fields[3:]]
        read_only_fields = fields

    @extend_schema_field(SuggestedTeam(many=True))
    def get_suggested_teams(self, rfh: RFH) -> list[dict[str, Any]]:
        today: date = self.context["view"].today  # type: ignore[index]
        return suggested(propose_for(rfh, today=today)) if rfh.at in WITH_SUPPORT else []


class NoteSerializer(serializers.ModelSerializer[Note]):
    """What was said about a request: an update, a comment of its issue, or a word among us."""

    at = Instant()

    class Meta:
        model = Note
        fields = ["kind", "text", "by", "at", "url"]
        read_only_fields = fields
