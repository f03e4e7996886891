"""Writing agents, teams, customers and plans: what every door but the admin calls.

Each `save_…` takes the row (None: a new one) and the fields that should be true of it, records one event with
before and after, and raises PeopleRefused with the reasons by field.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction

from apps.people import validation
from apps.people.errors import PeopleRefused, SuperusersAlone
from apps.people.models import Agent, Channel, Contact, Customer, NamedGroup, Plan, Team, UserGroup, valid_channel_id
from apps.trail.managed import record_saved, saving

Row = TypeVar("Row", bound=models.Model)


def save_plan(plan: Plan | None, *, now: datetime, **fields: Any) -> Plan:
    """Fields: slug, name, position."""
    return _save(Plan, plan, fields, now=now)


def save_agent(agent: Agent | None, *, now: datetime, **fields: Any) -> Agent:
    """Fields: email, first_name, last_name, nickname, slack_id, time_zone, is_active.

    A new agent has no password: they can be told of tickets, and sign in once a superuser gave them one.
    Raises SuperusersAlone for an agent who is one.
    """
    if agent is not None and agent.is_superuser:
        # Whoever gives a superuser another Slack id speaks in their name there.
        raise SuperusersAlone(f"{agent} is a superuser, whom only a superuser changes, in the portal.")
    return _save(Agent, agent, fields, now=now)


def save_team(team: Team | None, *, now: datetime, **fields: Any) -> Team:
    """Fields: slug, name, kind, channel (a Slack id, empty for none), user_group, members."""
    return _save(Team, team, fields, now=now)


def save_named_group(group: NamedGroup | None, *, now: datetime, **fields: Any) -> NamedGroup:
    """Fields: slug, name, members. One that a policy counts on is not emptied."""
    if group is not None and "members" in fields and (refusal := validation.emptied(group, fields["members"])):
        raise PeopleRefused({"members": [refusal]})
    return _save(NamedGroup, group, fields, now=now)


def save_customer(customer: Customer | None, *, now: datetime, **fields: Any) -> Customer:
    """Fields: those of the model, and contacts: all of them, each {name, email, role}."""
    if "email_domains" in fields:
        fields["email_domains"] = validation.tidied_domains(fields["email_domains"])
        if wrong := validation.wrong_domains(fields["email_domains"], customer):
            raise PeopleRefused({"email_domains": wrong})
    return _save(Customer, customer, fields, now=now)


@transaction.atomic
def channel(slack_id: str, name: str = "", *, now: datetime) -> Channel:
    """The channel of this Slack id, known from now on; a name is filled in where there was none.

    Who passes on what somebody typed checks first that it is an id.
    """
    found, new = Channel.objects.get_or_create(slack_id=slack_id, defaults={"name": name})
    if new:
        record_saved(found, None, now=now)
    elif name and not found.name:
        with saving(found, now=now):
            found.name = name
            found.save(update_fields=["name"])
    return found


@transaction.atomic
def know_user_group(slack_id: str, *, handle: str, name: str, member_ids: list[str], now: datetime) -> bool:
    """The user group is known as Slack had it at `now`; whether that was news, which is one event.

    What is older than what is known is none. Who is in it decides who hears; in which order Slack lists them, and when
    it was asked, is no news.
    """
    told = {"handle": handle, "name": name, "member_ids": member_ids}
    group, new = UserGroup.objects.get_or_create(slack_id=slack_id, defaults={**told, "synced_at": now})
    if new:
        record_saved(group, None, now=now)
        return True
    group = UserGroup.objects.select_for_update().get(pk=group.pk)
    if group.synced_at and group.synced_at > now:
        return False
    if (group.handle, group.name, set(group.member_ids)) == (handle, name, set(member_ids)):
        UserGroup.objects.filter(pk=group.pk).update(synced_at=now)
        return False
    with saving(group, now=now):
        for field, value in told.items():
            setattr(group, field, value)
        group.save(update_fields=list(told))
    UserGroup.objects.filter(pk=group.pk).update(synced_at=now)
    return True


def _save(model: type[Row], known: Row | None, fields: Mapping[str, Any], *, now: datetime) -> Row:
    plain = dict(fields)
    contacts: Iterable[Mapping[str, str]] | None = plain.pop("contacts", None)
    members: Iterable[Agent] | None = plain.pop("members", None)
    row = known or model()
    try:
        with transaction.atomic():
            if known is not None:
                # Two managers at once: the second waits, and keeps what the first one changed.
                row = model._default_manager.select_for_update().get(pk=known.pk)
            with saving(row, now=now):
                _fill(row, plain, now=now)
                row.full_clean()
                row.save()
                if members is not None:
                    row.members.set(members)  # type: ignore[attr-defined]
                if contacts is not None:
                    _replace_contacts(row, contacts)
    except ValidationError as refused:
        raise PeopleRefused(reasons(refused))
    except IntegrityError:
        # Two doors at once: the one that came second is told what full_clean would have told it.
        _refuse_taken(row)
        raise
    return row


def _fill(row: models.Model, fields: Mapping[str, Any], *, now: datetime) -> None:
    for name, value in fields.items():
        if isinstance(row, Team) and name == "channel":
            if value:
                _must_be_channel(value)
            row.channel = channel(value, now=now) if value else None
        else:
            setattr(row, name, value)
    if isinstance(row, Agent) and row.pk is None:
        row.set_unusable_password()


def _must_be_channel(slack_id: str) -> None:
    try:
        valid_channel_id(slack_id)
    except ValidationError as refused:
        raise ValidationError({"channel": refused.messages}) from refused


def _replace_contacts(row: models.Model, contacts: Iterable[Mapping[str, str]]) -> None:
    assert isinstance(row, Customer)
    made = [Contact(customer=row, **contact) for contact in contacts]
    emails = [contact.email.lower() for contact in made if contact.email]
    if len(set(emails)) < len(emails):
        raise PeopleRefused({"contacts": ["Two contacts have the same email."]})
    # Those that stay as they are keep their rows: nothing happened to them.
    gone, fresh = list(row.contacts.all()), []
    for contact in made:
        same = next((known for known in gone if _told(known) == _told(contact)), None)
        if same is None:
            fresh.append(contact)
        else:
            gone.remove(same)
    row.contacts.filter(pk__in=[contact.pk for contact in gone]).delete()
    Contact.objects.bulk_create(fresh)


def _told(contact: Contact) -> tuple[str, ...]:
    return contact.name, contact.email, contact.role


def reasons(refused: ValidationError) -> dict[str, list[str]]:
    """Why, by field; what is about no field in particular is under ""."""
    return {"" if name == NON_FIELD_ERRORS else name: found for name, found in refused.message_dict.items()}


def _refuse_taken(row: models.Model) -> None:
    try:
        with transaction.atomic():
            row.validate_unique()
    except ValidationError as refused:
        raise PeopleRefused(reasons(refused))
