"""What a real browser needs beside the service: a window that remembers complaints, and a shop's administration."""

from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Flask, request
from markupsafe import escape
from playwright.sync_api import Page

from tests.admin import house


@dataclass
class Desk:
    """A window onto the service, with everything it complained about."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        self.page.goto(self.address + path)
        return self.page

    def sign_in(self, password: str = house.PASSWORD) -> "Desk":
        self.open("/admin/sign-in")
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()
        return self


def administration(source: Callable[[str], str]) -> Flask:
    """A shop's administration, as far as a module can see it: a frame, and an ear for its word."""
    shop = Flask("shop")
    listener = "addEventListener('message', event => document.title = event.data)"

    @shop.get("/admin")
    def module() -> str:
        url = source(request.host_url.rstrip("/"))
        return f'<script>{listener}</script><iframe title="app" width="900" height="700" src="{escape(url)}"></iframe>'

    return shop
