"""What hangs where: every check, tab, tile, menu line and subscription that crosses a room, on one page."""


def hang() -> None:
    """Called once, when all apps are loaded."""
