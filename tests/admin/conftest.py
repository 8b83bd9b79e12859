"""The admin's tests sit at a desk: a browser without scripts, signed in as the admin, as a viewer, or not at all."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from companion.config import Settings
from tests.admin import house

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Desk:
    """A browser: follows no script, sends the token of the last page it saw."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.page = ""

    def get(self, path: str, status: int = 200, **kwargs: Any) -> TestResponse:
        reply = self.client.get(path, **kwargs)
        assert reply.status_code == status, f"{path} gave {reply.status_code}: {reply.text[:300]}"
        self.page = reply.text
        return reply

    def read(self, path: str) -> str:
        """The page's words, without its tags."""
        self.get(path)
        return words(self.page)

    def post(self, path: str, status: int = 303, fields: Mapping[str, str] | None = None, **form: str) -> TestResponse:
        found = TOKEN.search(self.page)
        reply = self.client.post(path, data={"csrf_token": found[1] if found else "", **(fields or {}), **form})
        is_page = reply.mimetype == "text/html"
        assert reply.status_code == status, f"{path} gave {reply.status_code}: {words(reply.text) if is_page else ''}"
        if reply.status_code == 303 and reply.location:
            self.page = self.client.get(reply.location).text
        elif is_page:
            self.page = reply.text
        return reply

    def sign_in(self, password: str) -> "Desk":
        self.get("/admin/sign-in")
        self.post("/admin/sign-in", password=password)
        return self


def words(page: str) -> str:
    """What a person reads."""
    body = page.partition("<main")[2] or page
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)).strip()


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Both passwords, kept as argon2 hashes that are quick to check."""
    return replace(
        settings,
        admin_password=QUICK.hash(house.PASSWORD),
        viewer_password=QUICK.hash(house.VIEWER_PASSWORD),
    )


@pytest.fixture
def desk(app: Flask) -> Callable[[], Desk]:
    """A new browser for each call, on the same service."""
    return lambda: Desk(app.test_client())


@pytest.fixture
def admin(desk: Callable[[], Desk]) -> Desk:
    return desk().sign_in(house.PASSWORD)


@pytest.fixture
def viewer(desk: Callable[[], Desk]) -> Desk:
    return desk().sign_in(house.VIEWER_PASSWORD)
