"""Grants as people read them: who may change whose week, and taking that back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from slack_sdk.models.blocks import Block

from handlers.views.blocks import (
    Reply,
    button,
    context,
    escape,
    mention,
    section,
    sentence_list,
    when,
)
from store.access import EVERYONE, GROUP, PLACEHOLDERS, Grant
from store.directory import Entry
from store.week import Subject

__all__ = ["granted", "grants", "mine", "new_manager", "refused", "revoked", "whose"]

SHOWN = 40
"""Grants shown one by one: below the 50 blocks of a message."""


def whose(scope: str, names: Mapping[str, Entry]) -> str:
    """The weeks that a scope covers, after *may change*."""
    if scope == EVERYONE:
        return "everybody’s week"
    if scope == PLACEHOLDERS:
        return "the placeholders’ weeks"
    if scope.startswith(GROUP):
        # By its id: naming a group in Slack's own way would ring for everybody in it.
        return f"the weeks of user group `{scope.removeprefix(GROUP)}`"
    entry = names.get(scope)
    if entry is None:
        return f"the week of Focus user {Subject.parse(scope).id}"
    return f"{_name(entry)}’s week"


def grants(
    found: Sequence[Grant], names: Mapping[str, Entry], *, admins: Sequence[str], command: str, note: str = ""
) -> Reply:
    """Every grant with its *Revoke*, for an admin."""
    who = sentence_list(mention(admin) for admin in admins)
    ruling = f"{who} {'is an admin' if len(admins) == 1 else 'are admins'} and may change every week."
    hint = (
        f"`{command} managers grant @mia everyone` · `… grant @mia @ana @ben` · `… grant @mia placeholders`"
    )
    lines = [
        f"{mention(grant.manager)} may change {whose(grant.scope, names)}{_until(grant)}" for grant in found
    ]
    none = "Nobody else may change somebody else’s week." if not found else ""
    first = "\n".join(filter(None, (note, ruling, none)))
    blocks: list[Block] = [section(first)]
    for number, (grant, line) in enumerate(zip(found[:SHOWN], lines, strict=False)):
        press = button(
            "Revoke",
            f"managers_revoke:{number}",
            value=f"{grant.manager} {grant.scope}",
            says=f"Revoke grant {number + 1}",
        )
        given = f"_granted by {mention(grant.granted_by)} {when(grant.granted_at)}_"
        blocks.append(section(f"{line}\n{given}", accessory=press))
    if len(found) > SHOWN:
        blocks.append(
            context(f"and {len(found) - SHOWN} more: `{command} managers revoke @name` takes all back")
        )
    blocks.append(context(hint))
    return Reply(" ".join([first, *(f"{line}." for line in lines), hint]), tuple(blocks))


def mine(found: Sequence[Grant], names: Mapping[str, Entry], *, own: bool, admins: Sequence[str]) -> Reply:
    """What the reader may change, who is no admin."""
    weeks = ["your own week"] if own else []
    weeks += [whose(grant.scope, names) for grant in found]
    may = f"You may change {sentence_list(weeks)}." if weeks else "You may change no week here."
    who = sentence_list([mention(admin) for admin in admins[:3]], last="or")
    return Reply.saying(f"{may} {who} can give you more rights.")


def granted(manager: str, scopes: Sequence[str], names: Mapping[str, Entry], *, new: bool) -> Reply:
    """What somebody may from now on."""
    weeks = sentence_list(whose(scope, names) for scope in scopes)
    if not new:
        return Reply.saying(f"{mention(manager)} may already change {weeks}, so I changed nothing.")
    return Reply.saying(f"{mention(manager)} may now change {weeks}. I tell them.")


def revoked(manager: str, scopes: Sequence[str], names: Mapping[str, Entry], *, any_left: bool) -> Reply:
    """What somebody may not any more; an admin's own rights are not grants."""
    if not scopes:
        return Reply.saying(f"{mention(manager)} had no such right, so I changed nothing.")
    weeks = sentence_list((whose(scope, names) for scope in scopes), last="or")
    left = " Their other rights stay." if any_left else ""
    return Reply.saying(f"{mention(manager)} may no longer change {weeks}.{left}")


def refused(manager: str, reason: str) -> Reply:
    """A grant that cannot be."""
    match reason:
        case "oneself":
            text = (
                f"A right never covers oneself, so {mention(manager)} can’t be given their own week. Whether"
                " people change their own is the setting `HOURS_SELF_EDIT`."
            )
        case "admin":
            text = f"{mention(manager)} is an admin of mine and may change every week already."
        case "guest":
            text = f"{mention(manager)} is a guest; only members of this workspace can be managers."
        case _:
            text = f"{mention(manager)} can’t be a manager: only active members of this workspace can."
    return Reply.saying(f"{text} I changed nothing.")


def new_manager(admin: str, scopes: Sequence[str], names: Mapping[str, Entry], *, command: str) -> str:
    """What the new manager is told: plain text, since it is kept and escaped later."""
    weeks = sentence_list(_whose_plainly(scope, names) for scope in scopes)
    example = f"{command} placeholders" if PLACEHOLDERS in scopes else f"{command} edit @name"
    return (
        f"{admin} lets you change {weeks} in Toggl Focus. Try `{example}`;"
        f" `{command} managers` shows all that you may change. Each person is told of a change to their week."
    )


def _whose_plainly(scope: str, names: Mapping[str, Entry]) -> str:
    entry = names.get(scope)
    return f"{entry.name}’s week" if entry else whose(scope, names)


def _until(grant: Grant) -> str:
    return f" until {grant.until.isoformat()}" if grant.until else ""


def _name(entry: Entry) -> str:
    return mention(entry.slack_user_id) if entry.slack_user_id else f"*{escape(entry.name)}*"
