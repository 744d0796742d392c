"""Changes planned for a date: made, changed and cancelled, and begun and put back when their day comes.

A plan (:mod:`store.plans.plan`) is kept as a row (:mod:`store.plans.table`); when it begins it becomes an
act, which is carried out like any other.
"""

from store.plans.beginnings import Beginnings
from store.plans.plan import Plan, PlanState, projected
from store.plans.planning import OverlapError, PlannedWish, PlanOverError, Plans

__all__ = [
    "Beginnings",
    "OverlapError",
    "Plan",
    "PlanOverError",
    "PlanState",
    "PlannedWish",
    "Plans",
    "projected",
]
