"""Views of planned changes: messages, the form, and announcements."""
