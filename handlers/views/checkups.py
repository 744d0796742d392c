"""What the daily look at the links found, as admins read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from handlers.views.blocks import Reply, actions, button, context, escape, mention
from handlers.views.links import focus_name
from store.checkups import News, What
from store.directory import Entry

__all__ = ["embodied", "news"]

SHOWN = 20
"""Lines shown; of more only the number is told."""

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


def news(found: Sequence[News], *, command: str) -> Reply:
    """One message for one look, however much it found."""
    title = f"What changed about links between Slack and Toggl Focus ({len(found)}):"
    lines = [_line(each) for each in found[:SHOWN]]
    more = f"and {len(found) - SHOWN} more: " if len(found) > SHOWN else ""
    hint = f"{more}`{command} links` shows everybody as they are now."
    reply = Reply.saying("\n".join([title, *(f"• {line}" for line in lines)]), context(hint))
    return Reply(" ".join([title, *lines, hint]), reply.blocks)


def embodied(ghost: str, person: Entry, *, likely: str | None, command: str) -> Reply:
    """A placeholder became a person: who that is in Slack, or a press away from it."""
    told = f"The placeholder *{escape(ghost)}* became a person in Toggl Focus: {focus_name(person)}."
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
    focus = f"*{escape(each.name)}*" if each.name else "a Focus user"
    return _SAID[each.what](
        mention(each.slack_user_id), f"{focus} ({each.focus_user_id})", escape(each.detail)
    )
