"""The invitation outbox: states only move forward, a dismissal is asked once more, event ids rise per household."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from middleware.domain.invitations import AGAIN_AFTER, Invitation, again, event_id, move, payload
from middleware.domain.rollcall import Rollcall

NOW = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
QUEUED = Invitation(7, 100, "queued", 1000, 1, NOW)
ORDER = ["queued", "offered", "seen", "dismissed", "accepted", "expired"]
reports = st.sampled_from(["offered", "seen", "accepted", "dismissed"])


@given(st.lists(st.one_of(reports, st.just("again")), max_size=20))
def test_whatever_boxes_report_the_invitation_moves_forward_and_is_renewed_once(said: list[str]) -> None:
    invitation, now = QUEUED, NOW
    events = [invitation.event]
    for word in said:
        now += timedelta(minutes=6)
        before = invitation
        invitation = again(before, now) if word == "again" else move(before, word, now)  # type: ignore[arg-type]
        if invitation.event != before.event:
            assert before.state == "dismissed"
            events.append(invitation.event)
        else:
            assert ORDER.index(invitation.state) >= ORDER.index(before.state)

    assert events == sorted(set(events))
    assert invitation.attempts == len(events) <= 2


def test_an_expired_invitation_stays_so() -> None:
    expired = Invitation(7, 100, "expired", 1000, 1, NOW)

    assert move(expired, "accepted", NOW) == expired
    assert again(expired, NOW + AGAIN_AFTER) == expired


def test_the_second_invitation_waits_and_has_a_new_event_id() -> None:
    dismissed = move(QUEUED, "dismissed", NOW)

    assert again(dismissed, NOW + AGAIN_AFTER - timedelta(seconds=1)) == dismissed
    renewed = again(dismissed, NOW + AGAIN_AFTER)
    assert (renewed.state, renewed.attempts) == ("queued", 2)
    assert renewed.event > dismissed.event
    assert again(move(renewed, "dismissed", NOW + AGAIN_AFTER), NOW + 3 * AGAIN_AFTER).attempts == 2


def test_event_ids_rise_even_when_the_clock_was_set_back() -> None:
    later = event_id(NOW)

    assert event_id(NOW - timedelta(hours=1), later) == later + 1


def test_the_overlay_is_told_closing_and_target_but_no_name() -> None:
    closes = NOW + timedelta(minutes=14, seconds=58)
    rollcall = Rollcall(7, "党员点名", "branch", 1, "南湖村党支部", NOW, NOW, closes, "open")

    told = payload(QUEUED, rollcall)

    assert (told.event, told.target, told.closes, told.title) == (1000, "rc-7", closes, "南湖村党支部正在点名")
