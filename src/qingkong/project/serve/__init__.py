"""Serving one instance: the supervisor's children and the events process."""
