"""A customer's email domains, and channels, are what they say they are."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from apps.people.models import Channel, Customer, Team

pytestmark = pytest.mark.django_db
CUSTOMERS = "/api/v1/customers/"


def post(client: APIClient, *domains: str, slug: str = "acme") -> tuple[int, list[str]]:
    response = client.post(CUSTOMERS, {"slug": slug, "name": slug.capitalize(), "email_domains": domains})
    return response.status_code, response.json().get("errors", {}).get("email_domains", [])


@pytest.mark.parametrize(
    "domain", ["not a domain", "http://x", "@y", "acme", ".com", "acme.", "a..b", "-a.com", "a-.com", "10.0.0.1", "a_b"]
)
def test_what_is_no_domain_is_refused(client: APIClient, domain: str) -> None:
    status, sentences = post(client, "acme.com", domain)

    assert status == 400
    assert sentences == [f"“{domain.removeprefix('@')}” is no domain. Type it like acme.com."]
    assert not Customer.objects.exists()


@pytest.mark.parametrize("domain", ["acme.com", "mail.acme.co.uk", "a-b.io", "4711.com", "müller.de", "x.xn--p1ai"])
def test_a_domain_is_accepted(client: APIClient, domain: str) -> None:
    assert post(client, domain)[0] == 201


def test_domains_are_kept_as_they_are_compared(client: APIClient) -> None:
    post(client, " ACME.com", "@acme.io", "acme.com")

    assert Customer.objects.get().email_domains == ["acme.com", "acme.io"]


def test_a_domain_is_one_customers(client: APIClient) -> None:
    post(client, "acme.com", "acme.io")

    status, sentences = post(client, "Acme.io", slug="globex")

    assert status == 400
    assert sentences == ["acme.io is the domain of Acme already. Take it away there first, or leave it out here."]


def test_a_customer_keeps_their_own_domain(client: APIClient) -> None:
    post(client, "acme.com")

    assert client.patch(f"{CUSTOMERS}acme/", {"email_domains": ["acme.com", "acme.io"]}).status_code == 200


def test_a_teams_channel_that_is_no_id_is_refused(client: APIClient) -> None:
    response = client.post("/api/v1/teams/", {"slug": "t", "name": "T", "channel": "bad channel"})

    assert response.status_code == 400
    assert "such as C024BE91L" in response.json()["errors"]["channel"][0]
    assert not Channel.objects.exists()
    assert not Team.objects.exists()
