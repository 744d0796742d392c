"""Turn values into Block Kit; a modal's ``build`` and ``read`` are in the same module.

The functions are pure, except that they read the current reader's locale (:mod:`handlers.local`).
"""
