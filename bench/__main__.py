"""`make bench`: every figure, or those named on the command line."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

FIGURES = ("sweep", "status_page", "ticket_list", "ingest", "lateness", "trail", "rotations", "incident_figures")


def main() -> None:
    names = sys.argv[1:] or FIGURES
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    print(f"{machine}; ratios hold, times are noisy.")
    for name in names:
        # A process each: every figure has a database and settings of its own.
        print(f"\n{name}", flush=True)
        subprocess.run([sys.executable, "-c", f"from bench import {name}; {name}.main()"], check=True)


if __name__ == "__main__":
    unknown = set(sys.argv[1:]) - set(FIGURES)
    if unknown:
        sys.exit(f"No such figure: {', '.join(unknown)}. There are {', '.join(FIGURES)}.")
    main()
