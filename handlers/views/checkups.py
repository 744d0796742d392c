"""Messages to admins about what the daily check of the links found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from handlers.views.blocks import Reply, actions, button, context, literal, mention, section, sentence_list
from handlers.views.links import focus_name
from store.checkups import News, What
from store.directory import Entry

__all__ = ["Successor", "embodied", "news"]

SHOWN = 20
"""The most lines shown; further ones are only counted."""

_SAID: Mapping[What, Callable[[str, str, str], str]] = {
    What.LINKED: lambda slack, focus, _: f"{slack} is now linked to {focus}, by the e-mail address.",
    What.SLACK_GONE: lambda slack, focus, _: f"{slack}, linked to {focus}, was deactivated in Slack.",
    What.SLACK_BACK: lambda slack, focus, _: f"{slack}, linked to {focus}, is active in Slack again.",
    What.SLACK_EMAIL: lambda slack, focus, mail: (
        f"{slack} has another e-mail address in Slack ({mail}) and stays linked to {focus}."
    ),
    What.FOCUS_GONE: lambda slack, focus, _: f"{focus}, linked to {slack}, is not in Toggl Focus any more.",
    What.FOCUS_OFF: lambda slack, focus, _: f"{focus}, linked to {slack}, was deactivated in Toggl Focus.",
    What.FOCUS_BACK: lambda slack, focus, _: f"{focus}, linked to {slack}, is active in Toggl Focus again.",
    What.FOCUS_EMAIL: lambda slack, focus, mail: (
        f"{focus} has another e-mail address in Toggl Focus ({mail}) and stays linked to {slack}."
    ),
}


@dataclass(frozen=True, slots=True)
class Successor:
    """A manager of a placeholder who may not change the person it became; ``value`` is for the button."""

    manager: str
    name: str
    value: str


def news(found: Sequence[News], *, command: str) -> Reply:
    """The one message about all findings of a check."""
    title = f"What changed about links between Slack and Toggl Focus ({len(found)}):"
    lines = [_line(each) for each in found[:SHOWN]]
    more = f"and {len(found) - SHOWN} more: " if len(found) > SHOWN else ""
    hint = f"{more}`{command} links` shows everybody as they are now."
    reply = Reply.saying("\n".join([title, *(f"• {line}" for line in lines)]), context(hint))
    return Reply(" ".join([title, *lines, hint]), reply.blocks)


def embodied(
    ghost: str, person: Entry, *, likely: str | None, managers: Sequence[Successor], command: str
) -> Reply:
    """The message about a placeholder that became a person.

    It names the linked Slack user or offers the likeliest, and the managers whose grant no longer applies.
    """
    found = _who_it_is(ghost, person, likely=likely, command=command)
    if not managers:
        return found
    they = sentence_list(mention(each.manager) for each in managers)
    lost = (
        f"{they} could change the placeholder’s week and can’t change the person’s: such a right does not"
        " move by itself."
    )
    moves = [
        button(f"Let {each.name} change it", f"embodied_grant:{each.manager}", value=each.value)
        for each in managers
    ]
    return Reply(f"{found.text} {lost}", (*found.blocks, section(lost), *actions(*moves)))


def _who_it_is(ghost: str, person: Entry, *, likely: str | None, command: str) -> Reply:
    told = f"The placeholder *{literal(ghost)}* became a person in Toggl Focus: {focus_name(person)}."
    number = person.subject.id
    if person.slack_user_id:
        return Reply.saying(
            f"{told} {mention(person.slack_user_id)} is linked to them and can change the week from now on."
        )
    if likely:
        press = button("Link", "link_one", value=f"{likely} {number}", style="primary")
        other = f"Somebody else? `{command} link @name {number}`"
        return Reply.saying(f"{told} Most likely that is {mention(likely)}. {other}", *actions(press))
    return Reply.saying(f"{told} Nobody in Slack is linked to them: `{command} link @name {number}` does it.")


def _line(each: News) -> str:
    focus = f"*{literal(each.name)}*" if each.name else "a Focus user"
    return _SAID[each.what](
        mention(each.slack_user_id), f"{focus} ({each.focus_user_id})", literal(each.detail)
    )
