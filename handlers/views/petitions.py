"""Messages about petitions: the question to the deciders, and the outcome for the asker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from slack_sdk.models.blocks import Block

from handlers.views import outcomes, receipts
from handlers.views.blocks import (
    Reply,
    actions,
    button,
    context,
    mention,
    section,
    sentence_list,
    when,
)
from handlers.views.links import focus_name
from handlers.views.lists import grouped, listed, sentences
from handlers.views.spans import span
from handlers.views.week import Who, ago, capital, kept, wanted, week_table
from store.act import Act, Kind, State
from store.directory import Entry
from store.petitions import Petition, Wanted
from store.week import Subject

__all__ = [
    "answered",
    "change",
    "link",
    "outcome",
    "outcome_of_many",
    "outcome_unseen",
]

# ------------------------------------------------------------------ for the deciders


def change(petition: Petition, who: Mapping[Subject, Who], *, reader: str, now: datetime) -> Reply:
    """The question about a change, with the weeks before and after, and buttons while it is open."""
    first, told = _asked_for(petition, who), ""
    blocks: list[Block] = [section(first)]
    if len(petition.wanted) > 1:
        effects = [(who[each.subject].label, _effect(each)) for each in petition.wanted]
        blocks += listed("Would change", grouped(effects))
        told = sentences(f"{label}: {effect}." for label, effect in effects)
    elif before := petition.wanted[0].before:
        now_or_then = "Before" if petition.is_dated else "Now"
        after = petition.wanted[0].pattern.on(before)
        blocks.append(week_table([(now_or_then, before), ("Asked for", after)]))
        told = kept(before, after)
    foot = f"Asked {when(petition.at)} · {_read(petition, now)} · Toggl Focus"
    blocks.append(context(foot))
    first = sentences(filter(None, (first, told, f"{foot}.")))
    if not petition.is_open:
        return _decided(first, blocks, petition, reader)
    if reader not in petition.asked:
        end = f"{sentence_list(mention(each) for each in petition.asked)} was asked instead."
        return Reply(f"{first} {end}", (*blocks, section(end)))
    blocks += actions(
        button("Apply", "petition_apply", value=petition.id, style="primary"),
        button("Decline", "petition_decline", value=petition.id),
    )
    until = f"Nothing happens until you decide. You can answer until {when(petition.ends_at)}."
    return Reply(f"{first} {until}", (*blocks, context(until)))


def _asked_for(petition: Petition, who: Mapping[Subject, Who]) -> str:
    """The first sentence: ``@Ana asks you to change Ben’s week in Toggl Focus: Fri 8 h → 4 h.``."""
    asks = f"{mention(petition.asker)} asks you to {'undo a change to' if petition.undoes else 'change'}"
    if len(petition.wanted) > 1:
        weeks = f"{len(petition.wanted)} weeks"
        return f"{asks} {weeks} in Toggl Focus{_dates(petition)}{_same_pattern(petition)}."
    (wanted,) = petition.wanted
    whose = who[wanted.subject].whose
    own = who[wanted.subject].label == mention(petition.asker)
    week = "their own week" if own else whose
    return f"{asks} {week} in Toggl Focus{_dates(petition)}: {_effect(wanted)}."


def _dates(petition: Petition) -> str:
    return f" {span(petition.first, petition.last)}" if petition.is_dated else ""


def _same_pattern(petition: Petition) -> str:
    patterns = {each.pattern for each in petition.wanted}
    return f": {wanted(patterns.pop())}" if len(patterns) == 1 else ""


def _read(petition: Petition, now: datetime) -> str:
    """The age of the shown weeks."""
    if petition.undoes:
        return "as that change left it"
    ages = [now - each.as_of for each in petition.wanted if each.as_of]
    one = len(petition.wanted) == 1
    if not ages:
        return "the week has not been read yet" if one else "the weeks have not been read yet"
    return f"week as read {ago(ages[0])}" if one else f"weeks as last read, the oldest {ago(max(ages))}"


def link(
    petition: Petition, likely: Sequence[Entry], linked: Entry | None, *, unconfirmed: bool, reader: str
) -> Reply:
    """Who wants to be linked, with those whom they are most likely to be, one press away."""
    why = "Their e-mail address does not link them."
    if unconfirmed:
        why = "Their e-mail address in Slack is not confirmed, so be sure who they are."
    first = f"{mention(petition.asker)} asks to be linked to their user in Toggl Focus. {why}"
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
            says=f"Link them to {entry.name}",
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


def _effect(wish: Wanted) -> str:
    pattern = wanted(wish.pattern)
    if wish.before is None:
        return pattern
    after = wish.pattern.on(wish.before)
    if after == wish.before:
        return f"{pattern}, which is how it is already"
    return outcomes.difference(wish.before, after)


def _decided(first: str, blocks: Sequence[Block], petition: Petition, reader: str) -> Reply:
    by = "You" if petition.decided_by == reader else mention(petition.decided_by or "")
    match petition.state.partition(" ")[0]:
        case "declined":
            end = f"{by} said no."
        case "applied" | "planned":
            end = f"{by} said yes."
        case "linked":
            end = f"{by} linked them."
        case "withdrawn":
            end = f"{mention(petition.asker)} has left Slack, so there is nothing to decide any more."
        case _:
            end = "Nobody decided within seven days, so nothing was changed."
    return Reply(f"{first} {end}", (*blocks, section(end)))


# ------------------------------------------------------------------ for the asker


def answered(petition: Petition, who: Mapping[Subject, Who], linked: Entry | None, *, command: str) -> Reply:
    """The message to the asker about a petition that led to no change, was passed on, or was planned.

    Of a week without ``before`` it says only what was asked for: nothing, where that was an undo.
    """
    wish, exactly = _wish(petition, who), ""
    if len(petition.wanted) == 1 and (petition.wanted[0].before or not petition.undoes):
        exactly = f" ({_effect(petition.wanted[0])})"
    them = sentence_list(mention(each) for each in petition.asked)
    match petition.state:
        case "open":
            text = f"The person who was to decide has left Slack, so I’m now asking {them} {wish}{exactly}."
        case "declined":
            by = mention(petition.decided_by or "")
            text = f"{by} declined what you asked for: {wish}{exactly}. Nothing was changed."
        case "expired":
            text = (
                f"Seven days ago you asked {them} {wish}{exactly}. Nobody decided, so nothing was changed."
                " Ask them yourself, or ask again."
            )
        case state if state.startswith("planned "):
            by = mention(petition.decided_by or "")
            text = f"{by} said yes to what you asked for: {wish}{exactly}. It is planned for these days."
        case _ if linked:
            by = f"{mention(petition.decided_by)} linked you" if petition.decided_by else "You are linked"
            text = f"{by} to {focus_name(linked)} in Toggl Focus. Your week: `{command}`."
            if petition.text:
                again = button("Do it now", "run:again", value=petition.text, style="primary")
                return Reply.saying(f"{text} You had typed `{command} {petition.text}`.", *actions(again))
        case _:
            text = f"You asked {them} {wish}{exactly}."
    return Reply.saying(text)


def _wish(petition: Petition, who: Mapping[Subject, Who]) -> str:
    if not petition.wanted:
        return "to be linked to Toggl Focus"
    many = len(petition.wanted) > 1
    whose = f"{len(petition.wanted)} weeks" if many else who[petition.wanted[0].subject].whose
    return f"to {'undo a change to' if petition.undoes else 'change'} {whose}{_dates(petition)}"


def outcome_of_many(act: Act, receipt: Reply) -> Reply:
    """The message to the asker about a change of several weeks, below which the actor's receipt stands."""
    told = f"{mention(act.actor)} said yes to what you asked for."
    return Reply(f"{told} {receipt.text}", (section(told), *receipt.blocks))


