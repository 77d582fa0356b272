#!/usr/bin/env python3
"""Writes zones.tsv: ten years of twenty cron expressions in every zone, by Python's zoneinfo and a walker that knows
nothing but dates: an independent reference. Run by hand (some minutes); the result is committed, with the version of the
time zone database it is true for.

A line is: digest under the default policy (gap nextTime, overlap first), digest of the fixed times under gap preserving
and overlap last, the same under gap strict and overlap both, digest of the offsets at many instants from 1902 to 9000,
and the names of the zones for which all of them hold."""

from collections import defaultdict
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo, available_timezones
import hashlib, os, sys

FROM, TO = 1767225600, 2082758400  # 2026-01-01 to 2036-01-01, UTC
MASK = (1 << 64) - 1
ROOT = "/usr/share/zoneinfo/"

# minutes, hours, does a day match, is it like an interval
EVERY = lambda d: True
WEEKDAY = lambda d: d.isoweekday() % 7
LAST = lambda d: (d + timedelta(1)).day == 1
SPECS = [
    ("0 0 * * *", [0], [0], EVERY, False),
    ("30 0 * * *", [30], [0], EVERY, False),
    ("15 1 * * *", [15], [1], EVERY, False),
    ("30 1 * * *", [30], [1], EVERY, False),
    ("0 2 * * *", [0], [2], EVERY, False),
    ("30 2 * * *", [30], [2], EVERY, False),
    ("0,15,30,45 2 * * *", [0, 15, 30, 45], [2], EVERY, False),
    ("0 3 * * *", [0], [3], EVERY, False),
    ("30 3 * * 0", [30], [3], lambda d: WEEKDAY(d) == 0, False),
    ("59 23 * * *", [59], [23], EVERY, False),
    ("0 0-4 * * 0,1", [0], range(0, 5), lambda d: WEEKDAY(d) in (0, 1), False),
    ("0 * * * *", [0], range(24), EVERY, True),
    ("*/30 0-3 * * *", [0, 30], range(0, 4), EVERY, True),
    ("0 */2 * * *", [0], range(0, 24, 2), EVERY, True),
    ("30 4 1,15 * 5", [30], [4], lambda d: d.day in (1, 15) or WEEKDAY(d) == 5, False),
    ("30 2 */2 * 5", [30], [2], lambda d: d.day % 2 == 1 and WEEKDAY(d) == 5, False),
    ("0 0 29 2 *", [0], [0], lambda d: (d.month, d.day) == (2, 29), False),
    ("30 1 L * *", [30], [1], LAST, False),
    ("0 9 * * 1-5", [0], [9], lambda d: 1 <= WEEKDAY(d) <= 5, False),
    ("0 22-2 * * 5-1", [0], [22, 23, 0, 1, 2], lambda d: WEEKDAY(d) in (5, 6, 0, 1), False),
]
EPOCH = datetime(1970, 1, 1)


def offset(zone, instant):
    return int(datetime.fromtimestamp(instant, timezone.utc).astimezone(zone).utcoffset().total_seconds())


def resolve(zone, wall):
    """(instants, gap): the instants at which the zone shows wall; or none, and (its end, the shifted instant, length)."""
    local = int((wall - EPOCH).total_seconds())
    offsets = [int(wall.replace(tzinfo=zone, fold=fold).utcoffset().total_seconds()) for fold in (0, 1)]
    if offsets[0] == offsets[1]:
        return [local - offsets[0]], None
    found = [local - o for o in offsets if offset(zone, local - o) == o]
    if found:
        return sorted(set(found)), None
    before, after = offsets  # PEP 495: in a gap fold 0 has the offset before it
    low, high = local - after, local - before
    while high - low > 1:
        middle = (low + high) // 2
        if offset(zone, middle) == before:
            low = middle
        else:
            high = middle
    return [], (high, local - before, after - before)


def occurrences(zone, spec, gap_policy, overlap_policy):
    _, minutes, hours, matches, interval = spec
    found = set()
    day = date(2025, 12, 30)
    while day < date(2036, 1, 3):
        if matches(day):
            for hour in hours:
                for minute in minutes:
                    instants, gap = resolve(zone, datetime(day.year, day.month, day.day, hour, minute))
                    if interval or overlap_policy == "both":
                        found.update(instants)
                    elif instants:
                        found.add(instants[0 if overlap_policy == "first" else -1])
                    if gap and not interval and gap[2] <= 3 * 3600 and gap_policy != "strict":
                        found.add(gap[0] if gap_policy == "nextTime" else gap[1])
        day += timedelta(1)
    return sorted(t for t in found if FROM <= t < TO)


def digest(numbers, start=0xCBF29CE484222325):
    for number in numbers:
        start = (start * 1099511628211 + number) & MASK
    return start


def signature(zone):
    """Every change of the offset in the ten years and a little around."""
    changes, instant = [], FROM - 3 * 86400
    last = offset(zone, instant)
    while instant < TO + 3 * 86400:
        following = instant + 6 * 3600
        now = offset(zone, following)
        if now != last:
            low, high = instant, following
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(zone, middle) == last else (low, middle)
            changes.append((high, last, now))
        instant, last = following, now
    return (last, tuple(changes))


def main():
    with open(ROOT + "tzdata.zi") as file:
        print(file.readline().strip())
    files = defaultdict(list)
    for name in sorted(available_timezones() - {"Factory", "localtime"}):
        with open(ROOT + name, "rb") as file:
            files[hashlib.sha256(file.read()).hexdigest()].append(name)
    digests, lines = {}, defaultdict(list)
    for names in files.values():
        zone = ZoneInfo(names[0])
        key = signature(zone)
        if key not in digests:
            default, shifted, strict = (0xCBF29CE484222325,) * 3
            for spec in SPECS:
                default = digest(occurrences(zone, spec, "nextTime", "first"), default)
                if not spec[4]:
                    shifted = digest(occurrences(zone, spec, "preserving", "last"), shifted)
                    strict = digest(occurrences(zone, spec, "strict", "both"), strict)
            digests[key] = (default, shifted, strict)
            print(names[0], file=sys.stderr)
        # An odd step, so that the samples fall on all days and hours.
        samples = range(-2145916800, 221845392000, 4_999_999_999 // 7)
        offsets = digest(offset(zone, instant) & MASK for instant in samples)
        lines[(*digests[key], offsets)] += names
    for key, names in sorted(lines.items(), key=lambda item: item[1]):
        print(*(f"{number:016x}" for number in key), " ".join(sorted(names)), sep="\t")


main()
