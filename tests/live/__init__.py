"""Live pages under many desks."""
