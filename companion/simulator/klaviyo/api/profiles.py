"""Profiles: reading, changing one, importing many, forgetting.

Source: https://developers.klaviyo.com/en/reference/profiles_api_overview.
"""

from typing import Any, Final

import msgspec

from companion.simulator.klaviyo import paging, people, resources
from companion.simulator.klaviyo.api.answers import collection, list_named, single
from companion.simulator.klaviyo.checks import profile_fault
from companion.simulator.klaviyo.door import Call, Reply, View
from companion.simulator.klaviyo.errors import Problem, Refusal, conflict, invalid, not_found
from companion.simulator.klaviyo.ids import long_id
from companion.simulator.klaviyo.jobs import Job
from companion.simulator.klaviyo.profiles import IDENTIFIERS, Profile, change
from companion.simulator.klaviyo.shapes.profiles import (
    DeletionJob,
    ImportJob,
    ImportRelationships,
    OneProfile,
    ProfileData,
    References,
)

IMPORT: Final = "profile-bulk-import-job"
LARGEST_IMPORT: Final = 10_000
LARGEST_PROFILE: Final = 100_000
PROFILES: Final = "/data/attributes/profiles/data"


def read(call: Call) -> Reply:
    """GET /api/profiles"""
    page = people.select(call.account.audience, call.query)
    return collection(call, people.shown(page.items, call.query), page.cursor)


def read_one(call: Call) -> Reply:
    """GET /api/profiles/{id}"""
    return single(call, people.shown([_named(call)], call.query)[0])


def update(call: Call) -> Reply:
    """PATCH /api/profiles/{id}"""
    profile = _named(call)
    data = call.decode(OneProfile).data
    if data.id != profile.id:
        raise invalid("The id in the body must be the id in the path.", "/data/id")
    _write(call, profile, data)
    return single(call, people.shown([profile], call.query)[0])


def upsert(call: Call) -> Reply:
    """POST /api/profile-import: 201 for a new profile, 200 for a known one."""
    data = call.decode(OneProfile).data
    profiles = call.account.audience.profiles
    if data.id and profiles.find("id", str(data.id)) is None:
        raise not_found("profile", str(data.id))
    if fault := profile_fault(data.attributes, data.id):
        raise invalid(fault[1], f"/data/attributes/{fault[0]}".rstrip("/"))
    found = profiles.resolve(data.attributes, data.id)
    profile = found or profiles.add(call.now)
    _write(call, profile, data)
    return single(call, people.shown([profile], call.query)[0], 200 if found else 201)


def _write(call: Call, profile: Profile, data: ProfileData) -> None:
    if fault := profile_fault(data.attributes, profile.id):
        raise invalid(fault[1], f"/data/attributes/{fault[0]}".rstrip("/"))
    profiles = call.account.audience.profiles
    for name in IDENTIFIERS:
        value = getattr(data.attributes, name)
        owner = profiles.find(name, value) if isinstance(value, str) else None
        if owner is not None and owner is not profile:
            raise conflict(owner.id, f"/data/attributes/{name}")
    change(profiles, profile, data.attributes, data.meta, call.now)


def import_many(call: Call) -> Reply:
    """POST /api/profile-bulk-import-jobs: 202 with a job; bad profiles fail one by one."""
    data = call.decode(ImportJob).data
    given = data.attributes.profiles.data
    if not 0 < len(given) <= LARGEST_IMPORT:
        raise invalid(f"Between 1 and {LARGEST_IMPORT} profiles are allowed in one request.", PROFILES)
    lists = []
    if isinstance(data.relationships, ImportRelationships) and isinstance(data.relationships.lists, References):
        lists = [list_named(call, reference.id) for reference in data.relationships.lists.data]

    def run(job: Job) -> None:
        for index, one in enumerate(given):
            profile = _import_one(call, job, index, one)
            for mailing_list in lists if profile else ():
                if profile and mailing_list.add(profile, job.due):
                    call.account.audience.start_flows("Added to List", mailing_list.id, profile, job.due)

    job = call.account.jobs.submit(IMPORT, len(given), run, call.now)
    return single(call, resources.job(job, call.now), 202)


def _import_one(call: Call, job: Job, index: int, given: ProfileData) -> Profile | None:
    fault = profile_fault(given.attributes, given.id)
    if fault is None and len(msgspec.json.encode(given)) > LARGEST_PROFILE:
        fault = "", "The profile exceeds the maximum of 100KB."
    if fault is not None:
        job.failed += 1
        job.errors.append(
            _import_error(call, job, f"{PROFILES}/{index}/attributes/{fault[0]}".rstrip("/"), fault[1], given)
        )
        return None
    profiles = call.account.audience.profiles
    profile = profiles.resolve(given.attributes, given.id) or profiles.add(job.due)
    change(profiles, profile, given.attributes, given.meta, job.due, clears=False)
    job.completed += 1
    return profile


def _import_error(call: Call, job: Job, pointer: str, detail: str, given: ProfileData) -> dict[str, Any]:
    attributes = {
        "code": "invalid",
        "title": "Invalid input",
        "detail": detail,
        "source": {"pointer": pointer},
        "original_payload": msgspec.to_builtins(given),
    }
    identity = long_id(call.account.id, job.id, pointer)
    return {"type": "import-error", "id": identity, "attributes": attributes}


def import_job(call: Call) -> Reply:
    """GET /api/profile-bulk-import-jobs/{id}"""
    return single(call, resources.job(_job(call), call.now))


def import_errors(call: Call) -> Reply:
    """GET /api/profile-bulk-import-jobs/{id}/import-errors"""
    page = paging.slice_of(_job(call).errors, call.query, paging.size(call.query, 20, 100))
    return collection(call, page.items, page.cursor)


def _job(call: Call) -> Job:
    job = call.account.jobs.find(IMPORT, call.args["job_id"])
    if job is None:
        raise not_found(IMPORT, call.args["job_id"])
    return job


def lists_of(call: Call) -> Reply:
    """GET /api/profiles/{id}/relationships/lists"""
    found = call.account.audience.lists_of(_named(call))
    return collection(call, resources.identity("list", [mailing_list.id for mailing_list in found]), None)


def delete(call: Call) -> Reply:
    """POST /api/data-privacy-deletion-jobs: exactly one identifier; everyone it means is forgotten."""
    data = call.decode(DeletionJob).data.attributes.profile.data
    given = {"id": data.id, "email": data.attributes.email, "phone_number": data.attributes.phone_number}
    named = [(name, str(value)) for name, value in given.items() if value]
    if len(named) != 1:
        detail = "Exactly one identifier is required: id, email or phone_number."
        raise Refusal(400, [Problem(detail, "/data/attributes/profile")])

    def run(job: Job) -> None:
        profile = call.account.audience.profiles.find(*named[0])
        if profile is not None:
            call.account.ledger.erase(profile)
            call.account.audience.forget(profile)
            job.completed += 1

    call.account.jobs.submit("data-privacy-deletion-job", 1, run, call.now)
    return Reply(202)


def _named(call: Call) -> Profile:
    profile = call.account.audience.profiles.find("id", call.args["profile_id"])
    if profile is None:
        raise not_found("profile", call.args["profile_id"])
    return profile


VIEWS: Final[dict[str, View]] = {
    "get_profiles": read,
    "get_profile": read_one,
    "update_profile": update,
    "create_or_update_profile": upsert,
    "bulk_import_profiles": import_many,
    "get_bulk_import_profiles_job": import_job,
    "get_errors_for_bulk_import_profiles_job": import_errors,
    "get_list_ids_for_profile": lists_of,
    "request_profile_deletion": delete,
}
