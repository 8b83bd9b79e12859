"""The answers of the Admin API that are no success, in Shopware's own words and shapes.

Source: observed on 6.6.7.1; Shopware's exception classes.
"""

from typing import Any

from companion.simulator.shop.protocol import php_json

TITLES = {400: "Bad Request", 403: "Forbidden", 404: "Not Found", 500: "Internal Server Error"}
OAUTH_DENIED = "The resource owner or authorization server denied the request."


class Refused(Exception):
    """A request the API turns down; `body` is what it answers."""

    def __init__(self, status: int, error: dict[str, Any]) -> None:
        super().__init__(error.get("detail"))
        self.status = status
        self.body = {"errors": [error]}


def _refused(status: int, code: str, detail: str, parameters: dict[str, Any] | None = None, **more: Any) -> Refused:
    error = {"status": str(status), "code": code, "title": TITLES[status], "detail": detail, **more}
    return Refused(status, {**error, "meta": {"parameters": parameters or []}})


def missing_privileges(names: list[str]) -> Refused:
    detail = php_json.encode({"message": "Missing privilege", "missingPrivileges": names}).decode()
    return _refused(403, "FRAMEWORK__MISSING_PRIVILEGE_ERROR", detail)


def association_not_found(name: str) -> Refused:
    detail = f"Can not find association by name {name}"
    return _refused(500, "FRAMEWORK__ASSOCIATION_NOT_FOUND", detail, {"association": name})


def unmapped_field(entity: str, field: str) -> Refused:
    detail = f'Field "{field}" in entity "{entity}" was not found.'
    return _refused(400, "FRAMEWORK__UNMAPPED_FIELD", detail, {"field": field, "entity": entity})


def limit_exceeded(limit: int, maximum: int) -> Refused:
    detail = f"The limit must be lower than or equal to MAX_LIMIT(={maximum}). Given: {limit}"
    parameters = {"maxLimit": maximum, "limit": limit}
    return _refused(400, "FRAMEWORK__QUERY_LIMIT_EXCEEDED", detail, parameters, source={"pointer": "/limit"})


def invalid_number(name: str, value: Any) -> Refused:
    code = f"FRAMEWORK__INVALID_{name.upper()}_QUERY"
    detail = f"The {name} parameter must be a positive integer greater than zero. Given: {value}"
    return _refused(400, code, detail, {name: value}, source={"pointer": f"/{name}"})


def invalid_filter(reason: str) -> Refused:
    return _refused(400, "FRAMEWORK__INVALID_FILTER_QUERY", reason, source={"pointer": "/filter"})


def unreadable(reason: str) -> Refused:
    return _refused(400, "FRAMEWORK__BAD_REQUEST", reason)


def no_route(method: str, url: str) -> Refused:
    detail = f'No route found for "{method} {url}"'
    return Refused(404, {"code": "0", "status": "404", "title": TITLES[404], "detail": detail})


def no_record(entity: str, id_: str) -> Refused:
    detail = f"The {entity} resource with the following primary key was not found: id({id_})"
    return _refused(404, "FRAMEWORK__ENTITY_NOT_FOUND", detail, {"entity": entity, "identifier": id_})


def unauthorized(detail: str) -> Refused:
    return Refused(401, {"code": "9", "status": "401", "title": OAUTH_DENIED, "detail": detail})


def wrong_client() -> Refused:
    return Refused(401, {"code": "4", "status": "401", "title": "Client authentication failed", "detail": None})
