"""Remote-control key maps: from a code on some remote to one logical key.

Start at `families.shipped()`; `boxes.match` names a box's family, `layers.effective` lays the household's and the
operator's changes over it, `families.resolve` reads a code, `page.page_script` writes the table for the page.
"""

__all__ = ["boxes", "digits", "families", "keys", "layers", "lint", "page", "teach", "unknown"]
