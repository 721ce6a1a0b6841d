"""video_jobs: how far films are, and what may be done about it."""

import pytest

from middleware.portal.rest.api import Rest
from middleware.services import jobs as use
from middleware.web.edge import make_site
from middleware.web.routes import Routes
from middleware.web.values import text
from tests.portal.rest_town import NOW, RestTown


@pytest.fixture
def town(rest: RestTown) -> RestTown:
    """The interface, told that job 1 is at 40 %."""
    routes = Routes()
    Rest(rest.store, rest.now, rest.clock.seconds, lambda: {1: 0.4}).routes(routes)
    rest.site = make_site(routes, rest.clock, error_page=lambda status: text(f"page for {status}", status))
    return rest


def test_a_job_is_told_with_how_far_it_is_and_without_its_path(town: RestTown) -> None:
    (job,) = town.call("GET", "video_jobs").results

    assert (job["title"], job["state"], job["progress"], job["priority"]) == ("红船", "queued", 0.4, 5)
    assert (job["film"], job["created"], "source" in job) == ("", "2026-11-24 19:30:00", False)
    assert town.call("GET", "video_jobs/1").results == [job]
    assert town.call("GET", "video_jobs/7").error == "Job not found"
    assert town.call("GET", "video_jobs/../../etc").error == "Job not found"


def test_a_job_is_hurried_cancelled_and_tried_again(town: RestTown) -> None:
    assert town.call("PUT", "video_jobs/1", priority=9).results is True
    assert town.call("PUT", "video_jobs/1", retry=1).error == "The job has not failed"
    assert town.call("DELETE", "video_jobs/1").results is True
    (job,) = town.call("GET", "video_jobs/1").results
    assert (job["state"], job["code"], job["reason"]) == ("failed", "cancelled", "已经取消，没有添加。")
    assert town.call("DELETE", "video_jobs/1").error == "The job has ended already"
    assert town.call("PUT", "video_jobs/1", priority=3).error == "The job has ended already"
    assert town.call("PUT", "video_jobs/1", retry=1).results is True
    assert town.call("PUT", "video_jobs/1").error == "retry or priority required"

    (job,) = town.do(lambda uow: use.claim(uow, NOW, "elsewhere", 9))
    assert (job.priority, job.tries) == (9, 1)
    assert town.call("GET", "video_jobs").results[0]["state"] == "probing"
    trail = [(line.actor, line.verb) for line in town.do(lambda uow: uow.audit.entries("job", 1))][::-1]
    assert trail == [("api:boss", verb) for verb in ("hurry", "cancel", "retry")]
