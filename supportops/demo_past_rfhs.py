"""What the demo organisation was asked in the months before, and what it learned."""

from __future__ import annotations

# Subjects of tickets, the latest first; each is four days before the one above.
PASSED: tuple[str, ...] = (
    "Two-factor sign-in asks twice",
    "Archive of a channel is empty",
    "Indexing stops at one repository",
    "Notifications arrive at night",
    "Cannot change the workspace's name",
    "Licence shows the wrong number of seats",
    "Guests see members' addresses",
    "Upgrade job waits for a lock",
    "Mail digest in the wrong language",
    "Where are audit logs kept?",
    "Avatars are blurred on Android",
    "Webhook answers 403",
    "Go to definition opens the wrong branch",
    "Calls drop after ten minutes",
    "Old links lead nowhere",
    "Import from Slack skips threads",
    "A plugin cannot be switched off",
    "Syncing repositories takes a day",
    "Message is sent twice on retry",
    "Status does not clear by itself",
    "Attachments over 50 MB fail",
    "Dark mode hides the cursor",
    "Search misses words with umlauts",
    "Bulk invite stops at 200",
    "Pods restart when memory is fine",
    "Slash command times out",
    "Time zone of a user is wrong",
    "Board filter forgets its choice",
    "Mobile client shows an old name",
    "Where do I find the API's limits?",
)

# subject: team, area, answer, what we learned
LEARNED: dict[str, tuple[str, str, str, str]] = {
    "Indexing stops at one repository": (
        "search",
        "search",
        "One file of 3 GB. Exclude it with the index's size limit, then start the index anew.",
        "An index that stops is nearly always one very large file: look for it before asking.",
    ),
    "Upgrade job waits for a lock": (
        "delivery",
        "deployment",
        "An old worker held the migration's lock. Scale workers to zero, upgrade, scale up.",
        "Scale workers to zero before an upgrade; it is in the upgrade guide now.",
    ),
    "Go to definition opens the wrong branch": (
        "code-intelligence",
        "code-intelligence",
        "The upload was made from a detached head. Give the upload its branch.",
        "Ask for the upload's command first: without a branch it counts for the default one.",
    ),
    "Syncing repositories takes a day": (
        "repository-management",
        "code-host-connections",
        "Their code host limits a token to 5,000 calls an hour. A token of its own for syncing helps.",
        "Slow syncing with many repositories is the code host's rate limit: its header says when it ends.",
    ),
    "Search misses words with umlauts": (
        "search",
        "search",
        "The index was made with an old tokenizer. It is made anew by a re-index of that repository.",
        "After 9.6 repositories with umlauts need a re-index once.",
    ),
    "Pods restart when memory is fine": (
        "delivery",
        "deployment",
        "The liveness probe is answered by the same pool as requests. Raise its timeout to five seconds.",
        "Restarts without memory pressure: compare the probe's timeout with the slowest request.",
    ),
}

# Questions in the SET's channel, answered there.
BOTHER = (
    ("Does 10.2 still read the old configuration file?", "Yes, until 11; it warns at start."),
    ("Which log line says that LDAP synced?", "“ldap: synchronised”, at level info."),
)
