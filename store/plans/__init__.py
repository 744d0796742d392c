"""Plans: changes of a week that begin on a date, and may end after another, when the days are put back.

A plan (:mod:`store.plans.plan`) is stored as a row (:mod:`store.plans.table`). People create, change and
cancel plans (:mod:`store.plans.planning`); the clock begins and ends them (:mod:`store.plans.beginnings`).
Each beginning and each end is an act, which is carried out like any other.
"""

from store.plans.beginnings import Beginnings
from store.plans.plan import Plan, PlanState, projected
from store.plans.planning import OverlapError, PlannedWish, PlanOverError, Plans, PlanUnderWayError

__all__ = [
    "Beginnings",
    "OverlapError",
    "Plan",
    "PlanOverError",
    "PlanState",
    "PlanUnderWayError",
    "PlannedWish",
    "Plans",
    "projected",
]
