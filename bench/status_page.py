"""How many readers of the status page a second, against a view of constant bytes on the same server."""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import threading
import time

from bench import ground

ROUNDS, SECONDS, READERS = 7, 1.5, 8
# What is asked, as what; the first is what the others are held to.
BARE = "a view of constant bytes"
FILL = """
import django; django.setup()
from datetime import timedelta
from django.utils import timezone
from apps.escalations.models import Beat
from apps.incidents import services
from apps.incidents.models import Component, ComponentGroup
from apps.people.acting import Acting
from apps.statuspage.models import Edition
from apps.statuspage.rendering import render
now, by = timezone.now(), Acting(None, "Bench")
group = ComponentGroup.objects.create(name="Product", created_at=now, updated_at=now)
for number in range(12):
    Component.objects.create(
        name=f"Component {number}", slug=f"c{number}", group=group, position=number,
        created_at=now - timedelta(days=200), updated_at=now,
    )
for number in range(30):
    at = now - timedelta(days=2 * number, hours=3)
    incident, _ = services.declare(
        title=f"Incident {number}", by=by, now=at, severity="sev-2", public_text="We look into it.",
        components=[{"slug": f"c{number % 12}", "status": "partial_outage"}],
    )
    if number:
        services.close(incident, by=by, now=at + timedelta(minutes=40), public_text="All is well again.")
render(now=now)
# Nobody renders meanwhile.
later = now + timedelta(hours=1)
Edition.objects.update(rendered_at=later)
Beat.objects.update_or_create(name="worker", defaults={"at": later})
"""


def main() -> None:
    with ground.home() as folder:
        env = ground.environment(folder) | {"DJANGO_SETTINGS_MODULE": "supportops.settings"}
        ground.manage("migrate", env=env)
        ground.manage("collectstatic", "--noinput", env=env)
        filled = subprocess.run([sys.executable, "-c", FILL], cwd=ground.ROOT, env={**os.environ, **env}, check=False)
        assert filled.returncode == 0
        port = ground.free_port()
        web = ground.spawn(
            sys.executable, "-m", "gunicorn", "bench.bare:application", "--bind", f"127.0.0.1:{port}", env=env
        )
        try:
            ground.wait_for(port)
            measure(port)
        finally:
            ground.end(web)


def measure(port: int) -> None:
    etag = header(ask(port, request("/status/")), "ETag")
    asked = {
        BARE: request("/bare/"),
        "GET /status/": request("/status/"),
        "GET /status/, packed": request("/status/", "Accept-Encoding: gzip"),
        "GET /status/ that the reader has (304)": request("/status/", f"If-None-Match: {etag}"),
        "GET /api/v2/summary.json": request("/api/v2/summary.json"),
        "GET /api/v2/summary.json that the client has (304)": request(
            "/api/v2/summary.json", f"If-None-Match: {header(ask(port, request('/api/v2/summary.json')), 'ETag')}"
        ),
    }
    found: dict[str, list[float]] = {name: [] for name in asked}
    for turn in range(ROUNDS + 1):
        # One after the other, again and again: a noisy machine is noisy for all of them.
        for name, sent in asked.items():
            rate = rate_of(port, sent)
            if turn:
                found[name].append(rate)
    bare = statistics.median(found[BARE])
    for name, rates in found.items():
        each = statistics.median(rates)
        size = len(ask(port, asked[name])) / 1024
        ground.say(f"{name}, {size:.1f} KiB: a second, against constant bytes", f"{each:.0f}, {each / bare:.2f} ×")


def request(path: str, *headers: str) -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def ask(port: int, sent: bytes) -> bytes:
    """A whole answer."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(sent.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        found = b""
        while part := connection.recv(65_536):
            found += part
    return found


def header(answer: bytes, name: str) -> str:
    for line in answer.split(b"\r\n\r\n")[0].decode().split("\r\n"):
        if line.lower().startswith(f"{name.lower()}: "):
            return line.split(": ", 1)[1]
    raise AssertionError(f"No {name} in {answer[:300]!r}")


def rate_of(port: int, sent: bytes) -> float:
    """Answers a second, to several readers that keep their connections."""
    counts = [0] * READERS
    until = time.perf_counter() + SECONDS

    def read(number: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            while time.perf_counter() < until:
                connection.sendall(sent)
                head = b""
                while b"\r\n\r\n" not in head:
                    part = connection.recv(262_144)
                    assert part, head
                    head += part
                top, _, body = head.partition(b"\r\n\r\n")
                status = top[9:12]
                assert status in (b"200", b"304"), top
                length = 0 if status == b"304" else int(header(head, "Content-Length"))
                got = len(body)
                while got < length:
                    got += len(connection.recv(262_144))
                counts[number] += 1

    started = time.perf_counter()
    threads = [threading.Thread(target=read, args=(number,)) for number in range(READERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - started)
