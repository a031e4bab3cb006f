"""What `agents` tells the apps above it, which it never imports: they connect as they start."""

from django.dispatch import Signal

unit_moved = Signal()
"""A unit got another place in the tree, and those below it with it.

Sent once, inside the transaction of the move, after all of them are stored: `unit` at its new
place, `former_depth` where it was. What a receiver raises undoes the move.
"""

unit_closing = Signal()
"""A unit is no longer in use. A receiver returns a sentence about what still lies with `unit`, or
None; the administrator is shown it.
"""

cadre_leaving = Signal()
"""An account is about to be switched off. A receiver returns a sentence about what `cadre` still
holds, or None; with a sentence the account stays on, and the administrator is shown it.
"""
