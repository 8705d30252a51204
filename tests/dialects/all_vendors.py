"""The vendors of all files of this folder."""

from __future__ import annotations

from tests.dialects.other_forms import OTHER_FORMS
from tests.dialects.programs import PROGRAMS
from tests.dialects.vendors import VENDORS as BY_NAME
from tests.dialects.worldwide import WORLDWIDE

VENDORS = (*BY_NAME, *WORLDWIDE, *OTHER_FORMS, *PROGRAMS)
