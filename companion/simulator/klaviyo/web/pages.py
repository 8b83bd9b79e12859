"""The pages: what arrived, who is there, what was asked, and the fault switches. They work without JavaScript."""

from functools import partial
from itertools import islice
from typing import Any, Final

from flask import Blueprint, Response, redirect, render_template, request, url_for

from companion.simulator.klaviyo import acts, resources
from companion.simulator.klaviyo.accounts import DEFAULT_ID, Account
from companion.simulator.klaviyo.errors import Refusal, not_found
from companion.simulator.klaviyo.faults import KINDS
from companion.simulator.klaviyo.operations import ALL_SCOPES, OPERATIONS
from companion.simulator.klaviyo.web import shown
from companion.simulator.klaviyo.web.switches import PRESETS, read_plan
from companion.simulator.klaviyo.world import World

PAGE: Final = 50
FAR: Final = 1 << 62
SECURITY: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def blueprint(world: World) -> Blueprint:
    """The pages of this world."""
    door = Blueprint("pages", __name__, template_folder="templates", static_folder="static", static_url_path="/static")
    _add_events(door, world)
    _add_profiles(door, world)
    _add_lists(door, world)
    _add_switches(door, world)
    _add_connect(door, world)

    @door.context_processor
    def frame() -> dict[str, Any]:
        account = asked(world)
        return {
            "account": account,
            "accounts": list(world.accounts),
            "faults_on": len(world.faults.active()),
            "to": partial(_link, account),
        }

    @door.after_request
    def secure(response: Response) -> Response:
        response.headers.update(SECURITY)
        if request.endpoint != "pages.static":
            response.headers["Cache-Control"] = "no-store"
        return response

    @door.errorhandler(Refusal)
    def refused(error: Refusal) -> tuple[str, int]:
        return render_template("refused.html", said=str(error), status=error.status), error.status

    return door


def _add_events(door: Blueprint, world: World) -> None:
    @door.get("/")
    def events() -> str:
        account, search = asked(world), shown.Search.of(request.args)
        before, after = request.args.get("before", FAR, int), request.args.get("after", -1, int)
        with account.lock:
            rows, following = shown.events(account, search, before, after, PAGE)
            counts, metrics = dict(account.ledger.verdicts), shown.metrics(account)
            flows = [flow for flow in account.audience.flows.values() if flow.started]
        return render_template(
            "events.html",
            rows=rows,
            following=following,
            is_newest=before == FAR,
            search=search,
            verdicts=shown.VERDICTS,
            counts=counts,
            metrics=metrics,
            flows=flows,
            refused=_refused(world),
            gauges=world.windows.gauges(account.id, world.clock()),
            faults=[fault.describe(world.clock()) for fault in world.faults.active()],
            presets=PRESETS[:4],
        )

    @door.get("/onsite")
    def onsite() -> str:
        account = asked(world)
        rows = [shown.onsite(account, one) for one in world.onsite.told(account.id)[:200]]
        return render_template("onsite.html", rows=rows)

    @door.get("/requests")
    def requests() -> str:
        only = request.args.get("only", "")
        visits = [visit for visit in world.journal.visits() if not only or not visit.status.startswith("2")]
        account = asked(world)
        rows = [(visit, shown.instant(account, visit.at)) for visit in visits[:200]]
        answering = world.journal.answering(world.clock())
        return render_template("requests.html", rows=rows, only=only, answering=answering)


def _refused(world: World) -> int:
    statuses = world.journal.statuses().values()
    return sum(count for counter in statuses for status, count in counter.items() if not status.startswith("2"))


def _add_profiles(door: Blueprint, world: World) -> None:
    @door.get("/profiles")
    def profiles() -> str:
        account, words = asked(world), request.args.get("q", "").strip().lower()
        with account.lock:
            rows, following = _profiles(account, words, request.args.get("before", FAR, int))
            total = len(account.audience.profiles)
        return render_template("profiles.html", rows=rows, following=following, total=total, words=words)

    @door.get("/profiles/<identity>")
    def profile(identity: str) -> str:
        account = asked(world)
        with account.lock:
            found = acts.named(account, identity)
            latest = [one for one in reversed(account.ledger.arrivals[-shown.SCANNED :]) if one.profile == found.number]
            return render_template(
                "profile.html",
                row=shown.profile_row(account, found),
                profile=found,
                history=[(shown.instant(account, at), what) for at, what in reversed(found.consent.history)],
                events=[shown.row(account, arrival) for arrival in latest[:PAGE]],
                text=shown.pretty(resources.profile(found, subscriptions=True)["attributes"]),
                lists=list(account.audience.lists.values()),
            )

    @door.post("/profiles/<identity>/<act>")
    def act_on(identity: str, act: str) -> Any:
        account = asked(world)
        found = acts.perform(account, identity, act, request.form.get("list", ""), world.clock())
        return redirect(url_for("pages.profile", identity=found.id, account=account.id), 303)


