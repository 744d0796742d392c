"""Messages about an act on many weeks: progress, final result, and its line in the audit channel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta

from slack_sdk.models.blocks import Block, ButtonElement

from handlers.views.blocks import Reply, actions, button, context, literal, mention, section, when
from handlers.views.lists import Room, about, grouped, listed, named, sentences
from handlers.views.outcomes import difference
from handlers.views.receipts import Reader, undone
from handlers.views.troubles import trouble_sentence
from handlers.views.week import Who, wanted
from handlers.views.words import counted, format_days
from store.act import Act, Change, Kind, State
from store.week import Subject

__all__ = ["audit", "begun", "receipt"]

AUDIT_NAMES = 30

_DOING = {Kind.UNDO: "Putting back", Kind.PUT_BACK: "Putting back", Kind.REDO: "Redoing the change to"}
_DONE = {Kind.UNDO: "put back", Kind.PUT_BACK: "put back", Kind.REDO: "redid the change to"}

_WRITTEN, _SAME = {State.APPLIED}, {State.UNCHANGED}
_SKIPPED, _FAILED, _STOPPED = {State.CONFLICT}, {State.FAILED, State.PARTIAL}, {State.CANCELLED}


def begun(act: Act, takes: timedelta) -> Reply:
    """The answer where it was asked: the act runs now, and a direct message shows its progress."""
    weeks = counted(len(act.changes), "week")
    return Reply.saying(
        f"{_DOING.get(act.kind, 'Changing')} {weeks} now, {about(takes)}. A direct message"
        " shows you the progress, with *Stop*. Others can still use me meanwhile."
    )


def receipt(act: Act, who: Mapping[Subject, Who], reader: Reader, *, takes: timedelta) -> Reply:
    """The actor's one message: progress while the act runs, then the result."""
    return _progress(act, who, reader, takes) if not act.settled else _result(act, who, reader)


def audit(act: Act, who: Mapping[Subject, Who]) -> Reply:
    """One line for the audit channel, for any number of weeks."""
    written = [change for change in act.changes if change.written]
    names = [literal(who[change.subject].plain) for change in written]
    more = f" and {len(names) - AUDIT_NAMES} more" if len(names) > AUDIT_NAMES else ""
    text = (
        f"{mention(act.actor)} {_DONE.get(act.kind, 'changed')} {counted(len(written), 'week')}{_what(act)}:"
        f" {', '.join(names[:AUDIT_NAMES])}{more}. {when(act.at)}"
    )
    return Reply.saying(f"{text} Undone by {mention(act.undone_by_actor)}." if act.undone_by_actor else text)


# ------------------------------------------------------------------ while it runs


def _progress(act: Act, who: Mapping[Subject, Who], reader: Reader, takes: timedelta) -> Reply:
    waiting = [change for change in act.changes if change.state is State.WAITING]
    title = f"{_DOING.get(act.kind, 'Changing')} {counted(len(act.changes), 'week')}{_what(act)}."
    standing = _standing(act, takes)
    held = next((text for change in waiting if change.trouble and (text := trouble_sentence(change))), "")
    skipped = _in(act, _SKIPPED)
    blocks: list[Block] = [section(f":hourglass_flowing_sand: {title}\n*{standing}*")]
    if held:
        blocks.append(section(held))
    blocks += listed("Skipped: changed by somebody else since", named(_labels(skipped, who)), paragraphs=2)
    blocks.append(context(_foot(act, reader)))
    stop = button("Stop", "stop", value=act.id, style="danger") if waiting and reader.offers else None
    blocks += actions(stop)
    return Reply(" ".join(filter(None, (title, f"{standing}.", held))), tuple(blocks))


def _standing(act: Act, takes: timedelta) -> str:
    """The progress, such as ``57 of 200 done · 3 skipped · about 20 min left``."""
    done = len(_in(act, _WRITTEN | _SAME))
    parts = [f"{done} of {len(act.changes)} done", *_shortfalls(act)]
    return " · ".join([*parts, f"{about(takes)} left"])


def _shortfalls(act: Act) -> Iterable[str]:
    for states, word in ((_SKIPPED, "skipped"), (_FAILED, "failed"), (_STOPPED, "stopped")):
        if number := len(_in(act, states)):
            yield f"{number} {word}"


