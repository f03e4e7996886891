"""Addresses that somebody typed and that we are to call: never into our own network unasked."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection

# Addresses in which an IPv4 address hides: NAT64 and 6to4.
TRANSLATED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("2002::/16"))


class NoSuchHost(Exception):
    """There is no server of that name."""


class PrivateAddress(Exception):
    """The name leads into a private network, and no setting names it."""


def allowed_ip(host: str, port: int, private: Collection[str]) -> str:
    """What to connect to for this host: an address of the public internet, or of one that `private` names.

    `private` holds "calendar.corp" or "10.0.0.7:8080". Whoever connects to just this address cannot be led elsewhere
    by a name that becomes another meanwhile. Raises NoSuchHost, PrivateAddress.
    """
    named = {host.lower(), f"{host.lower()}:{port}"}
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NoSuchHost from error
    addresses = list(dict.fromkeys(str(each[4][0]).partition("%")[0] for each in found))
    if not named & set(private) and not all(is_public(each) for each in addresses):
        raise PrivateAddress
    # IPv4 first: a machine without a way out by IPv6 still resolves such addresses.
    return min(addresses, key=lambda each: ":" in each)


def is_public(address: str) -> bool:
    """Whether an IP address is of the public internet."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        elif any(ip in network for network in TRANSLATED):
            return False
    return ip.is_global and not ip.is_multicast
