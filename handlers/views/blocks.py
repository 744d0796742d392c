"""The Block Kit elements that messages are built from, and the escaping of outside text.

A :class:`Reply` always has full sentences in ``text``, since notifications and screen readers get only that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ConfirmObject,
    ContextBlock,
    HeaderBlock,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)

__all__ = [
    "Reply",
    "actions",
    "button",
    "confirmed",
    "context",
    "cut",
    "disarmed",
    "escape",
    "header",
    "joined",
    "literal",
    "mention",
    "on",
    "section",
    "sections",
    "sentence_list",
    "when",
]

BUTTON_VALUE = 2000
HEADER_TEXT = 150
SECTION_TEXT = 3000
CONFIRM_TEXT = 300
A_NAME = 100
"""The most characters shown of a name: several have to fit into a paragraph or a table."""
BUTTON_TEXT = 75
"""The most characters on a button, and in what a screen reader says instead."""

TEXT = 3900
"""The most bytes of a message's ``text``: Slack refuses an edit with more than 4,000, and advises fewer."""
AND_MORE = " And more."

_TOGETHER = re.compile(r"(?<=[0-9]) (?=h\b)|(?<=\S) (?=→)|(?<=→) (?=\S)")


@dataclass(frozen=True, slots=True)
class Reply:
    """One message: its content as full sentences, cut if they are too many for Slack, and as blocks."""

    text: str
    blocks: tuple[Block, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", _brief(self.text))

    @classmethod
    def saying(cls, text: str, *more: Block) -> Reply:
        """A message with one text, followed by other blocks."""
        return cls(text, (*sections(text), *more))

    def after(self, text: str) -> Reply:
        """A copy of the message with a paragraph before it."""
        return Reply(f"{text} {self.text}", (section(text), *self.blocks))

    def noting(self, note: str) -> Reply:
        """A copy of the message with one more small grey line, placed above buttons at the end."""
        stop = "" if self.text.endswith((".", "?", "!")) else "."
        blocks = list(self.blocks or (section(self.text),))
        blocks.insert(len(blocks) - isinstance(blocks[-1], ActionsBlock), context(note))
        return Reply(f"{self.text}{stop} {note}.", tuple(blocks))


def joined(replies: Sequence[Reply]) -> Reply:
    """Several messages in one, below each other."""
    return Reply(
        " ".join(each.text for each in replies), tuple(block for each in replies for block in each.blocks)
    )


def escape(text: str) -> str:
    """Escape text from Slack or Focus for mrkdwn, so that ``<!channel>`` in it notifies nobody.

    Source: https://docs.slack.dev/messaging/formatting-message-text#escaping
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def literal(text: str) -> str:
    """A name, cut if it is very long, and read letter by letter wherever it stands, also within ``*…*``."""
    return escape(disarmed(cut(text, A_NAME)))


def disarmed(text: str) -> str:
    """A name whose ``*bold*`` and ``:tada:`` mean nothing; look-alikes stand where Slack would obey.

    Slack has no escape for these: https://docs.slack.dev/messaging/formatting-message-text#escaping
    Between two letters (``set_builder``) they mean nothing to it and stay, so that the name can be copied.
    """
    return _OBEYED.sub(lambda mark: _LOOKALIKE[mark[0]], " ".join(text.split()))


_LOOKALIKE = {"*": "∗", "_": "＿", "~": "∼", "`": "‘", ":": "∶"}
_OBEYED = re.compile(r"(?<![^\W_])[*_~]|[*_~](?![^\W_])|`|:(?=[\w+-]+:)")


def mention(user_id: str) -> str:
    """A mention, which Slack shows as the person's name."""
    return f"<@{user_id}>"


def when(moment: datetime) -> str:
    """A date and time that Slack shows in each reader's zone."""
    fallback = moment.strftime("%Y-%m-%d %H:%M UTC")
    return f"<!date^{int(moment.timestamp())}^{{date_short_pretty}} at {{time}}|{fallback}>"


def on(moment: datetime) -> str:
    """A date that Slack shows in each reader's zone."""
    fallback = moment.strftime("%Y-%m-%d")
    return f"<!date^{int(moment.timestamp())}^{{date}}|{fallback}>"


def cut(text: str, at_most: int) -> str:
    """Cut a text to this many characters, of which the last one then shows that it was cut."""
    return text if len(text) <= at_most else text[: at_most - 1] + "…"


def header(text: str) -> Block:
    """A heading in plain text, cut to Slack's limit."""
    return HeaderBlock(text=PlainTextObject(text=cut(text, HEADER_TEXT), emoji=False))


def section(text: str, *, accessory: ButtonElement | None = None) -> Block:
    """A paragraph of mrkdwn, cut to Slack's limit."""
    return SectionBlock(text=MarkdownTextObject(text=_shown(text)), accessory=accessory)


def sections(text: str) -> tuple[Block, ...]:
    """A text of any length as paragraphs of mrkdwn, parted between lines, else between names or words."""
    parts = []
    while len(text) > SECTION_TEXT:
        start = text[:SECTION_TEXT]
        end = max(start.rfind("\n"), 0) or max(start.rfind(", "), 0) or start.rfind(" ")
        end = end + 1 if end > 0 else SECTION_TEXT
        parts.append(text[:end].rstrip())
        text = text[end:].lstrip()
    return tuple(section(part) for part in (*parts, text) if part)


def context(text: str) -> Block:
    """A small grey line."""
    return ContextBlock(elements=[MarkdownTextObject(text=_shown(text))])


def actions(*buttons: ButtonElement | None) -> tuple[Block, ...]:
    """A row of buttons without the ``None`` ones; no block if none is left."""
    present = [each for each in buttons if each is not None]
    return (ActionsBlock(elements=present),) if present else ()


def button(
    text: str, action: str, *, value: str = "-", style: str | None = None, says: str | None = None
) -> ButtonElement:
    """A button.

    Args:
        text: a clear verb; about 30 characters are shown.
        action: the route, and after a ``:`` what makes it unique in its message.
        value: the data the route needs, such as an id; permissions are checked when it is pressed.
        style: ``primary`` or ``danger``.
        says: what a screen reader says instead of ``text``, cut like it to Slack's limit.
    """
    return ButtonElement(
        text=PlainTextObject(text=cut(text, BUTTON_TEXT), emoji=False),
        action_id=action,
        value=value,
        style=style,
        accessibility_label=says and cut(says, BUTTON_TEXT),
    )


def confirmed(press: ButtonElement, title: str, text: str) -> ButtonElement:
    """A copy of the button, which acts only after a dialog has said what is lost (``text``, mrkdwn)."""
    label = press.text.text if press.text else ""
    asking = copy(press)
    asking.confirm = ConfirmObject(
        title=PlainTextObject(text=title, emoji=False),
        text=MarkdownTextObject(text=cut(text, CONFIRM_TEXT)),
        confirm=PlainTextObject(text=label.rstrip("…"), emoji=False),
        deny=PlainTextObject(text="Keep", emoji=False),
        style="danger",
    )
    return asking


def sentence_list(items: Iterable[str], *, last: str = "and") -> str:
    """Join items as ``a``, ``a and b`` or ``a, b and c``."""
    words: Sequence[str] = tuple(items)
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def _brief(text: str) -> str:
    """Cut a text to ``TEXT`` bytes, between words and never within a mention or a date."""
    if len(text.encode()) <= TEXT:
        return text
    start = text.encode()[: TEXT - len(AND_MORE)].decode(errors="ignore")
    if start.rfind("<") > start.rfind(">"):
        return f"{start[: start.rfind('<')].rstrip(' ,')}{AND_MORE}"
    return f"{(start.rpartition(' ')[0] or start).rstrip(' ,')}{AND_MORE}"


def _shown(text: str) -> str:
    """Cut to what Slack takes; no line ends within ``8 h → 6 h``, which narrow ones did."""
    return _TOGETHER.sub("\N{NO-BREAK SPACE}", cut(text, SECTION_TEXT))
