"""A local Slack: one workspace, one app, and human beings to act as."""

from bot.sandbox.slack.acts import Sent
from bot.sandbox.slack.composer import Suggestion
from bot.sandbox.slack.human import Human
from bot.sandbox.slack.service import Slack
from bot.sandbox.slack.workspace import Channel, Group, Message, Person, View

__all__ = ["Channel", "Group", "Human", "Message", "Person", "Sent", "Slack", "Suggestion", "View"]
