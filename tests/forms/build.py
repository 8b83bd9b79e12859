"""Forms as if they had been read from Klaviyo."""

from companion.bootstrap import Services
from companion.form_models import CachedForm
from companion.models import Store

FOOTER, ACCOUNT, POPUP, DRAFT = "Foo7er", "Acc0nt", "P0pUp1", "Dr4fty"
FORMS = {
    FOOTER: ("Footer sign-up", "live", "embed"),
    ACCOUNT: ("Account page sign-up", "live", "embed"),
    POPUP: ("Welcome, 10 % off", "live", "popup"),
    DRAFT: ("Spring sign-up", "draft", "embed"),
}


def with_forms(services: Services, store: Store) -> Store:
    """Give a store's account some forms."""
    with services.database.write() as session:
        for id_, (name, status, type_) in FORMS.items():
            session.add(
                CachedForm(
                    store_id=store.id,
                    form_id=id_,
                    name=name,
                    status=status,
                    type=type_,
                    version="1",
                    stale=False,
                    seen_at=services.now(),
                )
            )
    return store
