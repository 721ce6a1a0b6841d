"""Remote-control key maps: from a code on some remote to one logical key."""
