"""Sign-up forms: the theme holds a slot, the merchant chooses the form, and here is where both meet."""

from companion.forms.sightings import seen_today
from companion.forms.slots import slots_for

__all__ = ["seen_today", "slots_for"]
