"""The only module that imports from allauth's private modules (`allauth.*.internal`).

`tests/accounts/test_allauth_private.py` checks each name and each overridden method, so that an upgrade of allauth that
breaks one of them says which.

| name | why there is no public way |
|---|---|
| `RateLimitUsage`, `consume` | `allauth.core.ratelimit` reads its limits from `ACCOUNT_RATE_LIMITS` alone, and gives no usage to roll back; its own notes call it to be removed |
| `check_rate_limit` | the limit on codes belongs to the check that allauth makes itself, which takes no code of the step before but once |
| `LOGIN_SESSION_KEY` | the documented stages of a sign-in say what comes next, not whether one has begun |
| `clear_login` | it ends a partial sign-in, which allauth's pages only do when they time out |
"""  # noqa: E501  the lines of a table

from allauth.account.internal.stagekit import LOGIN_SESSION_KEY, clear_login
from allauth.core.internal.ratelimit import RateLimitUsage, consume
from allauth.mfa.base.internal.flows import check_rate_limit

__all__ = ["LOGIN_SESSION_KEY", "RateLimitUsage", "check_rate_limit", "clear_login", "consume"]
