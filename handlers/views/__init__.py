"""Values into Block Kit: pure functions; a modal's ``build`` and ``read`` stand side by side."""
