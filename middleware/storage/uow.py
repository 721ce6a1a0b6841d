"""One transaction as use-cases see it."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from middleware.storage.accounts import SqlAccounts
from middleware.storage.articles import SqlArticles
from middleware.storage.assets import SqlAssets
from middleware.storage.audit import SqlAudit
from middleware.storage.box_events import SqlBoxEvents
from middleware.storage.box_logs import SqlBoxLogs
from middleware.storage.devices import SqlDevices
from middleware.storage.entries import SqlEntries
from middleware.storage.grants import SqlGrants
from middleware.storage.guide import SqlGuide
from middleware.storage.invitations import SqlInvitations
from middleware.storage.jobs import SqlJobs
from middleware.storage.ledger import SqlLedgers
from middleware.storage.operators import SqlOperators
from middleware.storage.outbox import SqlOutbox
from middleware.storage.packages import SqlPackages
from middleware.storage.places import SqlPlaces
from middleware.storage.plan import SqlAsRuns, SqlPlans
from middleware.storage.registry import SqlRegistry
from middleware.storage.reminders import SqlReminders
from middleware.storage.rollcall import SqlRollcalls
from middleware.storage.secrets import Sealer, Vault
from middleware.storage.service_information import SqlServiceInformation
from middleware.storage.settings import SqlSettings
from middleware.storage.signins import SqlSignins
from middleware.storage.sources import SqlSources
from middleware.storage.staff import SqlStaffRoll
from middleware.storage.tokens import SqlTokens


class SqlUnitOfWork:
    """The `UnitOfWork` port: one attribute per noun, each made from the connection."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._sealer = sealer = Sealer(connection, vault)
        self.places = SqlPlaces(connection)
        self.registry = SqlRegistry(connection, sealer)
        self.staff = SqlStaffRoll(connection)
        self.grants = SqlGrants(connection)
        self.devices = SqlDevices(connection, sealer)
        self.accounts = SqlAccounts(connection, sealer)
        self.packages = SqlPackages(connection)
        self.tokens = SqlTokens(connection)
        self.box_events = SqlBoxEvents(connection)
        self.box_logs = SqlBoxLogs(connection)
        self.reminders = SqlReminders(connection)
        self.operators = SqlOperators(connection)
        self.articles = SqlArticles(connection)
        self.assets = SqlAssets(connection, sealer)
        self.jobs = SqlJobs(connection)
        self.rollcalls = SqlRollcalls(connection)
        self.signins = SqlSignins(connection, sealer)
        self.entries = SqlEntries(connection, sealer)
        self.invitations = SqlInvitations(connection)
        self.guide = SqlGuide(connection)
        self.plans = SqlPlans(connection)
        self.as_run = SqlAsRuns(connection)
        self.sources = SqlSources(connection)
        self.service_information = SqlServiceInformation(connection)
        self.outbox = SqlOutbox(connection)
        self.ledger = SqlLedgers(connection, self.outbox)
        self.audit = SqlAudit(connection)
        self.settings = SqlSettings(connection)

    @property
    def vault(self) -> Vault:
        """The keys, with those that this transaction had to read from the file."""
        return self._sealer.vault

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What is done inside is undone when it raises, and the transaction goes on."""
        with self._connection.begin_nested():
            yield
