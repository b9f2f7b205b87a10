"""Qingkong (晴空): a county police bureau's working system, supervised while it works."""

__version__ = "0.1.0"
