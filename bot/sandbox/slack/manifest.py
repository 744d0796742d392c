"""The app as its manifest declares it: commands, scopes, events, tabs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["App", "Command"]

_WITHOUT_MANIFEST = frozenset({"message.im", "app_mention", "app_home_opened", "user_change"})


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command as the manifest declares it."""

    name: str
    description: str = ""
    usage_hint: str = ""
    should_escape: bool = True


@dataclass(frozen=True, slots=True)
class App:
    """What the app may do, and which events it gets.

    Without a manifest (``None``) all commands, scopes and shortcuts are allowed.
    """

    commands: Mapping[str, Command] | None
    scopes: frozenset[str] | None
    events: frozenset[str]
    shortcuts: frozenset[str] | None
    name: str = "Working Hours"
    interactive: bool = True
    home_tab: bool = True
    messages_tab: bool = True

    @classmethod
    def read(cls, manifest: Mapping[str, Any] | None) -> App:
        """Read a manifest."""
        if manifest is None:
            return cls(None, None, _WITHOUT_MANIFEST, None)
        features, settings = manifest.get("features", {}), manifest.get("settings", {})
        home = features.get("app_home", {})
        commands = [
            Command(
                each["command"],
                each.get("description", ""),
                each.get("usage_hint", ""),
                should_escape=bool(each.get("should_escape")),
            )
            for each in features.get("slash_commands", [])
        ]
        return cls(
            {command.name: command for command in commands},
            frozenset(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", [])),
            frozenset(settings.get("event_subscriptions", {}).get("bot_events", [])),
            frozenset(each["callback_id"] for each in features.get("shortcuts", [])),
            name=features.get("bot_user", {}).get("display_name") or manifest["display_information"]["name"],
            interactive=bool(settings.get("interactivity", {}).get("is_enabled")),
            home_tab=bool(home.get("home_tab_enabled")),
            messages_tab=bool(home.get("messages_tab_enabled", True))
            and not home.get("messages_tab_read_only_enabled"),
        )

    def command(self, name: str) -> Command | None:
        """The command with this name, if the app has it."""
        return Command(name) if self.commands is None else self.commands.get(name)

    def allows(self, scope: str) -> bool:
        """Whether the bot token has a scope."""
        return self.scopes is None or scope in self.scopes
