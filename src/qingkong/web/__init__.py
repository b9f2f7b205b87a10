"""Frames and components: the desk for officers, the portal for the public, the field for phones, the board for the wall.

Knows no domain. Domains put pages on a face (`@desk.page`) and the project hangs things on them.
"""
