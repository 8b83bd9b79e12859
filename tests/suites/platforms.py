"""The platforms that every test of this folder asks the same of. A new one joins by its module and a line here."""

from collections.abc import Mapping

from tests.suites import neto, shopware
from tests.suites.subject import Subject

PLATFORMS: Mapping[str, Subject] = {"shopware": shopware.SUBJECT, "neto": neto.SUBJECT}
