"""Faults as facts: after each, the product's own `check --deep` finds nothing."""
