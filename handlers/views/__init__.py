"""Values into Block Kit; a modal's ``build`` and ``read`` stand side by side.

Pure functions, but for the language of whoever reads (:mod:`handlers.local`).
"""
