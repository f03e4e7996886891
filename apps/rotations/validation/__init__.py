"""Why something cannot be as it is asked for: what every door looks at."""

from apps.rotations.validation.shifts import LONGEST, Problems, overlapping, problems, why_it_stays

__all__ = ["LONGEST", "Problems", "overlapping", "problems", "why_it_stays"]
