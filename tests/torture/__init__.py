"""What must not go wrong, made to go wrong: ``make torture``."""
