"""What the law lets this room do. Pure: no Django, no clock, no database."""
