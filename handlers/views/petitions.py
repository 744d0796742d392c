"""*Ask Mia*: what somebody who may is asked to do, and what whoever asked hears of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from slack_sdk.models.blocks import Block

from handlers.grammar import format_pattern
from handlers.views import receipts
from handlers.views.blocks import (
    Reply,
    actions,
    button,
    context,
    escape,
    mention,
    section,
    sentence_list,
    when,
)
from handlers.views.links import focus_name
from handlers.views.week import Who, ago, week_table
from store.act import Act, Days, State, days_from_json, days_to_json, pattern_from_json, pattern_to_json
from store.directory import Entry
from store.petitions import Petition, Wanted
from store.week import Pattern, Subject

__all__ = [
    "answered",
    "ask_for_link",
    "ask_for_week",
    "asked",
    "asked_before",
    "change",
    "link",
    "nobody_can",
    "outcome",
    "wish_in",
]

BUTTON_VALUE = 2000


def ask_for_week(
    petition_id: str, subject: Subject, pattern: Pattern, *, shown: Days | None, name: str
) -> tuple[Block, ...]:
    """*Ask Mia* below a refusal; the button carries what was asked for, and what the asker saw."""
    value = {
        "id": petition_id,
        "subject": subject.key,
        "pattern": pattern_to_json(pattern),
        "shown": days_to_json(shown),
    }
    return actions(button(f"Ask {name}", "petition", value=json.dumps(value), style="primary"))


def wish_in(value: str) -> tuple[str, Subject, Pattern, Days | None]:
    """What :func:`ask_for_week` has put into its button."""
    given = json.loads(value)
    shown = days_from_json(given["shown"])
    return given["id"], Subject.parse(given["subject"]), pattern_from_json(given["pattern"]), shown


def ask_for_link(petition_id: str, *, typed: str, name: str) -> tuple[Block, ...]:
    """*Ask Olivia* for whoever is not linked; what they had typed comes back when they are."""
    value = f"{petition_id} {typed}"
    return actions(button(f"Ask {name}", "petition_link", value=value[:BUTTON_VALUE], style="primary"))


def asked(whom: Sequence[str], ends_at: datetime) -> Reply:
    """It is on its way."""
    they = sentence_list(mention(each) for each in whom)
    return Reply.saying(
        f"I ask {they}, and tell you what becomes of it. The question stands until {when(ends_at)}."
    )


def asked_before() -> Reply:
    """The second press."""
    return Reply.saying("I have asked for this already, and tell you as soon as it is decided.")


def nobody_can() -> Reply:
    """Whoever could is gone by now."""
    return Reply.saying("There is nobody any more whom I could ask, so I asked nobody.")


# ------------------------------------------------------------------ for whoever decides


def change(petition: Petition, wanted: Wanted, who: Who, *, reader: str, now: datetime) -> Reply:
    """Who asks for what, before and after, with *Apply* and *Decline* while it is open."""
    whose = "their own week" if who.label == mention(petition.asker) else who.whose
    first = f"{mention(petition.asker)} asks you to change {whose} in Toggl Focus: {_effect(wanted)}."
    blocks: list[Block] = [section(first)]
    if wanted.before:
        blocks.append(week_table([("Now", wanted.before), ("Asked for", wanted.pattern.on(wanted.before))]))
    read = f"week as read {ago(now - wanted.as_of)}" if wanted.as_of else "the week has not been read yet"
    blocks.append(context(f"asked {when(petition.at)} · {read} · Toggl Focus"))
    if not petition.is_open:
        return _decided(first, blocks, petition, reader)
    blocks += actions(
        button("Apply", "petition_apply", value=petition.id, style="primary"),
        button("Decline", "petition_decline", value=petition.id),
    )
    until = f"Nothing happens before you decide; the question ends {when(petition.ends_at)}."
    return Reply(f"{first} {until}", (*blocks, context(until)))


def link(petition: Petition, likely: Sequence[Entry], linked: Entry | None, *, reader: str) -> Reply:
    """Who wants to be linked, with those whom they are most likely to be, one press away."""
    first = f"{mention(petition.asker)} asks to be linked to their user in Toggl Focus: the e-mails differ."
    if linked:
        text = f"{first} They are linked to {focus_name(linked)} now."
        return Reply.saying(text)
    if not petition.is_open:
        return _decided(first, [section(first)], petition, reader)
    blocks: list[Block] = [section(first)]
    for number, entry in enumerate(likely):
        press = button(
            "Link",
            f"petition_take:{number}",
            value=f"{petition.id} {entry.subject.id}",
            style=None if number else "primary",
            says=f"Link them to {entry.name}"[:75],
        )
        blocks.append(section(f"Perhaps {focus_name(entry)}", accessory=press))
    names = sentence_list((focus_name(entry) for entry in likely), last="or")
    guess = (
        f"Perhaps {names}?" if names else "Nobody in Toggl Focus who is not linked has a name like theirs."
    )
    if not likely:
        blocks.append(section(guess))
    blocks += actions(
        button("Somebody else…" if likely else "Choose…", "link_open", value=petition.asker),
        button("Decline", "petition_decline", value=petition.id),
    )
    return Reply(f"{first} {guess}", tuple(blocks))


def _effect(wanted: Wanted) -> str:
    pattern = escape(format_pattern(wanted.pattern))
    if wanted.before is None:
        return pattern
    after = wanted.pattern.on(wanted.before)
    if after == wanted.before:
        return f"{pattern}, which is how it is already"
    return receipts.difference(wanted.before, after)


def _decided(first: str, blocks: Sequence[Block], petition: Petition, reader: str) -> Reply:
    by = "You" if petition.decided_by == reader else mention(petition.decided_by or "")
    match petition.state.partition(" ")[0]:
        case "declined":
            end = f"{by} said no."
        case "applied":
            end = f"{by} said yes."
        case "linked":
            end = f"{by} linked them."
        case _:
            end = "Nobody decided within seven days, so nothing was changed."
    return Reply(f"{first} {end}", (*blocks, section(end)))


# ------------------------------------------------------------------ for whoever asked


def answered(petition: Petition, who: Who | None, linked: Entry | None, *, command: str) -> Reply:
    """What became of a petition that led to no change."""
    wish = f"to change {who.whose}" if who else "to be linked to Toggl Focus"
    exactly = f" ({_effect(petition.wanted)})" if petition.wanted else ""
    them = sentence_list(mention(each) for each in petition.asked)
    match petition.state:
        case "declined":
            by = mention(petition.decided_by or "")
            text = f"{by} declined what you asked for: {wish}{exactly}. Nothing was changed."
        case "expired":
            text = (
                f"Seven days ago you asked {them} {wish}{exactly}. Nobody decided, so nothing was changed."
                " Ask them yourself, or ask again."
            )
        case _ if linked:
            by = f"{mention(petition.decided_by)} linked you" if petition.decided_by else "You are linked"
            text = f"{by} to {focus_name(linked)} in Toggl Focus. Your week: `{command}`."
            if petition.text:
                again = button("Do it now", "run:again", value=petition.text, style="primary")
                return Reply.saying(f"{text} You had typed `{command} {petition.text}`.", *actions(again))
        case _:
            text = f"You asked {them} {wish}{exactly}."
    return Reply.saying(text)


def outcome(act: Act, who: Mapping[Subject, Who], reader: receipts.Reader) -> Reply:
    """What became of a change that the actor made because the reader had asked."""
    (change,) = act.changes
    told = f"{mention(act.actor)} said yes to what you asked for."
    if change.state is State.CONFLICT:
        return Reply.saying(
            f"{told} Somebody has changed the same days of {who[change.subject].whose} since, so"
            f" {mention(act.actor)} decides which hours hold."
        )
    reply = receipts.receipt(act, who, reader)
    return Reply(f"{told} {reply.text}", (section(told), *reply.blocks))
