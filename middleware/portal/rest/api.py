"""The interface put together: its addresses, and a call from the door to the answer."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from attrs import evolve
from twisted.logger import Logger

from middleware.domain.errors import DomainError, StorageError
from middleware.portal.ports import Storage
from middleware.portal.rest import accounts, air, boxes, films, lists, messages, uploads, video
from middleware.portal.rest.document import ROOTS, document
from middleware.portal.rest.door import Door, check_right
from middleware.portal.rest.fields import read_fields
from middleware.portal.rest.operations import AtUploads, Call, Operation, Perform, Resource
from middleware.portal.rest.wire import Refused, done, ok, refused, split_path
from middleware.portal.rest.words import english
from middleware.services import ledger
from middleware.services.ports import UnitOfWork
from middleware.services.uploads import Uploads
from middleware.web.routes import ReadyResponse, Routes
from middleware.web.urlencoded import Malformed
from middleware.web.values import JSON, Request, Response

RESOURCES: Final[Sequence[Resource]] = (
    accounts.RESOURCE,
    boxes.RESOURCE,
    messages.MESSAGE,
    messages.EVENT,
    lists.TARIFFS,
    lists.CHANNELS,
    video.JOBS,
    films.RESOURCE,
    *uploads.RESOURCES,
    air.RESOURCE,
)
MAX_FORM: Final = 32 * 1024
"""Bytes of a form: a message of 1000 characters, percent-encoded, is a third of it."""
_BY_NAME: Final = {one.name: one for one in RESOURCES}


class Rest:
    """Answers billing. `now` is the wall clock, `seconds` a clock for the rates, `progress` that of films at work.

    `uploads` takes films that are sent in parts; without it none are.
    """

    _log = Logger()

    def __init__(
        self,
        storage: Storage,
        now: Callable[[], datetime],
        seconds: Callable[[], float],
        progress: Callable[[], Mapping[int, float]] = dict,
        uploads: Uploads | None = None,
    ) -> None:
        self._storage = storage
        self._now = now
        self._progress = progress
        self._uploads = uploads
        self._door = Door(storage, now, seconds)

    def routes(self, routes: Routes) -> None:
        """Add both roots and the document."""
        described = json.dumps(document(RESOURCES), ensure_ascii=False, indent=1).encode()
        for root in ROOTS:
            routes.ready(f"{root}/openapi.json".encode(), ReadyResponse.of(described, JSON))
            for verb in ("GET", "POST", "PUT", "DELETE"):
                routes.prefix(verb, f"{root}/", self.answer, max_body=MAX_FORM)
                for one in filter(_takes, RESOURCES):
                    most = max(MAX_FORM, *(each.takes for each in one.operations if each.verb == verb), 0)
                    below = partial(self._below, one.name)
                    routes.prefix(verb, f"{root}/{one.name}/", below, max_body=most, admit=self._door.admits)

    async def answer(self, request: Request) -> Response:
        """Do what is asked, or say why not."""
        try:
            return ok(await self._done(request))
        except Refused as error:
            return refused(error)
        except StorageError as error:
            self._log.warn("REST call not done: {error}", error=error)
            return refused(Refused("503 The store cannot do its work now", 503, (("Retry-After", "5"),)))
        except DomainError as error:
            return refused(Refused(english(error)))

    async def _below(self, name: str, request: Request) -> Response:
        return await self.answer(evolve(request, rest=f"{name}/{request.rest}"))

    async def _done(self, request: Request) -> bytes:
        user = await self._door.enter(request)
        name, ids = split_path(request.rest)
        resource = _BY_NAME.get(name)
        if resource is None:
            raise Refused("404 Unknown resource", 404)
        operation = resource.operation("GET" if request.method == "HEAD" else request.method)
        check_right(user, operation.right)
        operation.check_ids(ids)
        call = Call(
            ids,
            read_fields(operation.fields, _form(request, operation)),
            f"api:{user.login}",
            self._now(),
            self._progress(),
            request.body if operation.takes else b"",
        )
        perform = operation.perform
        if isinstance(perform, AtUploads):
            if self._uploads is None:
                raise Refused("404 This server takes no films", 404)
            return done(await perform.do(self._uploads, call))
        # Rendered in the database thread too: the list of a whole town is megabytes.
        work = _prompt(perform, call, self._now) if operation.prompt else _rendered(perform, call)
        return await self._storage.run(work, f"REST {operation.id}", write=operation.verb != "GET")


def _rendered(perform: Perform, call: Call) -> Callable[[UnitOfWork], bytes]:
    return lambda uow: done(perform(uow, call))


def _prompt(perform: Perform, call: Call, now: Callable[[], datetime]) -> Callable[[UnitOfWork], bytes]:
    """The same with stamps of the transaction itself; raises Fenced when they are not true any more at its end."""

    def work(uow: UnitOfWork) -> bytes:
        began = now()
        answer = done(perform(uow, evolve(call, now=began)))
        ledger.in_time(began, now())
        return answer

    return work


def _takes(resource: Resource) -> bool:
    return any(one.takes for one in resource.operations)


def _form(request: Request, operation: Operation) -> dict[str, str]:
    if not operation.fields or not request.body:
        return {}
    try:
        return dict(request.form())
    except Malformed as error:
        raise Refused(f"The body cannot be read: {error}") from None
