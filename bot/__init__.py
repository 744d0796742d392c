"""Runs it: settings, command line, connection, composition root; nothing is re-exported."""