def _add_lists(door: Blueprint, world: World) -> None:
    @door.get("/lists")
    def lists() -> str:
        account = asked(world)
        with account.lock:
            rows = [
                (one, list(account.audience.flows_of("Added to List", one.id)))
                for one in account.audience.lists.values()
            ]
            forms = list(account.audience.forms.values())
            return render_template("lists.html", rows=rows, forms=forms)

    @door.get("/lists/<list_id>")
    def mailing_list(list_id: str) -> str:
        account = asked(world)
        with account.lock:
            found = account.audience.lists.get(list_id)
            if found is None:
                raise not_found("list", list_id)
            current = islice((row for row in found.joined.descending() if found.is_current(*row)), PAGE)
            members = [
                (shown.profile_row(account, account.audience.profiles.by_number[number]), shown.instant(account, at))
                for at, number in current
            ]
            return render_template("list.html", found=found, members=members)


def _profiles(account: Account, words: str, before: int) -> tuple[list[dict[str, Any]], int | None]:
    """Profiles newest first whose e-mail, external id or id holds the words, and where the next page begins."""
    rows: list[dict[str, Any]] = []
    last = 0
    for _, number in account.audience.profiles.created.descending():
        profile = account.audience.profiles.by_number.get(number)
        if profile is None or number >= before:
            continue
        if words not in f"{profile.email} {profile.external_id} {profile.id}".lower():
            continue
        if len(rows) == PAGE:
            return rows, last
        rows.append(shown.profile_row(account, profile))
        last = number
    return rows, None


def _add_switches(door: Blueprint, world: World) -> None:
    def switchboard(problems: list[str], status: int = 200) -> tuple[str, int]:
        page = render_template(
            "faults.html",
            faults=[fault.describe(world.clock()) for fault in world.faults.active()],
            presets=PRESETS,
            kinds=KINDS,
            operations=OPERATIONS,
            problems=problems,
            form=request.form,
        )
        return page, status

    @door.get("/faults")
    def faults() -> tuple[str, int]:
        return switchboard([])

    @door.post("/faults")
    def add_fault() -> Any:
        plan, problems = read_plan(request.form)
        if plan is None:
            return switchboard(problems, 400)
        world.faults.add(plan)
        return _back(request.form.get("back", ""))

    @door.post("/faults/lift")
    def lift() -> Any:
        world.faults.lift(request.form.get("id", None, int))
        return _back(request.form.get("back", ""))


def _add_connect(door: Blueprint, world: World) -> None:
    @door.post("/forget")
    def forget() -> Any:
        world.reset()
        return redirect(url_for("pages.events"), 303)

    @door.post("/connect/scopes")
    def set_scopes() -> Any:
        keys = asked(world).keys
        key = request.form.get("key", "")
        if key in keys:
            keys[key] = ALL_SCOPES & frozenset(request.form.getlist("scope"))
        return redirect(url_for("pages.connect", account=request.args.get("account")), 303)

    @door.get("/connect")
    def connect() -> str:
        words = {"operations": OPERATIONS, "all_scopes": ALL_SCOPES, "config": world.config}
        return render_template("connect.html", address=request.host_url, **words)


def _link(account: Account, endpoint: str, **values: Any) -> str:
    """The address of a page that stays with the account."""
    kept = {} if account.id == DEFAULT_ID else {"account": account.id}
    return url_for(f"pages.{endpoint}", **{**values, **kept})


def _back(page: str) -> Any:
    endpoint = "pages.events" if page == "events" else "pages.faults"
    return redirect(url_for(endpoint, account=request.args.get("account")), 303)


def asked(world: World) -> Account:
    """The account named by ?account=, or the first."""
    return world.accounts.get(request.args.get("account", DEFAULT_ID)) or next(iter(world.accounts))
