"""The causality audit of bars, features, labels, merges and fitted statistics; no stage imports it."""

from tailproof.audit.auditor import Auditor, refuse_leaks
from tailproof.audit.finding import Audit, Finding
from tailproof.audit.sampled import SAMPLED, THOROUGH, Effort, audit_features, audit_merges, audit_training

__all__ = [
    "SAMPLED",
    "THOROUGH",
    "Audit",
    "Auditor",
    "Effort",
    "Finding",
    "audit_features",
    "audit_merges",
    "audit_training",
    "refuse_leaks",
]
