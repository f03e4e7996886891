"""Socket Mode: envelopes over a real WebSocket go the way of the web."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from apps.integrations.slack.models import SlackEvent
from tests.slack.inbound import HERE, ago, watch
from tests.standins import slack_payloads as payloads

ROOT = Path(__file__).resolve().parents[2]


class SocketModeServer:
    """Slack's end of Socket Mode: says where to connect, sends envelopes, hears the answers."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.connected = threading.Event()
        self._peer: socket.socket | None = None
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._listening.accept()
            except OSError:
                return
            head = b""
            while b"\r\n\r\n" not in head:
                head += peer.recv(4096)
            if head.startswith(b"POST"):
                body = json.dumps({"ok": True, "url": f"ws://127.0.0.1:{self.port}/link"}).encode()
                peer.sendall(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
                    b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
                )
                peer.close()
                continue
            key = next(
                line.split(b": ")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key")
            )
            accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
            peer.sendall(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
            )
            self._peer = peer
            self.connected.set()

    def ask(self, envelope: dict[str, Any], seconds: float = 15) -> dict[str, Any]:
        """Send an envelope and wait for its answer."""
        assert self._peer is not None
        raw = json.dumps(envelope).encode()
        self._peer.sendall(b"\x81\x7e" + struct.pack(">H", len(raw)) + raw)
        self._peer.settimeout(seconds)
        while True:
            opcode, text = self._frame()
            if opcode == 1:
                heard: dict[str, Any] = json.loads(text)
                return heard

    def _frame(self) -> tuple[int, bytes]:
        first, second = self._exactly(2)
        length = second & 0x7F
        if length == 126:
            [length] = struct.unpack(">H", self._exactly(2))
        mask = self._exactly(4) if second & 0x80 else b"\0\0\0\0"
        data = self._exactly(length)
        return first & 0x0F, bytes(byte ^ mask[place % 4] for place, byte in enumerate(data))

    def _exactly(self, count: int) -> bytes:
        assert self._peer is not None
        read = b""
        while len(read) < count:
            more = self._peer.recv(count - len(read))
            assert more, "the connection ended"
            read += more
        return read

    def close(self) -> None:
        for end in (self._listening, self._peer):
            if end is not None:
                end.close()


@pytest.fixture
def server() -> Iterator[SocketModeServer]:
    serving = SocketModeServer()
    yield serving
    serving.close()


def test_without_a_token_one_sentence_says_what_is_missing() -> None:
    with pytest.raises(CommandError, match="SLACK_APP_TOKEN is not set"):
        call_command("slack_socket", stdout=StringIO())


def test_a_slack_that_cannot_be_reached_is_one_sentence(settings: object) -> None:
    settings.SLACK_APP_TOKEN = "xapp-1"  # type: ignore[attr-defined]
    settings.SLACK_API_URL = "http://127.0.0.1:9/"  # type: ignore[attr-defined]
    from_before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)

    try:
        with pytest.raises(CommandError, match="cannot be reached"):
            call_command("slack_socket", stdout=StringIO())
    finally:
        signal.signal(signal.SIGTERM, from_before[0])
        signal.signal(signal.SIGINT, from_before[1])


@pytest.mark.worker
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_envelopes_are_answered_and_kept_until_it_is_told_to_stop(server: SocketModeServer, stop: int) -> None:
    watch()
    message = payloads.bot_message(HERE, ago(), attachments=payloads.ticket_lines("1"))
    mention = payloads.app_mention(HERE, ago(), user="UANA")
    process = start(server)
    try:
        assert server.connected.wait(30)

        answered = [
            server.ask(
                {"envelope_id": "e1", "type": "events_api", "payload": json.loads(payloads.event_callback(body))}
            )
            for body in (message, mention)
        ]
        unknown = server.ask(
            {"envelope_id": "e2", "type": "slash_commands", "payload": {"command": "/nothing", "user_id": "U1"}}
        )
        rubbish = server.ask({"envelope_id": "e3", "type": "events_api", "payload": {"type": "event_callback"}})
    finally:
        process.send_signal(stop)
        said, _ = process.communicate(timeout=15)

    assert [answer["envelope_id"] for answer in answered] == ["e1", "e1"]
    assert unknown["payload"]["text"] == "I do not know /nothing."
    assert rubbish["envelope_id"] == "e3"
    assert {event.kind for event in SlackEvent.objects.all()} == {"message", "app_mention"}
    assert process.returncode == 0
    assert "Stopped." in said


def start(server: SocketModeServer) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "SLACK_APP_TOKEN": "xapp-1",
        "SLACK_API_URL": f"http://127.0.0.1:{server.port}/api/",
        "SLACK_TEST_DATABASE": str(connection.settings_dict["NAME"]),
    }
    program = (
        "import os, django; django.setup()\n"
        "from django.conf import settings\n"
        "from django.db import connection\n"
        "settings.DATABASES['default']['NAME'] = connection.settings_dict['NAME'] = os.environ['SLACK_TEST_DATABASE']\n"
        "from django.core.management import call_command\n"
        "call_command('slack_socket')\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**environment, "DJANGO_SETTINGS_MODULE": "supportops.settings"},
        stdout=subprocess.PIPE,
        text=True,
    )
