"""How often what the table proposed was taken: whether its words are the right ones."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from apps.rfhs.models import RFH, Area


def with_counts(areas: QuerySet[Area]) -> QuerySet[Area]:
    """With `proposed`, `taken` and `chosen_unproposed`, over the requests that were filed."""
    filed = RFH.objects.filter(filed_at__isnull=False).order_by()
    proposed = filed.filter(proposed_area=OuterRef("pk"))
    chosen = filed.filter(area=OuterRef("pk")).filter(~Q(proposed_area=OuterRef("pk")) | Q(proposed_area=None))
    return areas.annotate(
        proposed=_counted(proposed, "proposed_area"),
        taken=_counted(proposed.filter(area=F("proposed_area")), "proposed_area"),
        chosen_unproposed=_counted(chosen, "area"),
    )


def _counted(requests: QuerySet[RFH], by: str) -> Coalesce:
    return Coalesce(Subquery(requests.values(by).annotate(count=Count("pk")).values("count")), 0)


@dataclass(frozen=True)
class Instead:
    """Where requests went, by area or by team, though this area was proposed."""

    name: str
    count: int


def instead_of(area: Area, *, most: int = 5) -> list[Instead]:
    """What people chose when the table proposed this area, the most frequent first."""
    rows = (
        RFH.objects.filter(filed_at__isnull=False, proposed_area=area)
        .exclude(area=area)
        .values_list("area__name", "team__name")
    )
    counted = Counter(of_area or f"{team}, in no area" for of_area, team in rows)
    return [Instead(name, count) for name, count in counted.most_common(most)]
