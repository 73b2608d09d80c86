"""Records of billing are stored as texts and read back as they were, whichever release wrote them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genquota.billing.domain.customers import CustomerRecord
from genquota.billing.domain.lww_registers import EARLIEST, LATEST, LwwRegister, Version
from genquota.billing.domain.provider_events import ProviderEvent
from genquota.billing.domain.purchases import PaymentRecord
from genquota.billing.domain.subscription_reducer import SubscriptionRecord
from genquota.billing.store.record_codec import record_from_text, record_to_text

KINDS = (SubscriptionRecord, CustomerRecord, PaymentRecord, ProviderEvent)

INSTANTS = st.datetimes(timezones=st.just(UTC)) | st.sampled_from([EARLIEST, LATEST])
st.register_type_strategy(datetime, INSTANTS)
st.register_type_strategy(
    LwwRegister,
    lambda kind: st.builds(LwwRegister, st.from_type(get_args(kind)[0]), st.from_type(Version)),
)
st.register_type_strategy(
    Mapping, lambda kind: st.dictionaries(*map(st.from_type, get_args(kind)), max_size=3)
)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_a_record_is_read_back_as_it_was_written(kind: type[Any], data: st.DataObject) -> None:
    record = data.draw(st.from_type(kind))
    text = record_to_text(record, 2)
    assert record_from_text(kind, text) == record
    content = json.loads(text)
    assert content["form"] == 2
    assert text == json.dumps(content, sort_keys=True, separators=(",", ":"))
    content["field of a newer release"] = {"x": 1}
    assert record_from_text(kind, json.dumps(content)) == record


def test_a_text_of_an_earlier_release_is_read_and_written_as_it_stands() -> None:
    text = (
        '{"by_hand":"ann","form":2,"id":"cus_1","moves":[],"payments":["pi_1"],"receipts":[],'
        '"subscriptions":["sub_1","sub_2"],"users":[{"value":["ann",4],"version":'
        '["0001-01-01T00:00:00+00:00","2027-03-15T09:00:00.250000+00:00",1,"evt_1"]}]}'
    )
    record = record_from_text(CustomerRecord, text)
    assert record.subscriptions == {"sub_1", "sub_2"}
    assert record.users[0].version == (
        *(EARLIEST, datetime(2027, 3, 15, 9, 0, 0, 250_000, tzinfo=UTC)),
        *(1, "evt_1"),
    )
    assert record.aliases == ()
    assert record_to_text(record, 2) == text.replace("{", '{"aliases":[],', 1)
