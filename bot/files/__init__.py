"""Links and weeks as CSV files: ``python -m bot links export|import`` and ``export weeks``."""
