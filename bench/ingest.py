"""How soon the web process acknowledges Slack, and opens a ticket by the API."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
from slack_sdk.signature import SignatureVerifier

from bench import ground

RATE = 50
SECONDS = 20


def main() -> None:
    with ground.home() as folder:
        env = ground.environment(folder)
        ground.manage("migrate", env=env)
        ground.manage("sync", env=env)
        ground.manage("collectstatic", "--noinput", env=env)
        key = subprocess.run(
            [
                sys.executable,
                "manage.py",
                "create_api_key",
                "--name",
                "bench",
                "--scope",
                "tickets",
                "--scope",
                "config",
            ],
            cwd=ground.ROOT,
            env={**os.environ, **env},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        port = ground.free_port()
        web = ground.spawn(
            sys.executable, "-m", "gunicorn", "supportops.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2",
            "--threads", "4", "--worker-class", "gthread", "--log-level", "warning", env=env,
        )  # fmt: skip
        worker = ground.spawn(sys.executable, "manage.py", "worker", env=env)
        try:
            ground.wait_for(port)
            time.sleep(5)
            rest = memory(web.pid, worker.pid)
            measure(port, key)
            busy = memory(web.pid, worker.pid)
            for name in rest:
                ground.say(f"memory of {name}: at rest, after", f"{rest[name]:.0f} MiB, {busy[name]:.0f} MiB")
        finally:
            ground.end(web)
            ground.end(worker)


def memory(web: int, worker: int) -> dict[str, float]:
    """The largest process of each kind."""
    return {
        "one web process": max(ground.resident(pid) for pid in ground.descendants(web)),
        "one worker process": max(ground.resident(pid) for pid in ground.descendants(worker)[1:]),
    }


def measure(port: int, key: str) -> None:
    base = f"http://127.0.0.1:{port}"
    authorization = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=base, headers=authorization) as client:
        answer = client.post(
            "/api/v1/watched-channels/", json={"slack_id": "C0BENCH", "name": "bench", "horizon": "PT12H"}
        )
        assert answer.status_code == 201, answer.text
        times = []
        for n in range(300):
            started = time.perf_counter()
            answer = client.post("/api/v1/tickets/", json={"number": f"A{n}", "subject": "It broke"})
            times.append(time.perf_counter() - started)
            assert answer.status_code == 201, answer.text
    ground.say("POST /api/v1/tickets/, one after the other, p50 / p99", _ms(times, 50, 99))

    clients = threading.local()

    def send(n: int, at: float) -> float:
        if not hasattr(clients, "client"):
            clients.client = httpx.Client(base_url=base)
        body = json.dumps(slack_event(n))
        stamp = str(int(time.time()))
        signature = SignatureVerifier(ground.SIGNING_SECRET).generate_signature(timestamp=stamp, body=body)
        headers = {
            "Content-Type": "application/json",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": signature or "",
        }
        time.sleep(max(0.0, at - time.perf_counter()))
        started = time.perf_counter()
        answer = clients.client.post("/slack/events", content=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return time.perf_counter() - started

    with ThreadPoolExecutor(20) as pool:
        start = time.perf_counter() + 0.5
        futures = [pool.submit(send, n, start + n / RATE) for n in range(RATE * SECONDS)]
        acknowledged = [future.result() for future in futures]
    ground.say(f"POST /slack/events at {RATE} a second, p50 / p99 (at most 100 ms)", _ms(acknowledged, 50, 99))
    until = time.monotonic() + 60
    with httpx.Client(base_url=base, headers=authorization) as client:
        while time.monotonic() < until:
            answer = client.get(f"/api/v1/tickets/B{RATE * SECONDS - 1}/")
            if answer.status_code == 200:
                break
            time.sleep(0.2)
    waited = time.perf_counter() - start - SECONDS
    ground.say("the last of them is a ticket after", f"{waited:.1f} s")


def slack_event(n: int) -> dict[str, object]:
    """A ticket message as Zendesk's trigger posts it."""
    ts = f"{time.time():.6f}"
    return {
        "type": "event_callback",
        "event_id": f"Ev{n}-{ts}",
        "team_id": "T1",
        "api_app_id": "A1",
        "event": {
            "type": "message",
            "subtype": "bot_message",
            "bot_id": "B9",
            "channel": "C0BENCH",
            "ts": ts,
            "text": "",
            "attachments": [{"text": f"*Ticket ID*: B{n}\n*Ticket priority*: high\n*Type*: problem"}],
        },
    }


def _ms(times: list[float], *percents: int) -> str:
    return " / ".join(f"{ground.percentile(times, percent) * 1000:.0f} ms" for percent in percents)
