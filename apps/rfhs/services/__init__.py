"""The only writers of requests for help."""

from apps.rfhs.services.archiving import archive, restore
from apps.rfhs.services.attaching import attach, attach_event, detach_event, remove_file
from apps.rfhs.services.collaborating import (
    ask_estimate,
    ask_to_join,
    bring_in,
    follow,
    give_estimate,
    join_customer,
    make_accountable,
    stay_behind,
)
from apps.rfhs.services.drafting import begin, change
from apps.rfhs.services.filing import Preview, preview, publish, suggested_tracker
from apps.rfhs.services.placing import back_to_rank, place
from apps.rfhs.services.preparing import prepare
from apps.rfhs.services.set_items import answered_here, make_item
from apps.rfhs.services.stepping import (
    acknowledge,
    answer,
    ask_teammates,
    file,
    hand_over,
    reopen,
    reroute,
    resolve,
    solved_by_teammate,
    start,
    withdraw,
)
from apps.rfhs.services.table import Loaded, load_table
from apps.rfhs.services.working import assign, assign_telling, note_thread, nudge, post_update

__all__ = [
    "Loaded",
    "Preview",
    "acknowledge",
    "answer",
    "answered_here",
    "archive",
    "ask_estimate",
    "ask_teammates",
    "ask_to_join",
    "assign",
    "assign_telling",
    "attach",
    "attach_event",
    "back_to_rank",
    "begin",
    "bring_in",
    "change",
    "detach_event",
    "file",
    "follow",
    "give_estimate",
    "hand_over",
    "join_customer",
    "load_table",
    "make_accountable",
    "make_item",
    "note_thread",
    "nudge",
    "place",
    "post_update",
    "prepare",
    "preview",
    "publish",
    "remove_file",
    "reopen",
    "reroute",
    "resolve",
    "restore",
    "solved_by_teammate",
    "start",
    "stay_behind",
    "suggested_tracker",
    "withdraw",
]
