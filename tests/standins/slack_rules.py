"""What the Slack Web API accepts and how it pages, for the stand-in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class Refused(Exception):
    """`ok: false` with this error."""


def content(args: dict[str, Any]) -> dict[str, Any]:
    """What a message shows, checked as Slack checks it."""
    text, blocks, attachments = args.get("text") or "", args.get("blocks"), args.get("attachments")
    if not (text or blocks or attachments):
        raise Refused("no_text")
    if len(text) > 40_000:
        raise Refused("msg_too_long")
    checked: dict[str, Any] = {"text": text}
    if blocks:
        checked["blocks"] = checked_blocks(blocks, 50)
    if attachments:
        checked["attachments"] = attachments
    if metadata := args.get("metadata"):
        if not isinstance(metadata, dict) or not isinstance(metadata.get("event_payload"), dict):
            raise Refused("invalid_metadata_format")
        if not metadata.get("event_type"):
            raise Refused("invalid_metadata_format")
        checked["metadata"] = metadata
    return checked


def checked_blocks(blocks: Any, most: int) -> list[dict[str, Any]]:
    """The blocks, when they are within the limits of Block Kit."""
    if not isinstance(blocks, list) or len(blocks) > most:
        raise Refused("invalid_blocks")
    for block in blocks:
        if not isinstance(block, dict) or not block.get("type"):
            raise Refused("invalid_blocks")
        text = block.get("text")
        written = text.get("text", "") if isinstance(text, dict) else ""
        parts = block.get("elements") or block.get("fields") or []
        longest = {"section": 3_000, "header": 150}.get(block["type"])
        most_parts = {"actions": 25, "context": 10, "section": 10}.get(block["type"])
        if longest is not None and (len(written) > longest or (text is not None and not written)):
            raise Refused("invalid_blocks")
        if block["type"] in ("section", "actions", "context") and not (parts or written):
            raise Refused("invalid_blocks")
        if most_parts is not None and len(parts) > most_parts:
            raise Refused("invalid_blocks")
    return blocks


def checked_view(args: dict[str, Any]) -> dict[str, Any]:
    """The modal or home tab in `args`, checked as Slack checks it."""
    view = args.get("view")
    if not isinstance(view, dict) or view.get("type") not in ("modal", "home"):
        raise Refused("invalid_arguments")
    title = view.get("title") or {}
    if view["type"] == "modal" and not 0 < len(title.get("text", "")) <= 24:
        raise Refused("invalid_arguments")
    if len(view.get("private_metadata") or "") > 3_000:
        raise Refused("invalid_arguments")
    blocks = checked_blocks(view.get("blocks"), 100)
    fields = [block for block in blocks if block["type"] == "input"]
    if len({block.get("block_id") for block in fields}) != len(fields):
        raise Refused("invalid_blocks")
    for block in fields:
        _check_field(block)
    return dict(view) | {"blocks": blocks}


def _check_field(block: dict[str, Any]) -> None:
    """Slack's limits of one field of a modal."""
    element, first = block["element"], block["element"].get("initial_value") or ""
    options = element.get("options")
    all_of_them = [*(options or ()), *element.get("initial_options", ())]
    if isinstance(option := element.get("initial_option"), dict):
        all_of_them.append(option)
    if (
        (options is not None and not 0 < len(options) <= 100)
        or element.get("initial_options") == []
        or any(len(each["text"]["text"]) > 75 or not 0 < len(each["value"]) <= 150 for each in all_of_them)
        or not 0 < element.get("max_length", 1) <= 3_000
        or len(first) > element.get("max_length", 3_000)
        or len(block["label"]["text"]) > 2_000
        or len((block.get("hint") or {}).get("text", "")) > 2_000
        or len((element.get("placeholder") or {}).get("text", "")) > 150
        or ("initial_date_time" in element and len(str(element["initial_date_time"])) != 10)
    ):
        raise Refused("invalid_blocks")


def shown(message: dict[str, Any], args: dict[str, Any]) -> dict[str, Any]:
    """The message as a read shows it: metadata only when asked for."""
    with_metadata = is_true(args.get("include_all_metadata"))
    return {key: value for key, value in message.items() if with_metadata or key != "metadata"}


def between(messages: Iterable[dict[str, Any]], args: dict[str, Any]) -> list[dict[str, Any]]:
    """Those after `oldest` and before `latest`; with `inclusive` those at them too."""
    oldest = order(args.get("oldest") or "0")
    latest = order(args["latest"]) if args.get("latest") else (1 << 62, 0)
    if is_true(args.get("inclusive")):
        return [m for m in messages if oldest <= order(m["ts"]) <= latest]
    return [m for m in messages if oldest < order(m["ts"]) < latest]


def page_of(items: list[Any], args: dict[str, Any], name: str, usual: int) -> tuple[dict[str, Any], bool]:
    """A page of `items`, and whether more follow. A cursor names the last seen, for new ones come."""
    limit = min(max(int(args.get("limit") or usual), 1), 1000)
    start = 0
    if cursor := args.get("cursor"):
        places = [place for place, item in enumerate(items) if _cursor(item) == cursor]
        if not places:
            raise Refused("invalid_cursor")
        start = places[0] + 1
    page = items[start : start + limit]
    more = start + limit < len(items)
    return {name: page, "response_metadata": {"next_cursor": _cursor(page[-1]) if more else ""}}, more


def _cursor(item: dict[str, Any]) -> str:
    return f"next:{item.get('ts') or item['id']}"


def order(value: Any) -> tuple[int, int]:
    """A ts as a pair that sorts."""
    seconds, _, rest = str(value).partition(".")
    try:
        return int(seconds or 0), int((rest + "000000")[:6])
    except ValueError:
        raise Refused("invalid_ts_oldest")


def is_true(value: Any) -> bool:
    return value is True or str(value).lower() in ("1", "true")
