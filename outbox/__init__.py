"""Messages laid down in the transaction that makes them due, and delivered afterwards. Knows nothing of patients."""

from .box import Written, deliver, lay, quietly, register, wake, wake_if_allowed

__all__ = ["Written", "deliver", "lay", "quietly", "register", "wake", "wake_if_allowed"]
