"""Ids of objects that the bot creates itself."""

from __future__ import annotations

import secrets

__all__ = ["new_id"]


def new_id() -> str:
    """A new random id of 12 hexadecimal digits: short enough to read aloud, and in practice unique."""
    return secrets.token_hex(6)
