"""The stand-in for klaviyo.js over HTTP: the script, and the ear for its reports."""

from typing import Final

import msgspec
from flask import Blueprint, Response, request

from companion.simulator.klaviyo import onsite
from companion.simulator.klaviyo.web.pages import asked
from companion.simulator.klaviyo.world import World

ANY_PAGE: Final = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-store"}


def blueprint(world: World) -> Blueprint:
    """The stand-in of this world."""
    door = Blueprint("onsite", __name__)

    @door.get("/onsite/js/<key>/klaviyo.js")
    def script(key: str) -> Response:
        account = world.accounts.get(key)
        if account is None:
            return Response("// no such account\n", 404, ANY_PAGE, mimetype="text/javascript")
        with account.lock:
            forms = {form.id: form.name for form in account.audience.forms.values() if form.status == "live"}
        body = onsite.script(account.id, request.host_url.rstrip("/"), forms)
        return Response(body, headers=ANY_PAGE, mimetype="text/javascript")

    @door.post("/onsite/told")
    def told() -> Response:
        try:
            world.onsite.hear(request.get_data(), world.clock())
        except msgspec.MsgspecError:
            return Response(status=400, headers=ANY_PAGE)
        return Response(status=204, headers=ANY_PAGE)

    @door.get("/_sim/onsite")
    def listed() -> Response:
        calls = [one.call for one in reversed(world.onsite.told(asked(world).id))]
        return Response(msgspec.json.encode(calls), mimetype="application/json")

    return door
