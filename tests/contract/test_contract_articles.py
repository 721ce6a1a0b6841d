"""Articles on both databases; what a listing shows is what the domain calls visible."""

from datetime import timedelta

import attrs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from middleware.domain.articles import Article, Paragraph, Picture, Table, visible
from middleware.storage.store import Store
from tests.contract.small_town import NOW, settle

BLOCKS = (
    Paragraph("全文"),
    Table(("项目", "金额（元）"), (("修路", "12,000.00"), ("合计", "12,000.00")), frozenset({1}), total=True),
    Picture("/demo/pictures/hall.jpg", 640, 360, "议事厅"),
)
ARTICLE = Article(
    0,
    "finance",
    "十一月账目",
    "十一月账目",
    "南湖村",
    None,
    NOW,
    NOW + timedelta(days=30),
    BLOCKS,
    Picture("/p.jpg", 3, 4),
)


def test_an_article_comes_back_with_every_kind_of_block(store: Store) -> None:
    stored = store.run_sync(lambda uow: uow.articles.add(ARTICLE))
    assert stored == attrs.evolve(ARTICLE, id=stored.id)

    changed = attrs.evolve(stored, title="更正", portrait=None, expires_at=None, blocks=BLOCKS[:1])
    store.run_sync(lambda uow: uow.articles.save(changed))
    assert store.run_sync(lambda uow: uow.articles.get(stored.id), write=False) == changed


def test_the_id_of_a_removed_article_is_never_given_again(store: Store) -> None:
    first = store.run_sync(lambda uow: uow.articles.add(ARTICLE))
    store.run_sync(lambda uow: uow.articles.remove(first.id))

    assert store.run_sync(lambda uow: uow.articles.get(first.id), write=False) is None
    assert store.run_sync(lambda uow: uow.articles.add(ARTICLE)).id > first.id


def test_a_listing_is_newest_first_and_paged(store: Store) -> None:
    def write(uow):
        return [uow.articles.add(attrs.evolve(ARTICLE, published_at=NOW - timedelta(days=day))).id for day in (2, 0, 1)]

    oldest, newest, middle = store.run_sync(write)

    def listed(**page: int) -> list[int]:
        return store.run_sync(
            lambda uow: [one.id for one in uow.articles.listing("finance", None, NOW, **page)], write=False
        )

    assert listed() == [newest, middle, oldest]
    assert listed(offset=1, limit=1) == [middle]
    assert store.run_sync(lambda uow: uow.articles.count("finance", None, NOW), write=False) == 3
    assert store.run_sync(lambda uow: uow.articles.count("dues", None, NOW), write=False) == 0


days = st.integers(-2, 2).map(lambda day: NOW + timedelta(days=day))


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(days, st.none() | days, st.sampled_from([None, "v01", "v02"])), max_size=6),
    st.sampled_from([None, "v01"]),
)
def test_listed_is_what_the_domain_calls_visible(store: Store, rows: list, reader: str | None) -> None:
    def check(uow):
        villages = {one.code: one.id for one in uow.places.villages()}
        village = villages.get(reader or "")
        for article in uow.articles.listing("virtue", None, NOW + timedelta(days=99), limit=1000):
            uow.articles.remove(article.id)
        written = [
            uow.articles.add(
                attrs.evolve(
                    ARTICLE, column="virtue", published_at=start, expires_at=end, village_id=villages.get(place or "")
                )
            )
            for start, end, place in rows
        ]
        expected = {one.id for one in written if visible(one, village, NOW)}
        shown = uow.articles.listing("virtue", village, NOW)
        listed = [one.id for one in shown]
        places = [uow.articles.before(one, village, NOW) for one in shown]
        count = uow.articles.count("virtue", village, NOW)
        for article in written:
            uow.articles.remove(article.id)
        return expected, listed, count, places

    if not store.run_sync(lambda uow: uow.places.villages(), write=False):
        settle(store)
    expected, listed, count, places = store.run_sync(check)
    assert expected == set(listed)
    assert count == len(listed)
    assert places == list(range(count))
