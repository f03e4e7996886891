"""Why people, groups and customers cannot be saved as they are asked for: what every door looks at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from apps.people.models import Agent, Customer, NamedGroup

# Two labels or more, each of letters (of any alphabet), digits and hyphens inside; the last is no number.
DOMAIN = re.compile(r"(?=.{4,253}\Z)(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+(?!\d+\Z)[^\W_](?:[\w-]{0,61}[^\W_])\Z")


class GroupUse(Protocol):
    """Tells who counts on a named group; settings.NAMED_GROUP_USE names the implementation."""

    def __call__(self, group: NamedGroup) -> Sequence[str]:
        """The names of what would tell nobody if nobody were in the group."""


def tidied_domains(typed: Iterable[str]) -> list[str]:
    """The domains as they are stored: in lower case, without the @ of an address, each once."""
    return list(dict.fromkeys(domain.strip().lower().removeprefix("@") for domain in typed))


def wrong_domains(domains: Sequence[str], customer: Customer | None) -> list[str]:
    """Why these (tidied) cannot be the customer's email domains; empty when they can.

    A domain says whose a ticket is, so it is one customer's.
    """
    found = [f"“{domain}” is no domain. Type it like acme.com." for domain in domains if not DOMAIN.match(domain)]
    others = Customer.objects.exclude(pk__in=[customer.pk] if customer and customer.pk else [])
    for other in others.filter(email_domains__overlap=list(domains)) if domains else ():
        shared = ", ".join(domain for domain in domains if domain in other.email_domains)
        found.append(f"{shared} is the domain of {other} already. Take it away there first, or leave it out here.")
    return found


def emptied(group: NamedGroup, members: Iterable[Agent]) -> str:
    """Why these cannot be all its members from now on; empty when they can.

    A group that was empty before may stay so: what is shipped starts like that.
    """
    if any(member.is_active for member in members) or not group.members.filter(is_active=True).exists():
        return ""
    used_by: GroupUse = import_string(settings.NAMED_GROUP_USE)
    names = used_by(group)
    if not names:
        return ""
    policies = "The policy " if len(names) == 1 else "The policies "
    return (
        f"{policies}{' and '.join(names)} would tell nobody: a tier names this group. "
        "Leave somebody in it who works here, or change the tier first."
    )
