"""`manage.py shell`: Django's, on the trail when somebody says who is at work and for which issue, else for looking."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.commands import shell

from apps.trail.console.commands import Console
from apps.trail.console.inline import Trail
from apps.trail.console.looking import only_looks

LOOKING = "(only looking) >>> "


class Command(Console, shell.Command):
    help = (
        "Opens Python at the portal's own code, or runs a script: -c CODE, or standard input. It asks who you are and "
        "which issue you work on, and takes --as and --for; a script is asked nothing. Without them nothing can be "
        "changed. With them it is on the trail, the script too, and everything it changes names it as the cause. "
        '`trail.publish("VatRateCorrected", data={…}, about=[…])` puts an event of your own there.'
    )
    console = "shell"

    def handle(self, **options: Any) -> None:
        code: str | None = options["command"]
        if code is None and not sys.stdin.isatty() and not options["interface"]:
            # Whole and first: a script is never taken for answers.
            code = sys.stdin.read()
        at_prompt = code is None
        with self.opened(options, code=code or "", at_prompt=at_prompt):
            if at_prompt:
                if only_looks():
                    sys.ps1 = LOOKING
                super().handle(**options)
            elif code:
                super().handle(**{**options, "command": code})

    def get_namespace(self, **options: Any) -> dict[str, Any]:
        return {**super().get_namespace(**options), "trail": Trail()}
