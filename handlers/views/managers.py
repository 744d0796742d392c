"""Messages about grants: who may change whose week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from slack_sdk.models.blocks import Block

from handlers.views.blocks import (
    Reply,
    actions,
    button,
    confirmed,
    context,
    disarmed,
    literal,
    mention,
    section,
    sentence_list,
    when,
)
from handlers.views.spans import in_full
from store.access import EVERYONE, GROUP, PLACEHOLDERS, Grant
from store.directory import Entry
from store.week import Subject

__all__ = [
    "Names",
    "granted",
    "grants",
    "mine",
    "new_manager",
    "own_once_linked",
    "past",
    "refused",
    "revoked",
    "unreadable_group",
    "whose",
]

Names = Mapping[str, Entry | str]
"""Scope -> the person, or the name of the user group."""

SHOWN = 20
"""The most grants shown: Slack counts the texts of their dialogs, too, and takes about 12,000 characters."""


def whose(scope: str, names: Names) -> str:
    """The weeks that a scope covers, as a phrase after *may change*."""
    if scope == EVERYONE:
        return "everybody’s week"
    if scope == PLACEHOLDERS:
        return "the placeholders’ weeks"
    match names.get(scope):
        case Entry() as entry:
            return f"{_name(entry)}’s week"
        case str(name):
            # In plain letters: naming a group in Slack's own way would ring for everybody in it.
            return f"the weeks of user group @{literal(name)}"
    if scope.startswith(GROUP):
        return f"the weeks of user group `{scope.removeprefix(GROUP)}`"
    return f"the week of Focus user {Subject.parse(scope).id}"


def grants(
    found: Sequence[Grant], names: Names, *, admins: Sequence[str], command: str, note: str = ""
) -> Reply:
    """The list of all grants, with *Revoke* buttons, for an admin."""
    who = sentence_list(mention(admin) for admin in admins)
    ruling = f"{who} {'is an admin' if len(admins) == 1 else 'are admins'} and may change every week."
    hint = (
        f"`{command} managers grant @mia everyone` · `… grant @mia @ana @designers until 2027-03-31` ·"
        " `… grant @mia placeholders`"
    )
    lines = [
        (
            f"{mention(grant.manager)} may change {whose(grant.scope, names)}{_until(grant.until)}",
            f"granted by {mention(grant.granted_by)} {when(grant.granted_at)}",
        )
        for grant in found
    ]
    none = "Nobody else may change somebody else’s week." if not found else ""
    first = "\n".join(filter(None, (note, ruling, none)))
    blocks: list[Block] = [section(first)]
    for number, (grant, (line, given)) in enumerate(zip(found[:SHOWN], lines, strict=False)):
        press = button(
            "Revoke",
            f"managers_revoke:{number}",
            value=f"{grant.manager} {grant.scope}",
            says=f"Revoke grant {number + 1}",
        )
        gone = f"{mention(grant.manager)} may then no longer change {whose(grant.scope, names)}."
        asked = "If they have planned changes there, an admin is asked about them when the day comes."
        press = confirmed(press, "Revoke this right?", f"{gone} {asked}")
        blocks.append(section(f"{line}\n_{given}_", accessory=press))
    if len(found) > SHOWN:
        blocks.append(
            context(f"and {len(found) - SHOWN} more: `{command} managers revoke @name` takes all back")
        )
    blocks += [*actions(button("Grant…", "managers_grant")), context(hint)]
    return Reply(" ".join([first, *(f"{line}, {given}." for line, given in lines), hint]), tuple(blocks))


def own_once_linked(*, command: str) -> str:
    """The own week of somebody who may change it, but of whom nobody knows who they are in Focus."""
    return f"your own week (once you are linked: `{command} link`)"


def mine(found: Sequence[Grant], names: Names, *, own: str, admins: Sequence[str]) -> Reply:
    """What the reader may change, for readers who are not admins; ``own`` is empty if not their own week."""
    weeks = [own] if own else []
    weeks += [f"{whose(grant.scope, names)}{_until(grant.until)}" for grant in found]
    may = f"You may change {sentence_list(weeks)}." if weeks else "You may change no week here."
    who = sentence_list([mention(admin) for admin in admins[:3]], last="or")
    return Reply.saying(f"{may} {who} can give you more rights.")


def granted(
    manager: str, scopes: Sequence[str], names: Names, *, new: bool, until: date | None = None
) -> Reply:
    """The answer after a grant, with the last day in full, since it may have been typed as *next mon*."""
    weeks = f"{sentence_list(whose(scope, names) for scope in scopes)}{_until(until)}"
    if not new:
        return Reply.saying(f"{mention(manager)} may already change {weeks}, so I changed nothing.")
    return Reply.saying(f"{mention(manager)} may now change {weeks}. I’ll tell them.")


def past(until: date) -> Reply:
    """The answer for a last day in the past."""
    return Reply.saying(
        f"{in_full(until)} is in the past, so the right would have no effect. Choose today or a later day."
        " I changed nothing."
    )


def unreadable_group(name: str) -> Reply:
    """User groups are a paid feature of Slack's, and need a scope."""
    group = f"user group @{literal(name)}" if name else "this user group"
    return Reply.saying(
        f"Slack does not let me read {group}: user groups are part of its paid plans, and I need the scope"
        " `usergroups:read`. Name the people instead. I changed nothing."
    )


