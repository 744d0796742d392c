"""Stands in for a development package: httpx loads pygments first, then rich (see there)."""

raise ImportError("not installed where the bot is deployed")
