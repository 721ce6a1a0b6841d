"""Work that several ask for at the same time (middleware.web.shared), under the name that the portal knows it by."""

from middleware.web.shared import Shared

__all__ = ["Shared"]