# ------------------------------------------------------------------ at the end


def _result(act: Act, who: Mapping[Subject, Who], reader: Reader) -> Reply:
    written, same, stopped = _in(act, _WRITTEN), _in(act, _SAME), _in(act, _STOPPED)
    short = [*_in(act, _SKIPPED), *_in(act, _FAILED)]
    by = "You" if act.actor == reader.user_id else mention(act.actor)
    deed = _DONE.get(act.kind, "changed")
    title = f"{by} {deed} {len(written)} of {counted(len(act.changes), 'week')}{_what(act)}."
    if shortfalls := ", ".join(_shortfalls(act)):
        title = f"{title} {shortfalls.capitalize()}."
    untold = [change for change in written if change.subject.kind == "person"]
    untold = [change for change in untold if not who[change.subject].linked]
    lists = (
        ("Skipped", grouped(_told(_in(act, _SKIPPED), who, _why))),
        ("Failed", grouped(_told(_in(act, _FAILED), who, _why))),
        ("Stopped before their turn", named(_labels(stopped, who))),
        (deed.capitalize(), grouped(_told(written, who, _changed))),
        ("Already like that", named(_labels(same, who))),
        ("Not told: no Slack link", named(_labels(untold, who))),
    )
    mark = ":warning:" if shortfalls else ":white_check_mark:"
    blocks: list[Block] = [section(f"{mark} {title}")]
    room = Room()
    for heading, items in lists:
        blocks += listed(heading, items, room=room)
    notes = [_foot(act, reader)] + ([undone(act, reader)] if act.undone_by else [])
    blocks += map(context, notes)
    blocks += actions(*(_offers(act, reader) if reader.offers else ()))
    every = [f"{label}: {text}" for label, text in _told(short, who, _why)]
    every += [f"{label}: {text}." for label, text in _told(written, who, _changed)]
    alike = f"{len(same)} already like that: {', '.join(_labels(same, who))}." if same else ""
    unbegun = f"Stopped before their turn: {', '.join(_labels(stopped, who))}." if stopped else ""
    told = (title, *(f"{note}." for note in notes), *every, unbegun, alike)
    return Reply(sentences(filter(None, told)), tuple(blocks))


def _told(
    changes: Sequence[Change], who: Mapping[Subject, Who], what: Callable[[Change], str]
) -> list[tuple[str, str]]:
    return [(who[change.subject].label, what(change)) for change in changes]


def _changed(change: Change) -> str:
    now = change.found or change.wanted
    return difference(change.before, now) if change.before and now else "changed"


def _why(change: Change) -> str:
    done = f"{format_days(change.written)} done, the rest not. " if change.state is State.PARTIAL else ""
    return f"{done}{trouble_sentence(change)}".strip() or "Nothing was written."


def _offers(act: Act, reader: Reader) -> Iterable[ButtonElement | None]:
    if act.undone_by is None and (again := [change for change in act.changes if change.can_finish]):
        name = f"Finish {len(again)}"
        yield button(name, "finish_all", value=act.id, style="primary")
    if act.undoable(reader.now):
        yield button("Redo" if act.kind is Kind.UNDO else "Undo", "undo", value=act.id)


# ------------------------------------------------------------------ inside


def _in(act: Act, states: set[State]) -> list[Change]:
    return [change for change in act.changes if change.state in states]


def _labels(changes: Sequence[Change], who: Mapping[Subject, Who]) -> list[str]:
    return [who[change.subject].label for change in changes]


def _what(act: Act) -> str:
    """The pattern, such as `` (Mon–Thu 8 h, Fri off)``, if it is the same for everybody."""
    patterns = {change.pattern for change in act.changes}
    if act.kind in {Kind.UNDO, Kind.REDO, Kind.PUT_BACK} or len(patterns) != 1:
        return ""
    return f" ({wanted(patterns.pop())})"


def _foot(act: Act, reader: Reader) -> str:
    by = "by you" if act.actor == reader.user_id else f"by {mention(act.actor)}"
    return f"{by} · {when(act.at)} · Toggl Focus · act {act.id}"
