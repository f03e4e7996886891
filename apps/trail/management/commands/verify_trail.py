"""manage.py verify_trail"""

from __future__ import annotations

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.trail.seals import chain, keeping, leaves, sealing, selectors, verifying
from apps.trail.seals.chain import Head

# What --quick looks through in full, of the newest.
QUICK = 10_000


class Command(BaseCommand):
    """Reads everything under the seals again; says how far they reach, and ends with 1 when something was changed."""

    help = "Verify the trail: name the first event that is missing, altered, added or reordered since it was sealed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="start", type=int, default=1, metavar="SEAL", help="Begin with this seal.")
        parser.add_argument(
            "--head",
            action="append",
            default=[],
            metavar="FILE or TEXT",
            help="A seal that was kept outside, as seal_head prints it, or the file they were added to: "
            "shows a trail that was cut off or rewritten. May be given several times.",
        )
        parser.add_argument(
            "--quick", action="store_true", help=f"Only the chain of seals, and the newest {QUICK:,} events in full."
        )
        parser.add_argument(
            "--links", action="store_true", help="Also that each event is on the streams it is about: twice as long."
        )
        parser.add_argument(
            "--in-python", action="store_true", help="Make the hashes here, without the database's help: slower."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        heads = [head for given in options["head"] for head in heads_of(given)]
        start = options["start"]
        newest = selectors.newest()
        if newest and not 1 <= start <= newest.number:
            raise CommandError(f"There is no seal {start}; there are 1 to {newest.number}.")
        began = time.monotonic()
        verified = verifying.verify(
            start=start,
            heads=heads,
            read=leaves.made_here if options["in_python"] else leaves.between,
            links=options["links"],
            newest_events=QUICK if options["quick"] else None,
        )
        took = max(time.monotonic() - began, 0.001)
        for number, finding in enumerate(verified.findings):
            self.stdout.write(self.style.ERROR(finding.says) if number == 0 else finding.says)
        if newest:
            self.stdout.write(
                f"Looked through in {took:.1f} s: seals {verified.seals:,}, events {verified.events:,} "
                f"({verified.events / took:,.0f} a second)."
            )
            at = f"{newest.made_at:%Y-%m-%d %H:%M:%S} UTC"
            self.stdout.write(f"The seals reach event {newest.position}, sealed {at}.")
            self.stdout.write(f"The newest is {newest.head}.")
        else:
            self.stdout.write("Nothing is sealed yet: the worker seals; start manage.py worker.")
        lag = sealing.lag()
        self.stdout.write(f"Not sealed yet: {'at least ' if lag.is_cut else ''}{lag.unsealed:,} events.")
        if not verified.holds:
            raise CommandError("The trail is not as it was sealed.")
        self.stdout.write(self.style.SUCCESS("Everything looked through is as it was sealed."))
        if not heads:
            self.stdout.write("Give a seal kept elsewhere with --head to see that nothing was cut off at the end.")


def heads_of(given: str) -> list[Head]:
    """The heads in a file, or in what was typed. Raises CommandError when there are none."""
    try:
        found = chain.kept(given) or keeping.heads_in(Path(given))
    except OSError as error:
        raise CommandError(
            f"“{given[:100]}” is no seal, and no file that can be read ({error.strerror or error}): "
            "write what seal_head printed, such as seal 12 3f09…, or the file they were added to."
        )
    if not found:
        raise CommandError(f"There is no seal in {given}; seal_head {given} adds one.")
    return found
