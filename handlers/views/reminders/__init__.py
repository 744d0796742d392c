"""Views of reminders: cards and lists, the form, posts, answers, and failures."""
