"""The only writers of incidents."""

from apps.incidents.services.changing import change
from apps.incidents.services.components import (
    OF_COMPONENT,
    OF_GROUP,
    archive,
    restore,
    save_component,
    save_group,
)
from apps.incidents.services.declaring import declare
from apps.incidents.services.linking import link
from apps.incidents.services.pins import keep_pin, remove_pin
from apps.incidents.services.publishing import decline, edit_update, publish, unpublish
from apps.incidents.services.severities import save_severity
from apps.incidents.services.speaking import note_channel, note_thread, open_channel, refuse_channel
from apps.incidents.services.updating import acknowledge, close, link_rca, mark_invalid, post_update, reopen

__all__ = [
    "OF_COMPONENT",
    "OF_GROUP",
    "acknowledge",
    "archive",
    "change",
    "close",
    "declare",
    "decline",
    "edit_update",
    "keep_pin",
    "link",
    "link_rca",
    "mark_invalid",
    "note_channel",
    "note_thread",
    "open_channel",
    "post_update",
    "publish",
    "refuse_channel",
    "remove_pin",
    "reopen",
    "restore",
    "save_component",
    "save_group",
    "save_severity",
    "unpublish",
]
