"""Alerts to admins, and messages about requests that a restart interrupted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from handlers.effects import Effect, effect_in
from handlers.views.blocks import Reply, actions, button, context, disarmed, escape, section, when
from handlers.views.week import Who, in_words, week_table
from store.act import Act
from store.week import Snapshot

__all__ = [
    "NO_NUMBERING_LEFT",
    "alert",
    "confirm_weekdays",
    "not_again",
    "nothing_to_compare",
    "undone",
    "weekdays_asked",
    "weekdays_refused",
    "weekdays_settled",
]

NO_NUMBERING_LEFT = (
    "No weekday numbering that I know fits what Toggl Focus shows, so I still change nothing. Run"
    " `python -m bot doctor`: it shows the numbers that Focus sends. Then set FOCUS_WEEKDAYS."
)


def undone(act: Act, *, command: str, restarted: bool, now: datetime) -> Reply:
    """The message about a request interrupted by a restart or by Slack refusing the answer.

    It says that nothing was done or, for a local effect, that this is not certain; with *Do it now*.
    """
    said = act.request.get("text")
    what = f"`{command} {escape(str(said))}`" if said else "your change"
    why = "I was restarted" if restarted else "Slack did not take my answer"
    nothing = "nothing was changed."
    offer = act.can_be_taken_up(now)
    if effect_in(act.request) is Effect.LOCAL:
        nothing = f"it may not have been done.{' *Do it now* won’t do anything twice.' if offer else ''}"
    told = f"{why} when you asked for {what} ({when(act.at)}); {nothing}"
    if offer:
        again = button("Do it now", "do_it_now", value=act.id, style="primary")
        return Reply.saying(told, *actions(again))
    if act.interrupted:
        return Reply.saying(f"{told} Ask again if you still want it.")
    return Reply.saying(f"{told} You had it done afterwards.")


def not_again(act: Act | None) -> Reply:
    """The answer to *Do it now* if it was pressed before, or is pressed too late."""
    if act is None or act.interrupted:
        return Reply.saying("This is too old, so I did nothing. Ask again.")
    return Reply.saying("I have already started on this, so I did nothing twice.")


def alert(detail: Mapping[str, Any], *, command: str) -> Reply:
    """Something stopped that only an admin can start again."""
    seen = escape(disarmed(str(detail.get("seen", ""))))
    unlock = actions(button("I have checked: allow changes again", "unlock", value=str(detail.get("code"))))
    match detail.get("code"):
        case "moved":
            return Reply.saying(
                ":rotating_light: I stopped all changes. The first change of its kind moved days in Toggl"
                f" Focus that it should not have ({seen}). I put them back where I could. Look at that week"
                " in Focus, and check `FOCUS_WEEKDAYS` with `python -m bot doctor`.",
                *unlock,
            )
        case "impossible":
            return Reply.saying(
                f":rotating_light: I stopped all changes. Toggl Focus sent the weekday number {seen}, which"
                " does not fit the configured numbering. Check `FOCUS_WEEKDAYS` with"
                " `python -m bot doctor`.",
                *unlock,
            )
        case "doubted":
            return Reply.saying(
                ":rotating_light: I stopped all changes, because I may read every day as the day after or"
                f" before it: more people’s weeks fit another numbering than `FOCUS_WEEKDAYS`. {seen} Compare"
                " somebody’s uneven week here with Focus’s own page, under *Settings › Availability*. If they"
                " differ, have `FOCUS_WEEKDAYS` corrected and me restarted before you press the button.",
                *unlock,
            )
        case "ambiguous":
            return Reply.saying(
                f"These Toggl Focus users share one e-mail address, so I linked none of them: {seen}."
                f" Link them by hand with `{command} link`."
            )
        case _:
            return Reply.saying(escape(str(detail.get("text", ""))))


def confirm_weekdays(
    who: Who, snapshot: Snapshot, *, numbering: str, refused: Sequence[str], sentence: str
) -> Reply:
    """The question that proves how Focus numbers its weekdays; ``refused`` numberings were asked before."""
    text = (
        "Toggl Focus does not say which number means which weekday, so I change nothing until you have"
        f" compared one week. I read {who.label}’s week like this. Is it the same on Focus’s own page,"
        " under *Settings › Availability*?"
    )
    asked = " ".join((numbering, *refused))
    return Reply(
        f"{text} {in_words(snapshot.week)}. {escape(sentence)} Read as `{numbering}`.",
        (
            section(text),
            week_table([(who.cell, snapshot.week)]),
            context(f"{escape(sentence)} Read as `{numbering}`."),
            *actions(
                button("Yes, the same", "weekdays:yes", value=f"yes {asked}", style="primary"),
                button("No, the days are shifted", "weekdays:no", value=f"no {asked}"),
            ),
        ),
    )


def nothing_to_compare(command: str) -> str:
    """Why the question cannot be asked while nobody is known to have hours, and what to do."""
    return (
        "I change nothing until you have compared one week with Toggl Focus, but no week that I have read"
        " there has any hours. Set somebody’s week on Focus’s own page, then look at it here, such as with"
        f" `{command} @ana`: I’ll ask you about it within minutes."
    )


def weekdays_asked() -> Reply:
    """The answer to *Compare a week now*: where the question is."""
    return Reply.saying(
        "I sent you a direct message about Toggl Focus’s weekdays. Once you have done what it asks, I make"
        " changes."
    )


def weekdays_settled(numbering: str) -> Reply:
    """The message once the numbering is settled by an admin or by the setting."""
    return Reply.saying(f"It is settled how I read Toggl Focus’s weekdays: as `{numbering}`.")


def weekdays_refused(numbering: str) -> Reply:
    """The message once an admin, or Focus itself, has said no; the next question is a new message."""
    return Reply.saying(f"It is settled that, read as `{numbering}`, the days don’t match Toggl Focus.")
