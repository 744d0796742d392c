"""Ids of what the bot makes itself."""

from __future__ import annotations

import secrets

__all__ = ["new_id"]


def new_id() -> str:
    """Short enough to be read out, random enough never to repeat."""
    return secrets.token_hex(6)