def outcome(act: Act, who: Mapping[Subject, Who], reader: receipts.Reader) -> Reply:
    """The message to the asker about a change of one week that was made for them."""
    (change,) = act.changes
    told = f"{mention(act.actor)} said yes to what you asked for."
    if change.state is State.CONFLICT:
        return Reply.saying(f"{told} {_contested(act, who[change.subject])}")
    reply = receipts.receipt(act, who, reader)
    return Reply(f"{told} {reply.text}", (section(told), *reply.blocks))


def outcome_unseen(act: Act, who: Mapping[Subject, Who], reader: receipts.Reader) -> Reply:
    """The same for an asker who may not see these weeks: no hours but those asked for."""
    undone = f" {receipts.undone(act, reader)}." if act.undone_by else ""
    became = _became(act, who)
    return Reply.saying(f"{mention(act.actor)} said yes to what you asked for. {became}{undone}")


def _became(act: Act, who: Mapping[Subject, Who]) -> str:
    """What became of the act. A week that was like that before reads as one that was changed."""
    done = sum(change.state in {State.APPLIED, State.UNCHANGED} for change in act.changes)
    if len(act.changes) > 1:
        rest = "" if act.settled else " The rest is under way."
        return f"{done} of {len(act.changes)} weeks {'is' if done == 1 else 'are'} as you asked.{rest}"
    (change,) = act.changes
    whose = who[change.subject].whose
    match change.state:
        case State.APPLIED | State.UNCHANGED if act.kind is Kind.UNDO:
            return f"The change to {whose} is undone."
        case State.APPLIED | State.UNCHANGED:
            return f"{capital(whose)} is as you asked: {wanted(change.pattern)}."
        case State.PARTIAL:
            return f"Only a part of the change to {whose} is in Toggl Focus."
        case State.CONFLICT:
            return _contested(act, who[change.subject])
        case State.FAILED | State.CANCELLED:
            return f"Nothing was changed in {whose}."
        case _:
            return f"The change to {whose} is not done yet."


def _contested(act: Act, who: Who) -> str:
    return (
        f"Somebody has changed the same days of {who.whose} since, so {mention(act.actor)} decides which"
        " hours to keep."
    )
