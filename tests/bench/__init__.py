"""Benchmarks: ``make bench`` prints tables of figures and whether goals are met. They are never tests.

The sandboxes and the load run in this process. The bot, and a bare Bolt listener to compare it with, run
in a process each, started as in a deployment. Both stay connected (each to a sandbox of its own) and are
measured in turns, so that other load on the machine affects both alike.
"""
