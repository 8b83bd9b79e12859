"""The pages beside the orders: the installed app with the webhooks' switches, the newsletter, the pictures."""

import hashlib
import hmac
from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Response as FlaskResponse
from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from companion.simulator.shop.apps import app as apps
from companion.simulator.shop.apps import lifecycle
from companion.simulator.shop.apps.handshake import VERSION
from companion.simulator.shop.apps.manifest import privilege
from companion.simulator.shop.trade import newsletter
from companion.simulator.shop.web import activity
from companion.simulator.shop.web.control_app import manifest_at
from companion.simulator.shop.web.door import Door
from companion.simulator.shop.web.policy import policy
from companion.simulator.shop.world.articles import ARTICLES
from companion.simulator.shop.world.settings import CHANNELS, LANGUAGES

STATUS_LABELS = {
    "notSet": ("waits for the click", "part"),
    "optIn": ("confirmed", "good"),
    "direct": ("subscribed", "good"),
    "optOut": ("unsubscribed", "bad"),
}


def show_app(door: Door) -> str:
    app = apps.installed(door.shop.database)
    return render_template(
        "app.html",
        app=app,
        known=apps.identity(door.shop.database),
        manifest=door.shop.config.manifest or "",
        needs={one.event: privilege(one.event) for one in app.subscriptions} if app else {},
        faults=door.faults.listed(),
    )


def show_module(door: Door) -> Response:
    """The app's own pages in a frame, opened the way the administration opens them: with a signed address.

    Source: Shopware, app modules: shop-id, shop-url, timestamp, version and languages, then the signature of all these.
    """
    app, known = apps.required(door.shop.database), apps.identity(door.shop.database)
    query = (
        f"shop-id={known.shop_id}&shop-url={known.url}&timestamp={int(door.shop.now().timestamp())}"
        f"&sw-version={VERSION}&sw-context-language={LANGUAGES['en-GB']}&sw-user-language=en-GB"
    )
    signature = hmac.new(app.secret.encode(), query.encode(), hashlib.sha256).hexdigest()
    address = f"{app.module_url}?{query}&shopware-shop-signature={signature}"
    page = make_response(render_template("module.html", app=app, address=address))
    parts = urlsplit(app.module_url)
    page.headers["Content-Security-Policy"] = f"{policy(door.shop.config)}; frame-src {parts.scheme}://{parts.netloc}"
    return page


def change_app(door: Door, verb: str) -> Response:
    shop = door.shop
    if verb == "install":
        lifecycle.install(shop, manifest_at(shop, request.form.get("manifest", "")))
    elif verb == "update":
        lifecycle.update(shop, manifest_at(shop, request.form.get("manifest", "")))
    elif verb == "url":
        lifecycle.change_url(shop, request.form["url"])
    else:
        verbs: dict[str, Callable[[], object]] = {
            "activate": lambda: lifecycle.set_active(shop, active=True),
            "deactivate": lambda: lifecycle.set_active(shop, active=False),
            "uninstall": lambda: lifecycle.uninstall(shop),
            "reregister": lambda: lifecycle.reregister(shop),
            "move": lambda: lifecycle.move_permanently(shop),
            "reinstall": lambda: lifecycle.reinstall_apps(shop),
        }
        if verb not in verbs:
            raise LookupError(f"there is no way to {verb} an app")
        verbs[verb]()
    flash("Done.")
    return redirect(url_for("pages.show_app"))


def change_switches(door: Door) -> Response:
    """How webhooks go out: sent in the request, by the queue, or lost on purpose."""
    mode = request.form.get("webhooks", "sync")
    door.shop.database.set_setting("lose_webhooks", mode == "lose")
    if mode in ("sync", "queue"):
        door.shop.database.set_setting("webhooks", mode)
    flash("Done.")
    return redirect(url_for("pages.show_app"))


def show_newsletter(door: Door) -> str:
    recipients = list(reversed(door.shop.database.all("newsletter_recipient")))[:200]
    channels = {channel.id: channel.name for channel in CHANNELS.values()}
    return render_template(
        "newsletter.html",
        recipients=recipients,
        total=activity.count(door.shop, "newsletter_recipient"),
        links={one["id"]: newsletter.confirmation_url(door.shop, one) for one in recipients},
        labels=STATUS_LABELS,
        channel_names=channels,
        channels=[channel for channel in CHANNELS.values() if channel.key != "headless"],
        locales=LANGUAGES,
    )


def sign_up(door: Door) -> Response:
    form = request.form
    recipient = newsletter.subscribe(
        door.shop,
        form.get("email", "").strip(),
        form.get("first_name", ""),
        form.get("last_name", ""),
        form.get("channel", "store"),
        form.get("locale", "en-GB"),
        double_opt_in=form.get("double_opt_in") == "1",
    )
    flash(f"{recipient['email']} {STATUS_LABELS[recipient['status']][0]}.")
    return redirect(url_for("pages.show_newsletter"))


def change_recipient(door: Door, recipient_id: str, verb: str) -> Response:
    shop = door.shop
    verbs: dict[str, Callable[[], object]] = {
        "confirm": lambda: newsletter.confirm(shop, recipient_id),
        "unsubscribe": lambda: newsletter.unsubscribe(shop, recipient_id),
        "opt-out-silently": lambda: newsletter.edit(shop, recipient_id, {"status": "optOut"}),
        "delete": lambda: newsletter.delete(shop, recipient_id),
    }
    if verb not in verbs:
        raise LookupError(f"there is no way to {verb} a recipient")
    verbs[verb]()
    flash("Done.")
    return redirect(url_for("pages.show_newsletter"))


def follow_link(door: Door) -> Response:
    """The confirmation link of the mail."""
    recipient = newsletter.by_link(door.shop, request.args.get("hash", ""))
    if recipient is None:
        raise LookupError("this link confirms nobody")
    newsletter.confirm(door.shop, recipient["id"])
    flash(f"{recipient['email']} is confirmed.")
    return redirect(url_for("pages.show_newsletter"))


def show_picture(_door: Door, number: str, name: str) -> FlaskResponse:
    article = next((one for one in ARTICLES if one.number == number), None)
    if article is None or not name.endswith(".svg"):
        raise LookupError("there is no such picture")
    drawn = render_template(f"pictures/{article.shape}.svg", color=article.color, name=article.name)
    return FlaskResponse(drawn, mimetype="image/svg+xml", headers={"Cache-Control": "public, max-age=86400"})


ROUTES = (
    ("GET", "/app", show_app),
    ("GET", "/app/module", show_module),
    ("POST", "/app/<verb>", change_app),
    ("POST", "/switches", change_switches),
    ("GET", "/newsletter", show_newsletter),
    ("POST", "/newsletter", sign_up),
    ("POST", "/newsletter/<recipient_id>/<verb>", change_recipient),
    ("GET", "/newsletter-subscribe", follow_link),
    ("GET", "/media/<number>/<name>", show_picture),
)
