"""Permissions: the one place that decides who may do what.

Every method that reads or changes a week takes a :class:`Permit`, which only methods of :class:`Access`
create, so no button, command or clock can forget to ask. A grant never covers its holder's own week; admins
may do everything.
"""

from store.access.deciding import Access
from store.access.grants import EVERYONE, GROUP, GROUPS_COUNT_FOR, PLACEHOLDERS, Grant
from store.access.permits import Action, Actor, NotAllowedError, Permit, Policy, Refusal

__all__ = [
    "EVERYONE",
    "GROUP",
    "GROUPS_COUNT_FOR",
    "PLACEHOLDERS",
    "Access",
    "Action",
    "Actor",
    "Grant",
    "NotAllowedError",
    "Permit",
    "Policy",
    "Refusal",
]
