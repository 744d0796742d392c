"""Who may do what: the one place that decides.

Whatever reads or changes a week takes a :class:`Permit`, and only :meth:`Access.may` and its neighbours make
one, so no button, command or clock can forget to ask. Grants never cover oneself; admins may everything.
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
