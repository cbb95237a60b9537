"""What is admitted, and when it fires: tables, recordings, and a walk through the calendar as the oracle."""

from calendar import timegm
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.timing import InvalidSchedule, parse_rule_schedule, parse_schedule


def at(text: str) -> float:
    """`2026-09-15 22:33` (UTC) in seconds since 1970."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def firing(expression: str, after: str, times: int = 1) -> list[str]:
    """The next so many firings, as text."""
    schedule, moment, found = parse_rule_schedule(expression), at(after), list[str]()
    for _ in range(times):
        due = schedule.next_after(moment, 0)
        if due is None:
            break
        found.append(datetime.fromtimestamp(due, UTC).strftime("%Y-%m-%d %H:%M"))
        moment = due
    return found


ADMITTED = [
    "rate(1 minute)", "rate(01 minute)", "rate(02 minutes)", "rate(2147483647 days)",
    "cron(* * ? * SAT#3 *)", "cron(15 10 ? * 6L 2002-2005)", "cron(0 2 ? * SAT#3 *)", "cron(0/5 5 ? JAN 1-5 2022)",
    "cron(0 18 ? * mon-fri *)", "cron(50-10/5 20-2 28-3 NOV-FEB ? *)", "cron(0 0 ? * FRI-MON *)",
    "cron(0 0 LW * ? *)", "cron(0 0 lw * ? *)", "cron(0 0 L-3W * ? *)", "cron(0 0 31 FEB ? *)", "cron(0 0 L-30 * ? *)",
    "cron(0 0 1 1 ? 0)", "cron(0 0 1 1 ? 2147483647)", "cron(0 0 1 1 ? 2000-2147483647)", "cron(/5 * * * ? *)",
    "cron(33/61 22 * * ? *)", "cron(*/0 * * * ? *)", "cron(0 0 ? * TUESDAY *)", "cron(1,,2 0 * * ? *)",
    "cron(0 0 ? * L *)", "cron(0-15/1 8-8 ? * 2,3,4,5,6,7 *)", "cron(1-31/30 1-1 ? * 1,7 *)", "cron(0 12 * * ?x *)",
]  # fmt: skip
REFUSED = [
    "", "rate", "rate()", "rate(10)", "rate(10 minutess)", "rate(foo minutes)", "rate(1 minutes)", "rate(01 minutes)",
    "rate(10 minute)", "rate(10 hour)", "rate(10 day)", "rate(0 minutes)", "rate(+1 minute)", "rate( 10 minutes )",
    " rate(10 minutes)", "rate(10 minutes) ", "rate(10 minutes)\n", "rate(١ minute)", "rate(2147483648 days)",
    "cron()", "cron(INVALID)", "CRON(0 0 * * ? *)", "cron(0 0 * * ? *) ", "cron( 0 0 * * ? *)", "cron(0  0 * * ? *)",
    "cron(0 dummy ? * MON-FRI *)", "cron(7 20 * * NOT *)", "cron(71 8 1 * ? *)", "cron(0 1 * * * *)",
    "cron(0 0 ? * ? *)", "cron(0 0 1 * MON *)", "cron(0 0 0 * ? *)", "cron(0 0 ? * 0 *)", "cron(0 0 ? * 8 *)",
    "cron(0 0 1 0 ? *)", "cron(0 0 ? * MON#1,TUE#2 *)", "cron(0 0 ? * MON#x *)", "cron(0 0 L,15 * ? *)",
    "cron(0 0 ? * 6L,2 *)", "cron(0 0 1 1 ? 2030-2027)", "cron(0 0 1 1 ? 2147483648)", "cron(12L 0 * * ? *)",
    "cron(1- 0 * * ? *)", "cron(1-5/ 0 * * ? *)", "cron(1/ 0 * * ? *)", "cron(*/ 0 * * ? *)", "cron(L 0 * * ? *)",
    "cron(, 0 * * ? *)", "cron(*/60 * * * ? *)", "cron(0 0 32W * ? *)", "cron(0 0 1 MA ? *)", "cron(0 0 1 JAN-5 ? *)",
    "cron(0 0 L-31 * ? *)", "at(2026-11-20T13:00:00)", "cron(² 0 * * ? *)",
]  # fmt: skip


@pytest.mark.parametrize("expression", ADMITTED)
def test_admitted(expression: str) -> None:
    parse_rule_schedule(expression)


@pytest.mark.parametrize("expression", REFUSED)
def test_refused(expression: str) -> None:
    with pytest.raises(InvalidSchedule):
        parse_rule_schedule(expression)


@pytest.mark.parametrize(
    ("expression", "fires"),
    [  # recorded on AWS at Tue 2026-09-15 22:33
        ("cron(33 22 * * ? *)", True),
        ("cron(33x 22 * * ? *)", True),
        ("cron(33/0 22 * * ? *)", True),
        ("cron(33/61 22 * * ? *)", True),
        ("cron(33 22 15W * ? *)", True),
        ("cron(33 22 1-31W * ? *)", True),
        ("cron(33 22 ? * TUE#3 *)", True),
        ("cron(33 22 L-15 * ? *)", True),
        ("cron(33 22 ? * TUESDAY *)", True),
        ("cron(33 22 16 * ? *)", False),
    ],
)
def test_recorded_firing(expression: str, fires: bool) -> None:
    assert (firing(expression, "2026-09-15 22:32") == ["2026-09-15 22:33"]) is fires


@pytest.mark.parametrize(
    ("expression", "after", "expected"),
    [
        ("cron(* * * * ? *)", "2026-09-15 22:33", ["2026-09-15 22:34", "2026-09-15 22:35"]),
        ("cron(*/15 * * * ? *)", "2026-12-31 23:45", ["2027-01-01 00:00", "2027-01-01 00:15"]),
        ("cron(0 9 ? * MON-FRI *)", "2026-09-18 09:00", ["2026-09-21 09:00"]),
        ("cron(0 22-1 * * ? *)", "2026-09-15 21:00", ["2026-09-15 22:00", "2026-09-15 23:00", "2026-09-16 00:00"]),
        ("cron(0 0 30-2 * ? *)", "2026-02-20 00:00", ["2026-03-01 00:00", "2026-03-02 00:00", "2026-03-30 00:00"]),
        ("cron(0 0 ? * SAT-SUN *)", "2026-09-15 00:00", ["2026-09-19 00:00", "2026-09-20 00:00"]),
        ("cron(0 0 L * ? *)", "2028-02-01 00:00", ["2028-02-29 00:00", "2028-03-31 00:00"]),
        ("cron(0 0 L-30 * ? *)", "2026-01-02 00:00", ["2026-03-01 00:00"]),
        ("cron(0 0 29 FEB ? *)", "2026-01-01 00:00", ["2028-02-29 00:00", "2032-02-29 00:00"]),
        ("cron(0 0 LW * ? *)", "2026-05-01 00:00", ["2026-05-29 00:00"]),  # the 31st is a Sunday
        ("cron(0 0 1W * ? *)", "2026-07-30 00:00", ["2026-08-03 00:00"]),  # the 1st is a Saturday
        ("cron(0 0 3W * ? *)", "2026-10-01 00:00", ["2026-10-02 00:00"]),  # the 3rd is a Saturday
        ("cron(0 0 4W * ? *)", "2026-10-01 00:00", ["2026-10-05 00:00"]),  # the 4th is a Sunday
        ("cron(0 0 1W,20 * ? *)", "2026-09-02 00:00", ["2026-10-01 00:00"]),
        ("cron(0 0 31W * ? *)", "2026-09-01 00:00", ["2026-10-30 00:00"]),
        ("cron(0 0 ? * 6L *)", "2026-09-01 00:00", ["2026-09-25 00:00", "2026-10-30 00:00"]),
        ("cron(0 0 ? * FRIL *)", "2026-09-01 00:00", ["2026-09-25 00:00"]),
        ("cron(0 0 ? * L *)", "2026-09-01 00:00", ["2026-09-05 00:00", "2026-09-12 00:00"]),
        ("cron(0 0 ? * 2#5 *)", "2026-09-01 00:00", ["2026-11-30 00:00"]),
        ("cron(0 0 1 1 ? 2027,2028-2032/2)", "2026-09-01 00:00", ["2027-01-01 00:00", "2028-01-01 00:00"]),
        ("cron(0 0 1 1 ? 2190/5)", "2191-01-01 00:00", ["2195-01-01 00:00"]),
        ("cron(0 0 1 1 ? 2002-2005)", "2026-09-01 00:00", []),
        ("cron(0 0 31 FEB ? *)", "2026-09-01 00:00", []),
        ("cron(0 0 1 1 ? 9999)", "2026-09-01 00:00", []),
        ("cron(0 0 1 1 ? *)", "1960-01-01 00:00", ["1970-01-01 00:00"]),
    ],
)
def test_firings(expression: str, after: str, expected: list[str]) -> None:
    assert firing(expression, after, len(expected) or 1) == expected


@pytest.mark.parametrize(
    ("expression", "moment", "expected"),
    [
        ("rate(1 minute)", "2026-01-02 04:05:06", "2026-01-02 04:06:06"),
        ("rate(1 minute)", "2026-01-02 04:06:05", "2026-01-02 04:06:06"),
        ("rate(1 minute)", "2026-01-02 04:06:06", "2026-01-02 04:07:06"),
        ("rate(1 minute)", "2026-01-01 00:00:00", "2026-01-02 04:06:06"),
        ("rate(2 days)", "2026-01-02 04:05:06", "2026-01-04 04:05:06"),
        ("rate(2147483647 days)", "2026-01-02 04:05:06", None),
    ],
)
def test_rate_counts_from_its_anchor(expression: str, moment: str, expected: str | None) -> None:
    due = parse_rule_schedule(expression).next_after(at(moment), at("2026-01-02 04:05:06"))
    assert due == (None if expected is None else at(expected))


NEW_YORK = ZoneInfo("America/New_York")  # 2027: forward on 14 March at 02:00, back on 7 November at 02:00


@pytest.mark.parametrize(
    ("expression", "after", "expected"),
    [
        ("cron(30 1 * * ? *)", "2027-01-01 00:00", "2027-01-01 06:30"),
        ("cron(30 2 * * ? *)", "2027-03-13 12:00", "2027-03-15 06:30"),  # 14 March has no 02:30
        ("cron(30 1 * * ? *)", "2027-11-07 05:00", "2027-11-07 05:30"),
        ("cron(30 1 * * ? *)", "2027-11-07 05:30", "2027-11-08 06:30"),  # 7 November has two, the first counts
        ("cron(45 1 * * ? *)", "2027-11-07 06:40", "2027-11-08 06:45"),
        ("at(2027-01-01T00:00:00)", "2026-01-01 00:00", "2027-01-01 05:00"),
        ("at(2027-01-01T00:00:00)", "2027-01-01 05:00", None),
        ("at(2027-03-14T02:30:00)", "2026-01-01 00:00", "2027-03-14 07:30"),
        ("rate(1 minutes)", "2026-01-01 00:00", "2026-01-01 00:01"),
    ],
)
def test_clocks_of_a_zone(expression: str, after: str, expected: str | None) -> None:
    due = parse_schedule(expression, NEW_YORK).next_after(at(after), at(after))
    assert due == (None if expected is None else at(expected))


@pytest.mark.parametrize(
    "expression", ["at(2021-12-31T23:59:59Z)", "at(2021-12-31)", "at(2021-02-30T00:00:00)", "at()", "rate(10 seconds)"]
)
def test_refused_by_scheduler(expression: str) -> None:
    with pytest.raises(InvalidSchedule):
        parse_schedule(expression)


Field = tuple[str, frozenset[int]]


def field(first: int, last: int) -> st.SearchStrategy[Field]:
    """A field's text, and the values that it means."""
    value = st.integers(first, last)
    size = last - first + 1
    every = st.just(("*", frozenset(range(first, last + 1))))
    some = st.lists(value, min_size=1, max_size=4).map(lambda them: (",".join(map(str, them)), frozenset(them)))
    step = st.tuples(value, st.integers(1, size)).map(
        lambda pair: (f"{pair[0]}/{pair[1]}", frozenset(range(pair[0], last + 1, pair[1])))
    )
    span = st.tuples(value, value).map(
        lambda pair: (
            f"{pair[0]}-{pair[1]}",
            frozenset((pair[0] - first + n) % size + first for n in range((pair[1] - pair[0]) % size + 1)),
        )
    )
    return every | some | step | span


