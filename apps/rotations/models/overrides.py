"""One-off replacements."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateTimeRangeField
from django.db import models
from django.db.models import F, Func, Q, Value

from apps.rotations.models.rotation import Role, Rotation


class Override(models.Model):
    """From its start until before its end `remove` is not on, `add` is on, or `add` is on for `remove`.

    A replacement acts only while the replaced person is on. Without a role it acts in every role.
    """

    rotation = models.ForeignKey(Rotation, on_delete=models.CASCADE, related_name="overrides")
    role = models.ForeignKey(
        Role,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="overrides",
        help_text="Empty: in every role.",
    )
    starts_at = models.DateTimeField("start")
    ends_at = models.DateTimeField("end")
    remove = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="overrides_away",
        verbose_name="who is not on",
    )
    add = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="overrides_on",
        verbose_name="who is on",
    )
    reason = models.CharField(max_length=500)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="overrides_made",
        editable=False,
    )
    made_at = models.DateTimeField(editable=False)

    class Meta:
        ordering = ["starts_at", "pk"]
        permissions = [("take_shift", "Can take shifts of the own teams")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="override_ends_after_it_starts"),
            models.CheckConstraint(
                condition=(Q(remove__isnull=False) | Q(add__isnull=False)) & ~Q(remove=F("add")),
                name="override_names_somebody",
            ),
        ]
        indexes = [models.Index(fields=["rotation", "ends_at"], name="override_of_rotation")]

    def __str__(self) -> str:
        where = f" as {self.role}" if self.role else ""
        if self.add and self.remove:
            return f"{self.add} for {self.remove}{where}"
        return f"{self.add} as well{where}" if self.add else f"without {self.remove}{where}"

    @property
    def stream(self) -> str:
        return self.rotation.stream


def _only(column: str) -> Func:
    """The range that holds this number alone; where it is null, every number."""
    return Func(F(column), F(column), Value("[]"), function="int8range", output_field=BigIntegerRangeField())


class Touched(models.Model):
    """A person an override adds or removes; written with it.

    Nobody is touched twice at once in one role of a rotation, and an override without a role touches in every role.
    Ranges of one number each, since btree_gist, which compares numbers for equality here, is not everywhere.
    """

    override = models.ForeignKey(Override, on_delete=models.CASCADE, related_name="touched")
    rotation = models.ForeignKey(Rotation, on_delete=models.CASCADE, related_name="+")
    role = models.ForeignKey(Role, on_delete=models.CASCADE, null=True, related_name="+")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="override_touches_once",
                expressions=[
                    (_only("rotation"), "&&"),
                    (_only("role"), "&&"),
                    (_only("agent"), "&&"),
                    (
                        Func(
                            F("starts_at"),
                            F("ends_at"),
                            function="tstzrange",
                            output_field=DateTimeRangeField(),
                        ),
                        "&&",
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent}: {self.override}"
