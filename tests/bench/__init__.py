"""How fast: ``make bench`` prints one table of figures beside their goals. Never a timed test.

The sandbox and its load run in this process; this bot, and a bare Bolt listener to compare it with, each
in one of their own, started as a deployment starts them. Both stay connected (each to a sandbox of its
own) and are measured by turns, so that what the machine does meanwhile falls on both alike.
"""
