"""The public settings of the deployment, for web pages."""

from typing import Self

from genquota.domain.policy import Policy
from genquota.messages.answers.callable_answers import Answer


class DeploymentAnswer(Answer):
    """Settings that decide what there is to show; nothing of any user."""

    types: list[str]
    """Of generations."""
    live_feed: str
    """`off`, `anonymous` or `named`."""
    feed_hours: int
    analytics: str
    """`admins` or `public`: who may ask for the analytics."""
    timezone: str
    """Of users who have set none."""

    @classmethod
    def of(cls, policy: Policy) -> Self:
        return cls(
            types=sorted(policy.types),
            live_feed=policy.feed.mode.value,
            feed_hours=int(policy.feed.length.total_seconds() // 3600),
            analytics="public" if policy.analytics_are_public else "admins",
            timezone=policy.default_timezone,
        )
