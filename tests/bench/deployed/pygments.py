"""Hides a development package: httpx imports pygments before rich (see ``rich.py``)."""

raise ImportError("not installed where the bot is deployed")
