"""A store's list in Klaviyo: chosen by its name among all of the account's, or made; kept by its id; verified.

Names are not unique in Klaviyo, and a list can be renamed or deleted there: then a person has to choose.
"""

import shlex
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from companion import audiences, consent, stores
from companion.bootstrap import Services
from companion.errors import Bury, CompanionError
from companion.klaviyo.audience import Audience, MailingList
from companion.models import Store
from companion.sync.paced import Caller
from companion.sync.turn import Turn


class ListNotChosen(CompanionError):
    """The name leaves a choice to make; the text shows it."""


def listed(services: Services, key: str) -> Sequence[MailingList]:
    """All lists of a store's account, page by page. Raises NoSuchStore, ListNotChosen, or what the client raises."""
    return _all(_caller(services, key))


def choose(
    services: Services, key: str, name: str = "", list_id: str = "", *, create: bool = False, channel: str = ""
) -> MailingList:
    """Choose a store's list by its exact name or its id, or create one of this name; subscribers go there from now on.

    Those of one sales channel where its id is given. Raises NoSuchStore, ListNotChosen, or what the client raises.
    """
    caller = _caller(services, key)
    found = _all(caller)
    if create and not name:
        raise ListNotChosen("a new list needs a name")
    if create:
        if any(one.name == name for one in found):
            raise ListNotChosen(f"there is a list {name!r} already: choose it, or give the new one another name")
        chosen = caller("list-create", lambda audience, secret: audience.create_list(secret, name)).items[0]
    else:
        chosen = _chosen(found, name, list_id)
    with services.database.write() as session:
        keep(session, stores.by_key(session, key), chosen, services.now(), channel)
    return chosen


def keep(session: Session, store: Store, chosen: MailingList, now: datetime, channel: str = "") -> None:
    """The store's subscribers go to this list from now on, or one sales channel's. Raises ListNotChosen.

    It may not be another store's: two stores on one list would take each other's subscribers off it.
    """
    for other in stores.listed(session):
        found = {one.list_id for one in audiences.audiences(other.settings)}
        if other.id != store.id and other.klaviyo_account == store.klaviyo_account and chosen.id in found:
            raise ListNotChosen(f"subscribers of {other.key} go to “{chosen.name}” ({chosen.id}): choose another list")
    choice = {"subscriber_list": {"id": chosen.id, "name": chosen.name}}
    channels = store.settings.get("channels", {})
    own = {"channels": {**channels, channel: {**channels.get(channel, {}), **choice}}}
    stores.change_settings(store, own if channel else choice)
    consent.mailing_list(session, store.id, chosen.id, now)


def verify(turn: Turn) -> None:
    """The phase `list`: it is still there and has its name. Raises Bury with the choice to make."""
    audience = turn.audience
    found = turn.klaviyo("list", lambda klaviyo, secret: klaviyo.mailing_list(secret, audience.list_id)).items
    channel = next((f" --channel {shlex.quote(id_)}" for id_ in audience.channels.only), "")
    again = f"Choose again: `companion subscribers choose {turn.store.key}{channel}`."
    if not found:
        raise Bury(f"Klaviyo has no list “{audience.list_name}” ({audience.list_id}) any more. {again}")
    if found[0].name != audience.list_name:
        raise Bury(f"The list “{audience.list_name}” ({audience.list_id}) is called “{found[0].name}” now. {again}")
    with turn.services.database.write() as session:
        consent.mailing_list(session, turn.store.id, audience.list_id, turn.now())
        turn.moved(session, None, on_list=found[0].members)


def _all(caller: Caller) -> list[MailingList]:
    page = caller("lists", lambda audience, key: audience.lists(key))
    found = list(page.items)
    while (following := page.next) is not None:
        page = caller("lists", partial(Audience.lists, following=following))
        found += page.items
    return found


def _chosen(found: Sequence[MailingList], name: str, list_id: str) -> MailingList:
    matching = [one for one in found if (one.id == list_id if list_id else one.name == name)]
    if len(matching) == 1:
        return matching[0]
    shown = ", ".join(f"“{one.name}” ({one.id})" for one in (matching or found)) or "none at all"
    if matching:
        raise ListNotChosen(f"{len(matching)} lists are called {name!r}; choose one by its id: {shown}")
    wanted = f"the id {list_id!r}" if list_id else f"the name {name!r}"
    raise ListNotChosen(f"no list has {wanted}; choose another, or create it. There are: {shown}")


def _caller(services: Services, key: str) -> Caller:
    with services.database.read() as session:
        store = stores.by_key(session, key)
    if store.klaviyo_key is None:
        raise ListNotChosen(f"no Klaviyo key is set: `companion store key {store.key}`")
    return Caller(services, store, services.vault.open(store.klaviyo_key))
