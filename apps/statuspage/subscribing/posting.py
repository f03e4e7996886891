"""One POST to an endpoint: signed, bounded in time, never followed elsewhere, never into our own network."""

from __future__ import annotations

import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate

import httpx

from apps.api.outward import NoSuchHost, PrivateAddress, allowed_ip
from apps.statuspage.subscribing.links import sign

# Statuspage's own limit.
TIMEOUT = 30.0
SIGNATURE, TIMESTAMP = "X-SupportOps-Signature", "X-SupportOps-Timestamp"


class NotTaken(Exception):
    """The endpoint did not take it; the message says why, and holds nothing of what it answered."""


def post(
    address: str, body: bytes, *, secret: str, mark: str, private_hosts: Collection[str] = (), timeout: float = TIMEOUT
) -> None:
    """The endpoint has it: it answered with 2xx within the time. Raises NotTaken.

    What the host's name stood for when it was looked at is what is connected to. `mark` is the same however often one
    message is tried, so that the endpoint can tell.
    """
    client = httpx.Client(trust_env=False, headers={"User-Agent": "SupportOps status page"})
    # A thread: looking a name up, and a server that drips its answer, know no deadline of their own.
    pool = ThreadPoolExecutor(max_workers=1)
    try:
        pool.submit(_post, client, address, body, secret, mark, private_hosts, timeout).result(timeout=timeout)
    except (TooLate, httpx.TimeoutException):
        raise NotTaken(f"It did not answer within {timeout:g} seconds.") from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError, RuntimeError, ValueError):
        # The exception's own text can hold the address, and with it a secret.
        raise NotTaken("It could not be reached.") from None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        client.close()


def _post(
    client: httpx.Client,
    address: str,
    body: bytes,
    secret: str,
    mark: str,
    private: Collection[str],
    timeout: float,
) -> None:
    url = httpx.URL(address)
    try:
        ip = allowed_ip(url.host, url.port or (443 if url.scheme == "https" else 80), private)
    except NoSuchHost:
        raise NotTaken("There is no server of that name.") from None
    except PrivateAddress:
        raise NotTaken("The address leads into a private network, and is not called.") from None
    stamp = str(int(time.time()))
    headers = {
        "Host": url.netloc.decode("ascii"),
        "Content-Type": "application/json",
        "Idempotency-Key": mark,
        TIMESTAMP: stamp,
        SIGNATURE: sign(secret, stamp, body),
    }
    # What it answers is not read: its status is all that counts.
    with client.stream(
        "POST",
        url.copy_with(host=ip),
        content=body,
        headers=headers,
        timeout=timeout,
        extensions={"sni_hostname": url.host},
    ) as response:
        status = response.status_code
    if 300 <= status < 400:
        raise NotTaken(f"It redirects ({status}), which is not followed: give its final address.")
    if not 200 <= status < 300:
        raise NotTaken(f"It answered with status {status}.")
