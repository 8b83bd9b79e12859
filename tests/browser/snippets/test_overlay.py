"""The overlay of ?companion-debug stands where no consent bar does."""

import pytest

from tests.browser.snippets.windows import Window

pytestmark = pytest.mark.browser
BAR = '<div style="position:fixed;inset:auto 0 0 0;"><button onclick="document.title=1">Accept</button></div>'


@pytest.mark.parametrize("width", [1000, 360])
def test_a_consent_bar_at_the_bottom_can_be_answered_beside_the_overlay(window: Window, width: int) -> None:
    window.site.pages["shop"] = window.site.theme(BAR)
    page = window.open("shop?companion-debug")
    page.set_viewport_size({"width": width, "height": 740})
    page.get_by_label("Companion, for theme developers").wait_for()
    page.get_by_role("button", name="Accept").click(timeout=2000)
    assert page.title() == "1"
