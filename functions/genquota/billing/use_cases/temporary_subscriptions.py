"""Temporary subscriptions: granted while a provider cannot validate a purchase.

The next report of any other subscription of the same person ends them, whatever either was bought as.
"""

from collections.abc import Mapping
from dataclasses import replace

from genquota.billing.domain.customers import Customers, person_of_customer
from genquota.billing.domain.provider_events import TEMPORARY
from genquota.billing.domain.subscription_reducer import SubscriptionRecord
from genquota.billing.use_cases.changes import SubscriptionChange

Changes = Mapping[str, SubscriptionChange]


def subscriptions_beside(changes: Changes, customers: Customers) -> set[str]:
    """Return ids of those that must be looked at with others: temporary ones, and all beside these."""
    beside: set[str] = set()
    for change in changes.values():
        is_temporary = change.after.is_temporary
        for name in _person(change, customers):
            held = customers[name].subscriptions
            beside.update(key for key in held if is_temporary or key.startswith(TEMPORARY))
    return beside


def with_replaced(changes: Changes, customers: Customers) -> dict[str, SubscriptionChange]:
    """Return subscriptions with temporary ones ended by what was reported of the others since."""
    return {
        key: replace(each, after=_replaced(each, changes, customers))
        if each.after.is_temporary
        else each
        for key, each in changes.items()
    }


def _replaced(
    change: SubscriptionChange, changes: Changes, customers: Customers
) -> SubscriptionRecord:
    person = _person(change, customers)
    reported = [
        each.after.status.version
        for each in changes.values()
        if each.after.status and not each.after.is_temporary and _person(each, customers) == person
    ]
    newest = max(reported, default=None, key=lambda version: (version.at, version))
    return replace(change.after, replaced_by=newest)


def _person(change: SubscriptionChange, customers: Customers) -> set[str]:
    """Return the customers who are the person that has a subscription now."""
    if not change.customers or change.customers[-1] not in customers:
        return set()
    return set(person_of_customer(change.customers[-1], customers))
