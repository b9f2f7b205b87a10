"""Verify the ledger. Being written."""
