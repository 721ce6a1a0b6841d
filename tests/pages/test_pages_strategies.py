"""The strategies of the page tests build every fact, and reach the hard cases."""

from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from portal_pages import facts
from tests.pages import strategies as make


@given(
    st.one_of(
        make.viewers(),
        make.columns("finance", "财务公示", lambda total: 7 if total <= 7 else 6),
        make.articles(),
        make.shelves((("style", "南湖风采"), ("stones", "他山之石"))),
        make.channels_now(),
        make.guides(),
        make.rollcalls(),
        make.CONFIRMS,
        make.RESULTS,
        make.NOTICES,
        make.homes(),
    )
)
def test_every_fact_can_be_made(fact: object) -> None:
    assert fact is not None


def test_a_programme_runs_across_midnight_in_some_guide() -> None:
    def across(guide: facts.GuideFact) -> bool:
        return any(
            p.start.astimezone(make.TOWN).date() != p.stop.astimezone(make.TOWN).date()
            for row in guide.rows
            for p in row.programmes
        )

    any_will_do = settings(phases=[Phase.generate], max_examples=2000)

    assert across(find(make.guides(), across, settings=any_will_do))
