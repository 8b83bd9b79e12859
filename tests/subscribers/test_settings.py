"""A merchant's choices about subscribers: what a store sets, what a sales channel may set for itself."""

from typing import Any

import pytest

from companion import audiences, store_settings
from companion.store_settings import InvalidSettings

NEWS, OTHER = {"id": "Y6nRLr", "name": "Newsletter"}, {"id": "Zz1111", "name": "Outlet"}
A, B = "a" * 32, "b" * 32


def found(**settings: Any) -> list[audiences.Audience]:
    return audiences.audiences(store_settings.checked(settings))


def test_without_a_list_nobody_is_synchronised() -> None:
    assert found() == []
    assert found(subscriber_list=NEWS, subscribers=False) == []


def test_all_channels_share_the_stores_list() -> None:
    (one,) = found(subscriber_list=NEWS)
    assert (one.list_id, one.list_name, one.removal_limit) == ("Y6nRLr", "Newsletter", 20)
    assert (one.channels.only, one.channels.without) == ((), ())
    assert one.default.policy.authority == "platform"


def test_a_channel_may_stay_out_or_have_a_list_of_its_own() -> None:
    usual, outlet = found(
        subscriber_list=NEWS, channels={A: {"subscriber_list": OTHER, "removal_limit": 5}, B: {"subscribers": False}}
    )
    assert (usual.list_id, set(usual.channels.without)) == ("Y6nRLr", {A, B})
    assert (outlet.list_id, outlet.channels.only, outlet.removal_limit) == ("Zz1111", (A,), 5)


def test_a_channel_inherits_what_it_does_not_set_and_the_strictest_limit_holds() -> None:
    (one,) = found(
        subscriber_list=NEWS,
        removal_limit=30,
        exclusions={"all_lists": True},
        channels={A: {"consent_authority": "klaviyo", "removal_limit": 10}},
    )
    assert one.removal_limit == 10
    assert one.rules(A).policy.authority == "klaviyo"
    assert one.rules(A).policy.all_lists
    assert one.rules(B).policy.authority == "platform"


@pytest.mark.parametrize("name", ["sync_hour", "time_zone"])
def test_a_channel_cannot_override_the_hour(name: str) -> None:
    with pytest.raises(InvalidSettings, match=rf"channels\.{A}\.value\.{name}"):
        store_settings.checked({"channels": {A: {name: 4 if name == "sync_hour" else "Europe/Berlin"}}})


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"sync_hour": 24}, "sync_hour"),
        ({"time_zone": "Europe/Atlantis"}, "time_zone"),
        ({"time_zone": "../etc/passwd"}, "time_zone"),
        ({"consent_authority": "shop"}, "consent_authority"),
        ({"removal_limit": 101}, "removal_limit"),
        ({"subscriber_list": {"id": "Y6nRLr"}}, "subscriber_list.name"),
        ({"exclusions": {"newer_opt_in_lifts": ["HARD_BOUNCE"]}}, "exclusions.newer_opt_in_lifts.0"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(settings: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidSettings) as caught:
        store_settings.checked(settings)
    assert list(caught.value.problems) == [field]
