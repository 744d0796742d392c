"""Stands in for a development package: httpx loads rich, and 3 MB with it, where that is installed.

No deployment has it (see requirements.txt), so the programs that are measured do not get it, either.
"""

raise ImportError("not installed where the bot is deployed")
