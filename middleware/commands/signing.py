"""Signed addresses for what commands write down."""

import time

from middleware.commands.setup import keys_of as vault_of
from middleware.config import Config
from middleware.portal.core.signing import Signer, keys_of


def signer(config: Config) -> Signer:
    """Makes the addresses that the server opens, good for a day. Raises KeyMissing."""
    number = config.streams.address_key
    return Signer(keys_of(vault_of(config).signing_key, number), time.time, number)
