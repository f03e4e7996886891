"""Policies are asked in an order without ties or gaps, counted from 1."""

from __future__ import annotations

from typing import Any

from django.db import migrations


def number(apps: Any, schema_editor: Any) -> None:
    """The order stays; of two with one number the older was asked first, and still is."""
    policies = apps.get_model("sla", "Policy").objects.order_by("position", "pk")
    for position, policy in enumerate(policies, start=1):
        if policy.position != position:
            policy.position = position
            policy.save(update_fields=["position"])


class Migration(migrations.Migration):
    dependencies = [("sla", "0001_initial")]

    # The earlier code reads any numbers, so there is nothing to put back.
    operations = [migrations.RunPython(number, migrations.RunPython.noop)]
