"""Planned changes: how they are shown, changed in a form, and told of when their day comes."""