moments = st.datetimes(datetime(2023, 1, 1), datetime(2029, 1, 1)).map(lambda each: each.replace(tzinfo=UTC))  # noqa: DTZ001


@settings(max_examples=150, deadline=None)
@given(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(1, 7), st.booleans(), moments)
def test_against_a_walk_through_the_calendar(
    minute: Field, hour: Field, day: Field, month: Field, weekday: Field, by_day: bool, moment: datetime
) -> None:
    days = f"{day[0]} {month[0]} ?" if by_day else f"? {month[0]} {weekday[0]}"
    due = parse_rule_schedule(f"cron({minute[0]} {hour[0]} {days} *)").next_after(moment.timestamp(), 0)
    date = moment.date()
    for _ in range(400):
        if date.month in month[1] and (date.day in day[1] if by_day else date.isoweekday() % 7 + 1 in weekday[1]):
            for each in range(1440):
                time = timegm((date.year, date.month, date.day, each // 60, each % 60, 0))
                if each // 60 in hour[1] and each % 60 in minute[1] and time > moment.timestamp():
                    assert due == time
                    return
        date += timedelta(days=1)
    assert due is None or due >= timegm(date.timetuple())


pieces = st.sampled_from(
    ["cron(", "rate(", "at(", ")", " ", "*", "?", "L", "W", "#", "-", "/", ",", "0", "7", "31", "MON", "x"]
)


@given(st.lists(pieces, max_size=24).map("".join) | st.text(), st.floats(0, 4e10))
def test_never_fails(text: str, moment: float) -> None:
    try:
        schedule = parse_schedule(text)
    except InvalidSchedule:
        return
    due = schedule.next_after(moment, moment)
    assert due is None or due > moment


fields = st.sampled_from(
    ["*", "?", "0", "1", "5/7", "L", "L-3", "LW", "15W", "1-5W", "6L", "SAT#3", "FRI-MON", "0x", "50-10"]
)


@settings(max_examples=300)
@given(st.lists(fields, min_size=6, max_size=6), st.floats(-1e12, 1e12))
def test_never_fails_on_six_fields(them: list[str], moment: float) -> None:
    try:
        schedule = parse_rule_schedule(f"cron({' '.join(them)})")
    except InvalidSchedule:
        return
    due = schedule.next_after(moment, moment)
    assert due is None or (due > moment and due % 60 == 0)
