"""Which feature a test file proves, so that `make test FEATURE=billing` runs one feature's proof.

Tests are filed by what they need (nothing, an emulator, the functions, all of it); a feature's tests are in
several folders. A file may prove more than one.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

FEATURES: dict[str, str] = {
    "quota": """
        adjustments allocation anchored_windows calendar_windows first_call limits period_exact
        periods prices no_window_is_minted quarters quota_answer quota_answers quota_machine
        random_histories refusals rolling free_plan_for closing document_size races_of_creates
        shared_commits turns
        races_with_outsiders two_processes window_after windows_over_time usage_answer
        text_codec cost nesting story killed_process reasons throttle throttling never_swept
        in_process in_process_later outsiders terms_in_force acting_for_others
        reading_users_terms
    """,
    "generations": """
        fewer_outputs generation_answers generation_states holds idempotency killed_process
        late_success partial_reports races_of_reports refunds reports_on_the_edge
        requests_are_stored settlement public_engines urls urls_of_real_projects requests
        request_bounds lenient_requests keys story
    """,
    "plans": """
        catalogue plan_change plan_changes plan_terms prices reading_plans overrides
        allowance_moves quarters periods fewer_outputs free_plan_for
    """,
    "billing": """
        aliases billing_converges billing_form_1 business customers customers_with_aliases
        one_off_payments ownership payment_providers payments plan_items *_events
        provider_periods purchased_credits purchases record_codec resolve stripe_payments
        subscriptions subscriptions_at_call_time webhook_orders webhooks
        what_subscriptions_come_to manual_subscriptions
    """,
    "operators": """
        acting_for_others api_changes audit_entries changing_users first_admin grants
        killed_operators last_admin limit_changes manual_subscriptions operated_histories
        operations operator_edits operators operators_cost operators_grants operators_limits
        operators_rights override overrides_for_many permissions refunds restore_user
        resolving_events restoring user_page dialogs
    """,
    "privacy": """
        accounts deleting devices emails exported_values exporting former_users masking
        one_email own_data profile_answer profile_answers restore_user restoring
        statistics_erasure locales
    """,
    "notices": "notice_texts notices push push_in_time devices",
    "feed": "api_live_feed community feed live_feed live_feed_machine pace masking readers",
    "statistics": """
        analytics analytics_answer api_analytics api_user_analytics generation_facts
        own_analytics statistics statistics_check statistics_erasure statistics_fold
        statistics_kept statistics_lists statistics_races statistics_ranges statistics_ranking
        forecast
    """,
    "timeline": "api_timeline timeline timeline_machine api_later later",
    "jobs": """
        cleanup jobs never_swept reconcile reconciliation reconciliation_machine schedules
        statistics_check sweeps backfill
    """,
    "api": """
        allowed_input allowed_requests api_changes api_description api_export api_later
        api_lists api_not_found api_operations api_requests api_rights api_servers app_check
        bad_bodies bad_fields bad_tokens browsers cursors errors_on_the_wire export_rows fuzz
        generated_clients json_values null odd_claims
    """,
    "store": "field_names rpc rpc_counter store_down values",
    "deployment": """
        alone cold_start env_files frame hosting import logs manifest monitoring params process_group
        records seeds settings time_travel version
    """,
    "house": "house vocabulary features files_entered",
}
"""The files of each feature, without `test_` and `.py`; `*` stands for any text."""

FOLDERS = {"rules": "rules", "indexes": "rules", "docs": "docs", "web": "web"}
"""The feature that all files of a folder prove."""


def features_of(folder: str, name: str) -> set[str]:
    """Return the features that a file's tests prove."""
    found = {feature for feature, files in FEATURES.items() if matches(name, files)}
    return found | ({FOLDERS[folder]} if folder in FOLDERS else set())


def matches(name: str, files: str) -> bool:
    """Return whether a file's name is among those of a feature."""
    return any(fnmatchcase(name, pattern) for pattern in files.split())


def all_features() -> set[str]:
    return {*FEATURES, *FOLDERS.values()}
