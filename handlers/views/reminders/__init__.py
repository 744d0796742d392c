"""Reminders: how they are shown and made, what they post, what is answered, and what went wrong."""
