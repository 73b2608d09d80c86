"""Words of the trade that need no entry in the glossary: what names of modules and classes are made of.

In the singular, as `test_vocabulary.singular` has it. A word that is not here and not in the glossary
makes the test fail: use one that is, or explain the new one in docs/glossary.md.
"""

from __future__ import annotations

_WORDS = """
    1 access action active adjustment admin admission affected aggregation alias allowed analytics
    anchored answer api app apply argument at authorization authorized bad balance behalf
    billing body bool bound boundary bounded by cache calendar callable caller can cancellation case cat
    change charge check checkout cleanup client clock closed closing codec column command common
    conflict contention context copy core count create created cursor daily data date
    day delete deleted deletion delivery detail device disabled dispute document domain dry due
    duration earlier email endpoint entry enum envelope erasure error exceeded expired
    export fact failed fcm field filter firestore fixed forecast form found from full
    generate genquota get give grid health held hidden hide http idempotency if int invalid invoice
    item kind last lifetime limiter line list listed listing locale log lww maintenance
    malformed manual many masking message mismatch monthly my named no not noted nothing
    notification on open openapi opened operation outcome output over overview ownership page
    paged paid param parent path payload pending percentile platform policy popular position
    preference previous price pricing privacy process product profile progress prompt
    purchase purchased push put query quota range ranking read reading rebuild rebuilt receiver
    recomputed reconcile reconciliation record recorded reducer registry remove removed report
    reported request resolution resolve restore result returning revenue revoke
    rolled rolling route row rpc rule run runtime scan schedule scheduled schema selected self
    sent serving set setting signature signed since sold span stalled stat state status storable
    store stored string subscriber sweep table temporary term text timezone token too top
    total traced track tracked tracking transaction trait trend trial trigger unavailable unit update
    url usage use validation value verified version visibility webhook what who write
"""
COMMON = frozenset(_WORDS.split())
