"""A parser of service information written from EN 300 468 for the tests alone: it shares no line with epg.si.

It is strict: whatever a receiver might stumble over raises AssertionError.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


def mpeg_crc(data):
    """CRC-32/MPEG-2, bit by bit."""
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1) ^ (0x04C11DB7 if value & 0x80000000 else 0)
            value &= 0xFFFFFFFF
    return value


@dataclass(frozen=True)
class Told:
    """One event as a strict receiver reads it."""

    event_id: int
    start: datetime
    seconds: int
    running: int
    title: str
    short: str
    long: str


def reassemble(stream):
    """Sections from whole packets, continuity and pointers checked: [(pid, section, packet number)]."""
    assert len(stream) % 188 == 0
    last, buffers, out = {}, {}, []
    for number in range(len(stream) // 188):
        packet = stream[number * 188 : number * 188 + 188]
        assert packet[0] == 0x47
        unit_start, pid = bool(packet[1] & 0x40), ((packet[1] << 8) | packet[2]) & 0x1FFF
        if pid == 0x1FFF:
            continue
        assert packet[3] & 0x30 == 0x10
        counter = packet[3] & 15
        assert pid not in last or counter == (last[pid] + 1) & 15, f"continuity error on PID {pid:#x}"
        last[pid] = counter
        body = packet[4:]
        if unit_start:
            pointer = body[0]
            before = buffers.get(pid, b"") + body[1 : 1 + pointer]
            out += [(pid, one, number) for one in _cut(before, whole=True)]
            rest = body[1 + pointer :]
            assert rest
            assert rest[0] != 0xFF, "a pointer leads to a section"
        else:
            rest = buffers.get(pid, b"") + body
        done = []
        rest = _cut_into(rest, done)
        out += [(pid, one, number) for one in done]
        buffers[pid] = rest
    return out


def _cut(data, whole):
    done = []
    rest = _cut_into(data, done)
    assert not (whole and rest.strip(b"\xff")), "a section was cut off"
    return done


def _cut_into(data, done):
    while len(data) >= 3 and data[0] != 0xFF:
        size = ((data[1] & 15) << 8 | data[2]) + 3
        if len(data) < size:
            return data
        done.append(data[:size])
        data = data[size:]
    return b"" if data[:1] == b"\xff" else data


def section(data):
    """The header of a long section, its CRC checked: (table, extension, version, number, last, payload)."""
    assert data[1] & 0x80
    assert mpeg_crc(data) == 0, "CRC"
    assert data[5] & 0xC1 == 0xC1
    return data[0], data[3] << 8 | data[4], data[5] >> 1 & 31, data[6], data[7], data[8:-4]


def bcd(byte):
    """Two decimal digits."""
    high, low = byte >> 4, byte & 15
    assert high < 10
    assert low < 10
    return high * 10 + low


def events(payload, near):
    """The events of an EIT payload after its 6 bytes of header."""
    data, out = payload[6:], []
    while data:
        size = (data[10] & 15) << 8 | data[11]
        loop, head = data[12 : 12 + size], data[:12]
        assert len(loop) == size
        day = datetime(1858, 11, 17, tzinfo=UTC) + timedelta(days=head[2] << 8 | head[3])
        while abs(day - near) > abs(day + timedelta(days=65536) - near):
            day += timedelta(days=65536)
        start = day + timedelta(hours=bcd(head[4]), minutes=bcd(head[5]), seconds=bcd(head[6]))
        seconds = bcd(head[7]) * 3600 + bcd(head[8]) * 60 + bcd(head[9])
        out.append(Told(head[0] << 8 | head[1], start, seconds, head[10] >> 5, *texts(loop)))
        data = data[12 + size :]
    return out


def texts(loop):
    """Title, short and long text of a descriptor loop."""
    title = short = long = ""
    expected = 0
    while loop:
        tag, size = loop[0], loop[1]
        body, loop = loop[2 : 2 + size], loop[2 + size :]
        assert len(body) == size
        if tag == 0x4D:
            assert body[:3] in {b"zho", b"chi"}
            name = body[4 : 4 + body[3]]
            text = body[5 + body[3] :]
            assert len(text) == body[4 + body[3]]
            title, short = decode(name), decode(text)
        if tag == 0x4E:
            assert body[0] >> 4 == expected
            assert body[4] == 0
            assert body[5] == len(body) - 6
            expected += 1
            long += decode(body[6:])
            last = body[0] & 15
    assert expected == 0 or expected == last + 1
    return title, short, long


def decode(field):
    """A text by its selector; strict, so that a split character is an error."""
    if not field:
        return ""
    if field[0] == 0x13:
        return field[1:].decode("gb2312").replace("\u30fb", "·").replace("\u2015", "—")
    if field[0] == 0x15:
        return field[1:].decode("utf-8").replace("\ue08a", "\n")
    if field[0] == 0x11:
        return field[1:].decode("utf-16-be").replace("\ue08a", "\n")
    return field.decode("gbk")
