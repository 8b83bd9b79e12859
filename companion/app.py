"""The web application: the doors of the service on one Flask app. Nothing is decided here."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from companion import admin, health
from companion.bootstrap import Services
from companion.carts import views as carts
from companion.forms import views as forms
from companion.snippets import views as snippets
from companion.webhooks import views


def create_app(services: Services) -> Flask:
    """The application of these services. Nothing is started and nothing is contacted."""
    app = Flask("companion")
    app.config["SECRET_KEY"] = services.settings.secret_key
    app.config["MAX_FORM_MEMORY_SIZE"] = 500_000
    app.register_blueprint(views.blueprint(services))
    app.register_blueprint(health.blueprint(services))
    app.register_blueprint(forms.blueprint(services))
    app.register_blueprint(carts.blueprint(services))
    app.register_blueprint(snippets.blueprint(services))
    admin.init(app, services)
    if proxies := services.settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]
    return app
