"""Which tests go to which process, and in what order, when several processes share them (`-n 3 --dist loadfile`)."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

BROWSER = "tests/browser"
# Where the portal's runs are ended, killed and begun anew, when the browser's tests have done with it.
RUNS = "tests/ground/test_run.py"


class ByHouse(LoadFileScheduling):
    """A file's tests stay together, and those of the browser do as a whole: one portal and one Chromium serve them."""

    def _split_scope(self, nodeid: str) -> str:
        return house(nodeid)


def house(nodeid: str) -> str:
    """What stays together: the file; or all who use the demo portal, the browser's tests first."""
    file = nodeid.partition("::")[0]
    return BROWSER if file == RUNS or file.startswith(f"{BROWSER}/") else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByHouse | None:
    if config.getvalue("dist") != "loadfile":
        return None
    # In the order of the collection, which is ours.
    config.option.loadscopereorder = False
    return ByHouse(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What starts processes of its own takes longest, so it goes first and the end is not spent waiting for it.

    The others by how many tests there are in a file: the smallest last.
    """
    if not hasattr(config, "workerinput"):
        return
    size = Counter(house(item.nodeid) for item in items)
    slow = {house(item.nodeid) for item in items if any(map(item.get_closest_marker, ("browser", "worker")))}

    def place(item: pytest.Item) -> tuple[bool, int, str]:
        where = house(item.nodeid)
        return where not in slow, -size[where], where

    items.sort(key=place)
