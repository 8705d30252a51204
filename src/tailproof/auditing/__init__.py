"""The causality audit of bars, features, labels, merges and fitted statistics: it looks at stages, none looks at it."""

from tailproof.auditing.audit import Auditor, refuse_leaks
from tailproof.auditing.finding import Audit, Finding

__all__ = ["Audit", "Auditor", "Finding", "refuse_leaks"]