def revoked(manager: str, scopes: Sequence[str], names: Names, *, any_left: bool, planned: int = 0) -> Reply:
    """The answer after a revocation; an admin's own rights are not grants and stay.

    ``planned`` counts the manager's planned changes that an admin now has to decide about when they are due.
    """
    if not scopes:
        return Reply.saying(f"{mention(manager)} had no such right, so I changed nothing.")
    weeks = sentence_list((whose(scope, names) for scope in scopes), last="or")
    left = " Their other rights stay." if any_left else ""
    asks = ""
    if planned:
        changes = (
            "1 change they have planned needs"
            if planned == 1
            else f"{planned} changes they have planned need"
        )
        asks = f" {changes} an admin now: I’ll ask you when the day comes."
    return Reply.saying(f"{mention(manager)} may no longer change {weeks}.{left}{asks}")


def refused(manager: str, reason: str) -> Reply:
    """The answer for a grant that is not possible, by reason."""
    match reason:
        case "oneself":
            text = (
                f"A right never covers one’s own week, so {mention(manager)} can’t be given theirs. Whether"
                " people change their own is the setting `HOURS_SELF_EDIT`."
            )
        case "admin":
            text = f"{mention(manager)} is a bot admin and may already change every week."
        case "guest":
            text = f"{mention(manager)} is a guest; only members of this workspace can be managers."
        case _:
            text = f"{mention(manager)} can’t be a manager: only active members of this workspace can."
    return Reply.saying(f"{text} I changed nothing.")


def new_manager(
    admin: str, scopes: Sequence[str], names: Names, *, command: str, until: date | None = None
) -> str:
    """The message to a new manager, as plain text, since it is stored and escaped later."""
    weeks = f"{sentence_list(_whose_plainly(scope, names) for scope in scopes)}{_until(until)}"
    example = f"{command} placeholders" if PLACEHOLDERS in scopes else f"{command} edit @name"
    return (
        f"{disarmed(admin)} lets you change {weeks} in Toggl Focus. Try `{example}`;"
        f" `{command} managers` shows all that you may change. Each person is told of a change to their week."
    )


def _whose_plainly(scope: str, names: Names) -> str:
    match names.get(scope):
        case Entry(name=name):
            return f"{disarmed(name)}’s week"
        case str(name):
            return f"the weeks of user group @{disarmed(name)}"
    return whose(scope, names)


def _until(until: date | None) -> str:
    return f" until {in_full(until)}" if until else ""


def _name(entry: Entry) -> str:
    return mention(entry.slack_user_id) if entry.slack_user_id else f"*{literal(entry.name)}*"
