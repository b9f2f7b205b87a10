"""What every domain stands on. Knows no domain and no page."""
