"""The endpoints: name, method, path, rate windows, scopes. One line each, in Klaviyo's own operation names.

Source: the official OpenAPI description, revision 2026-07-15 (x-klaviyo-ratelimit, x-klaviyo-scopes). Reading and
changing a single profile is missing from our copy; their windows are taken from the siblings.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Limits:
    """Calls a second, a minute and, for a few endpoints, a day."""

    burst: int
    steady: int
    daily: int | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """An endpoint. One whose path begins with /client takes the public key instead of a private one."""

    name: str
    method: str
    path: str
    limits: Limits
    scopes: frozenset[str]

    @property
    def is_client(self) -> bool:
        """Whether browsers call it."""
        return self.path.startswith("/client")

    @property
    def median_s(self) -> float:
        """A plausible time to answer: jobs are slow, reads are quicker, single writes quickest."""
        if "-jobs" in self.path:
            return 0.22
        return 0.11 if self.method == "GET" else 0.07


XS, S, M, L, XL = Limits(1, 15), Limits(3, 60), Limits(10, 150), Limits(75, 750), Limits(350, 3500)
LIST_PROFILES: Final = "/api/lists/<list_id>/relationships/profiles"
FORM_VERSIONS: Final = "/api/forms/<form_id>/form-versions"
IMPORT: Final = "/api/profile-bulk-import-jobs"
SUBSCRIBE: Final = "/api/profile-subscription-bulk-create-jobs"
UNSUBSCRIBE: Final = "/api/profile-subscription-bulk-delete-jobs"
SUPPRESS: Final = "/api/profile-suppression-bulk-create-jobs"
UNSUPPRESS: Final = "/api/profile-suppression-bulk-delete-jobs"
CONSENT: Final = "lists:write profiles:write subscriptions:write"

OPERATIONS: Final = tuple(
    Operation(name, method, path, limits, frozenset(scopes.split()))
    for name, method, path, limits, scopes in (
        ("create_event", "POST", "/api/events", XL, "events:write"),
        ("bulk_create_events", "POST", "/api/event-bulk-create-jobs", M, "events:write"),
        ("get_events", "GET", "/api/events", XL, "events:read"),
        ("get_metrics", "GET", "/api/metrics", M, "metrics:read"),
        (
            "get_flows_triggered_by_metric",
            "GET",
            "/api/metrics/<metric_id>/flow-triggers",
            M,
            "flows:read metrics:read",
        ),
        ("query_metric_aggregates", "POST", "/api/metric-aggregates", S, "metrics:read"),
        ("get_accounts", "GET", "/api/accounts", XS, "accounts:read"),
        ("get_profiles", "GET", "/api/profiles", L, "profiles:read"),
        ("get_profile", "GET", "/api/profiles/<profile_id>", L, "profiles:read"),
        ("update_profile", "PATCH", "/api/profiles/<profile_id>", L, "profiles:write"),
        (
            "get_list_ids_for_profile",
            "GET",
            "/api/profiles/<profile_id>/relationships/lists",
            S,
            "lists:read profiles:read",
        ),
        ("create_or_update_profile", "POST", "/api/profile-import", L, "profiles:write"),
        ("bulk_import_profiles", "POST", IMPORT, M, "lists:write profiles:write"),
        ("get_bulk_import_profiles_job", "GET", f"{IMPORT}/<job_id>", M, "lists:read profiles:read"),
        ("get_errors_for_bulk_import_profiles_job", "GET", f"{IMPORT}/<job_id>/import-errors", M, "profiles:read"),
        ("bulk_subscribe_profiles", "POST", SUBSCRIBE, L, CONSENT),
        ("bulk_unsubscribe_profiles", "POST", UNSUBSCRIBE, L, CONSENT),
        ("bulk_suppress_profiles", "POST", SUPPRESS, L, "profiles:write subscriptions:write"),
        ("get_bulk_suppress_profiles_job", "GET", f"{SUPPRESS}/<job_id>", L, "subscriptions:read"),
        ("bulk_unsuppress_profiles", "POST", UNSUPPRESS, L, "subscriptions:write"),
        ("get_bulk_unsuppress_profiles_job", "GET", f"{UNSUPPRESS}/<job_id>", L, "subscriptions:read"),
        ("get_lists", "GET", "/api/lists", L, "lists:read"),
        ("create_list", "POST", "/api/lists", Limits(10, 150, 150), "lists:write"),
        ("get_list", "GET", "/api/lists/<list_id>", L, "lists:read"),
        ("get_profiles_for_list", "GET", "/api/lists/<list_id>/profiles", L, "lists:read profiles:read"),
        ("get_profile_ids_for_list", "GET", LIST_PROFILES, L, "lists:read profiles:read"),
        ("add_profiles_to_list", "POST", LIST_PROFILES, M, "lists:write profiles:write"),
        ("remove_profiles_from_list", "DELETE", LIST_PROFILES, M, "lists:write profiles:write"),
        ("get_flows_triggered_by_list", "GET", "/api/lists/<list_id>/flow-triggers", S, "flows:read lists:read"),
        ("get_forms", "GET", "/api/forms", S, "forms:read"),
        ("get_versions_for_form", "GET", FORM_VERSIONS, S, "forms:read"),
        ("request_profile_deletion", "POST", "/api/data-privacy-deletion-jobs", S, "data-privacy:write"),
        ("create_client_event", "POST", "/client/events", XL, ""),
        ("create_client_subscription", "POST", "/client/subscriptions", Limits(350, 750), ""),
    )
)
ALL_SCOPES: Final = frozenset(scope for operation in OPERATIONS for scope in operation.scopes) | {
    "catalogs:read",
    "catalogs:write",
    "webhooks:read",
    "webhooks:write",
    "metrics:write",
}
# Parameters with a budget of their own, charged on top of the endpoint's and shared by all endpoints.
COSTLY: Final = {
    ("additional-fields[list]", "profile_count"): Limits(1, 15),
    ("additional-fields[profile]", "predictive_analytics"): Limits(10, 150),
}
