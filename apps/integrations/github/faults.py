"""What is wrong with the settings of GitHub: the one list for the start and Home. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from apps.rfhs.tracker import is_repository


def faults(*, token: str, url: str, private: str, public: str) -> list[str]:
    """Every reason why GitHub cannot be asked, each "SETTING: what it has to be"; no value is repeated.

    Nothing set is no fault: then requests have no issues.
    """
    if not (token or private or public):
        return []
    found = []
    if not token:
        found.append("GITHUB_TOKEN: a token that may read and write the issues of the trackers.")
    elif not token.isascii() or not token.isprintable() or " " in token:
        found.append("GITHUB_TOKEN: without the character in it that no HTTP header can carry.")
    if not _is_address(url):
        found.append("GITHUB_URL: the address of GitHub's API, beginning with https:// (or http://).")
    if not private:
        found.append("RFH_PRIVATE_TRACKER: the repository of private issues, as owner/repo.")
    for setting, name in (("RFH_PRIVATE_TRACKER", private), ("RFH_PUBLIC_TRACKER", public)):
        if name and not is_repository(name):
            found.append(f"{setting}: a repository as owner/repo, without its address.")
    if private and private.lower() == public.lower():
        found.append("RFH_PUBLIC_TRACKER: another repository than RFH_PRIVATE_TRACKER, or empty.")
    return found


def _is_address(url: str) -> bool:
    if not url.isprintable() or " " in url:
        return False
    try:
        address = urlsplit(url)
        # Reading the port is what refuses one that is no port.
        return address.scheme in ("http", "https") and bool(address.hostname) and address.port != 0
    except ValueError:
        return False
