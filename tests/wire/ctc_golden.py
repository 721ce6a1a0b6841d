"""Every answer of the dialects for one box, as bytes; `python -m tests.wire.ctc_golden` writes them anew."""

from datetime import datetime
from pathlib import Path

from epg.times import SHANGHAI
from middleware.portal.ctc import dialect_a, dialect_b, dialect_c, failures, guides, records
from middleware.portal.ctc.dialect_a import Passed
from middleware.portal.ctc.dialect_b import Named, Where
from middleware.portal.ctc.failures import Failure
from middleware.portal.ctc.records import Listed
from middleware.portal.ctc.slots import Slot, days
from tests.wire.ctc_town import DAY, channel

FOLDER = Path(__file__).with_name("golden")
TOKEN, USER, STB = "0123456789ABCDEF0123456789ABCDEF", "07630001", "00100399007068200001ACB1EE000001"
BEARER = "Pq0bW1c-x_2Yd3E4f5G6h7I8j9K0l1M2n3O4p5Q6r7S"
HOME = (
    "http://10.1.1.1:33200/portal?user=07630001&mac=ACB1EE000001&ticket=1.1795581000.0123456789abcdef0123456789abcdef"
)


def answers() -> dict[str, bytes]:
    """Names of files and what should be in them."""
    now = datetime(2026, 11, 25, 12, 30, tzinfo=SHANGHAI)
    one = Listed(
        channel(1, hd=True, timeshift_url="rtsp://H/PLTV/1/224/801.smil"), "http://10.1.1.1:33200/logos/nh.png"
    )
    where, named = Where("http://10.1.1.1:8080", "10.1.1.1", "frame205"), Named(USER, BEARER, STB)
    shows = [
        Slot(
            1, "早间;新闻", datetime(2026, 11, 25, 7, tzinfo=SHANGHAI), datetime(2026, 11, 25, 7, 30, tzinfo=SHANGHAI)
        ),
        Slot(
            2, "乡村大舞台", datetime(2026, 11, 25, 22, 30, tzinfo=SHANGHAI), datetime(2026, 11, 26, 2, tzinfo=SHANGHAI)
        ),
    ]
    pages = {
        "a2.html": dialect_a.first_page(USER),
        "a3_ctc.html": dialect_a.token_page("CTC", TOKEN, USER, "0003"),
        "a3_cu.html": dialect_a.token_page("CU", TOKEN, USER),
        "a4.html": dialect_a.passed_page("CTC", Passed(BEARER, USER, STB)),
        "a5.html": dialect_a.channels_page(dialect_a.channel_scripts([one]), HOME),
        "failure.html": failures.page(Failure.WRONG, "/EPG/jsp/AuthenticationURL?UserID=07630001&Action=Login"),
    }
    gbk = {
        "b1.html": dialect_b.token_page(where, TOKEN, USER, "10.3.7.20", "0002"),
        "b2.html": dialect_b.passed_page(where, named),
        "b2_refused.html": dialect_b.failed_page(where, Failure.WRONG.code, USER),
        "b3.html": dialect_b.index_page(where, named),
        "b4.html": dialect_b.entered_page(),
        "b5_frame.html": dialect_b.frame_page(where),
        "b5_judged.html": dialect_b.judged_page(where),
        "b5_start.html": dialect_b.start_page(where),
        "b5_channels.html": dialect_b.channels_page(dialect_b.channel_lines([one]), HOME),
        "jiangsu_auth.html": dialect_b.auth_page(TOKEN, USER),
        "jiangsu_uploaded.html": dialect_b.uploaded_page(named),
        "jiangsu_moved.html": dialect_b.moved_page("http://10.1.1.1:8080/iptvepg/lb?UserToken=U"),
    }
    other = {
        "c1.json": dialect_c.epg_url("http://10.1.1.1:33200"),
        "c2.json": dialect_c.encry_token(TOKEN),
        "c3.json": dialect_c.access_token(BEARER),
        "c3_refused.json": dialect_c.REFUSED,
        "c4.json": dialect_c.document(records.listing_c([one])),
        "c5.json": dialect_c.document(records.logos_c([one])),
        "guide1.html": guides.liveplay_30("801", shows, days(now)),
        "guide2.json": guides.defaulttrans2(shows, DAY, days(now)[:-1], now),
        "guide3.json": guides.gdhdpublic("801", shows, DAY, now),
        "guide4.json": guides.vsp({"801": shows}, 0, 100),
        "guide5_cate.json": guides.fujian_categories([("1", "新闻")]),
        "guide5_list.json": guides.fujian_channels([("801", "南湖新闻", "1")]),
        "guide5_prog.json": guides.fujian_programmes("801", shows, now),
        "guide6.json": guides.xagqftkdb("南湖新闻", shows, DAY, 1, 9999),
        "guide7.json": guides.iptvsnmv3(shows),
        "b6.json": guides.zte(shows, DAY),
        "jiangsu_prevue.json": guides.jiangsu(shows, DAY, now),
    }
    return {
        **{name: page.encode() for name, page in pages.items()},
        **{name: dialect_b.gbk(page)[0] for name, page in gbk.items()},
        **other,
    }


if __name__ == "__main__":
    for name, data in answers().items():
        (FOLDER / name).write_bytes(data)
