"""Watched channels through the API."""

from __future__ import annotations

from rest_framework import serializers

from apps.api.fields import Called, Duration, Strict
from apps.api.routes import ConfiguredSet
from apps.integrations.slack import configuring
from apps.integrations.slack.configuring import WatchRefused
from apps.integrations.slack.models import WatchedChannel
from apps.people.models import Plan


class WatchedChannelSerializer(Strict, serializers.ModelSerializer[WatchedChannel]):
    """A channel in which ticket messages appear."""

    slack_id = serializers.RegexField(
        r"^[CGD][A-Z0-9]{2,19}$",
        source="channel.slack_id",
        help_text="The channel's id, such as C024BE91L. It cannot be changed.",
        error_messages={"invalid": "This is not a Slack channel's id, such as C024BE91L."},
    )
    name = serializers.CharField(
        source="channel.name", max_length=80, required=False, allow_blank=True, help_text="Without the #."
    )
    plan = Called("slug", noun="plan", queryset=Plan.objects.all(), allow_null=True, required=False)
    horizon = Duration(required=False)

    class Meta:
        model = WatchedChannel
        fields = ["slack_id", "name", "plan", "horizon", "pattern", "enabled"]

    def validate(self, attrs: dict[str, object]) -> dict[str, object]:
        channel = attrs.pop("channel", {})
        assert isinstance(channel, dict)
        if self.instance is not None and channel.get("slack_id", "") not in (
            "",
            self.instance.channel.slack_id,
        ):
            raise serializers.ValidationError({"slack_id": "A watched channel cannot become another channel."})
        return {**attrs, **channel}


class WatchedChannelSet(ConfiguredSet):
    """Watched channels. One that is watched no more is switched off."""

    queryset = WatchedChannel.objects.select_related("channel", "plan")
    serializer_class = WatchedChannelSerializer
    lookup_field = "channel__slack_id"
    lookup_url_kwarg = "slack_id"
    filterset_fields = ["enabled"]
    refusals = {WatchRefused: 400}
    save = configuring.save_watched_channel

    def sent_as(self, path: str) -> str:
        return {"channel": "slack_id"}.get(path, path)
