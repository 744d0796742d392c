"""Ids of objects that the bot creates itself."""

from __future__ import annotations

import os
from random import Random

__all__ = ["new_id"]

# An id grants nothing, so it need not be a secret; asking the system for each would hold up acknowledgements.
_random = Random()  # noqa: S311 - see above
if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_random.seed)  # else a forked process would repeat its parent's ids


def new_id() -> str:
    """A new random id of 12 hexadecimal digits: short enough to read aloud, and in practice unique."""
    return f"{_random.getrandbits(48):012x}"
