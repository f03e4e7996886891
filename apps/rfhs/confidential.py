"""What the public must not read about a request: gathered from all we know of its customer, and of others."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings

from apps.people.models import Agent, Customer
from apps.rfhs.errors import PrivateText
from apps.rfhs.models import RFH, Area, Issue, Note
from apps.rfhs.privacy import Check, Person, Private, Ticket, private_passages
from apps.rfhs.privacy.marks import without_private
from apps.rfhs.privacy.ordinary import EVERYBODYS_DOMAINS
from apps.rfhs.routing.languages import PLAIN
from apps.tickets import models as tickets

# Of a customer with thousands of tickets an issue is about a late one.
LATEST_TICKETS = 300
PUBLIC_API = "https://api.github.com"


def private_of(rfh: RFH) -> Private:
    """What is private about this request."""
    customer = rfh.customer
    contacts = list(customer.contacts.all()) if customer else []
    own = [rfh.summary, rfh.description, rfh.timeline, *rfh.context.values()]
    others = Customer.objects.exclude(pk=customer.pk) if customer else Customer.objects.all()
    names, domains = [], []
    for name, slug, of_it in others.values_list("name", "slug", "email_domains"):
        # The slug is what they are called in short: Acme, for Acme Robotics.
        names += [name, slug]
        domains += of_it
    ours = {email.rpartition("@")[2].lower() for email in Agent.objects.values_list("email", flat=True)}
    notes = Note.objects.filter(rfh=rfh, public=False).values_list("text", flat=True) if rfh.pk else ()
    return Private(
        names=(customer.name, customer.slug) if customer else (),
        people=tuple(Person(each.name, each.email) for each in contacts),
        domains=tuple(customer.email_domains) if customer else (),
        tickets=tuple(_tickets(rfh)),
        documents=tuple(url for url in (customer.account_url, customer.deployment_url) if url) if customer else (),
        passages=tuple(passage for text in own for passage in private_passages(text)),
        notes=(*notes, *(customer.notes.splitlines() if customer else ())),
        said_openly=tuple(without_private(text) for text in own),
        others=tuple(names),
        others_domains=tuple(domains),
        words_of_trade=_words_of_trade(),
        portal=settings.BASE_URL,
        public=(*settings.RFH_PUBLIC_LINKS, *_repository_address(settings.RFH_PUBLIC_TRACKER)),
        private_trackers=(settings.RFH_PRIVATE_TRACKER,) if settings.RFH_PRIVATE_TRACKER else (),
        tracker_host=tracker_host(),
        our_domains=tuple(sorted(ours - EVERYBODYS_DOMAINS)),
    )


def must_tell_nothing(issue: Issue, texts: Mapping[str, str]) -> None:
    """Raise PrivateText when the issue is public and the texts tell what is private as of now.

    Asked again where they are sent: days may have passed since they were written, and what is known has changed.
    """
    if issue.tracker == Issue.Tracker.PUBLIC and (places := Check(private_of(issue.rfh)).fields(texts)):
        raise PrivateText(places)


def tracker_host() -> str:
    """Where people read issues: github.com, or the host of one's own GitHub."""
    return "github.com" if settings.GITHUB_URL == PUBLIC_API else urlsplit(settings.GITHUB_URL).netloc


def _repository_address(repository: str) -> tuple[str, ...]:
    return (f"https://{tracker_host()}/{repository}",) if repository else ()


def _tickets(rfh: RFH) -> list[Ticket]:
    found = {rfh.ticket.number: rfh.ticket.url} if rfh.ticket else {}
    if rfh.customer:
        latest = tickets.Ticket.objects.filter(customer=rfh.customer).order_by("-opened_at")
        found |= dict(latest.values_list("number", "url")[:LATEST_TICKETS])
    return [Ticket(number, url) for number, url in found.items()]


def _words_of_trade() -> frozenset[str]:
    """What our questions are about: a customer called GitHub is not meant by every text that names it."""
    phrases = [*PLAIN, *(word for words in Area.objects.values_list("keywords", flat=True) for word in words)]
    return frozenset(word for phrase in phrases for word in phrase.lower().split())
