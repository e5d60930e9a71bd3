"""What can be wrong with an agent expression."""

from __future__ import annotations

from ..errors import EINVAL, RspError


class AgentError(RspError):
    """An agent expression is malformed, divides by zero, or needs what is not there."""

    errno = EINVAL
