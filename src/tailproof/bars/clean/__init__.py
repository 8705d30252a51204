"""Chunks → rows that can be trusted: faults counted, chosen repairs applied, warnings given."""
