"""Hides a development package: httpx imports rich where it is installed, which costs 3 MB of memory.

No deployment has it (see requirements.txt), so the measured programs must not have it, either.
"""

raise ImportError("not installed where the bot is deployed")
