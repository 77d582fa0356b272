#!/usr/bin/env python3
"""Writes rules.tsv: rules in the scheduler's text, and their first occurrences by python-dateutil (an independent
implementation of RFC 5545). Run by hand; the result is committed. Local times without a zone: rules in UTC."""

from datetime import datetime
from dateutil.rrule import *  # noqa: F403

START = datetime(2026, 1, 5, 9, 30)  # a Monday
R = rrule  # noqa: F405


def rule(text, freq, start=START, **arguments):
    dates = list(R(freq, dtstart=start, cache=False, count=arguments.pop("count", 24), **arguments))
    anchor = start.strftime("%Y-%m-%dT%H:%M")
    print(f"{text} from {anchor}", *(date.strftime("%Y-%m-%dT%H:%M:%S") for date in dates), sep="\t")


# fmt: off
rule("every day", DAILY)
rule("every 3 days", DAILY, interval=3)
rule("every 17 days hours 6, 18 minutes 0, 30", DAILY, interval=17, byhour=(6, 18), byminute=(0, 30))
rule("every day on friday on day 13", DAILY, byweekday=FR, bymonthday=13)
rule("every day in february, november", DAILY, bymonth=(2, 11))
rule("every week", WEEKLY)
rule("every 2 weeks", WEEKLY, interval=2)
rule("every 2 weeks on monday, wednesday, sunday", WEEKLY, interval=2, byweekday=(MO, WE, SU))
rule("every 2 weeks on monday, wednesday, sunday weekstart sunday", WEEKLY, interval=2, byweekday=(MO, WE, SU), wkst=SU)
rule("every 3 weeks on tuesday, saturday weekstart wednesday", WEEKLY, interval=3, byweekday=(TU, SA), wkst=WE,
     start=datetime(2026, 3, 26, 8, 15))
rule("every 5 weeks on thursday at 17:00", WEEKLY, interval=5, byweekday=TH, byhour=17, byminute=0)
rule("every month", MONTHLY)
rule("every 2 months on first monday, last tuesday hours 12 minutes 0", MONTHLY, interval=2, byweekday=(MO(1), TU(-1)),
     byhour=12, byminute=0)
rule("every month on last friday", MONTHLY, byweekday=FR(-1))
rule("every month on -2 friday", MONTHLY, byweekday=FR(-2))
rule("every month on fifth wednesday", MONTHLY, byweekday=WE(5))
rule("every month on last day", MONTHLY, bymonthday=-1)
rule("every month on day 31", MONTHLY, bymonthday=31)
rule("every month on day 29, day -30", MONTHLY, bymonthday=(29, -30))
rule("every 7 months on day 15 at 06:00", MONTHLY, interval=7, bymonthday=15, byhour=6, byminute=0)
rule("every 5 months in march, october on day 1", MONTHLY, interval=5, bymonth=(3, 10), bymonthday=1)
rule("every month on monday, tuesday on day 1, day 2, day 3", MONTHLY, byweekday=(MO, TU), bymonthday=(1, 2, 3))
rule("every year", YEARLY)
rule("every 4 years on day 29 in february", YEARLY, interval=4, bymonth=2, bymonthday=29, start=datetime(2024, 1, 1))
rule("every year on day 29 in february", YEARLY, bymonth=2, bymonthday=29, start=datetime(2088, 1, 1))
rule("every year on yearday 1, yearday 60, yearday 366, yearday -1", YEARLY, byyearday=(1, 60, 366, -1))
rule("every 3 years on yearday -100", YEARLY, interval=3, byyearday=-100)
rule("every 2 years in january, june on day 10", YEARLY, interval=2, bymonth=(1, 6), bymonthday=10)
rule("every year on fourth thursday in november", MONTHLY, bymonth=11, byweekday=TH(4))
rule("every hour", HOURLY)
rule("every 7 hours", HOURLY, interval=7)
rule("every 5 hours minutes 15, 45", HOURLY, interval=5, byminute=(15, 45), start=datetime(2026, 1, 5, 9, 0))
rule("every hour hours 8, 12 on saturday", HOURLY, byhour=(8, 12), byweekday=SA)
rule("every 5 hours hours 3, 4 in march", HOURLY, interval=5, byhour=(3, 4), bymonth=3)
rule("every 7 minutes", MINUTELY, interval=7)
rule("every 90 minutes", MINUTELY, interval=90)
rule("every 13 minutes hours 6 on sunday", MINUTELY, interval=13, byhour=6, byweekday=SU)
rule("every 11 minutes seconds 0, 20", MINUTELY, interval=11, bysecond=(0, 20))
rule("every 45 seconds", SECONDLY, interval=45)
rule("every 100 seconds minutes 0, 1", SECONDLY, interval=100, byminute=(0, 1))
# The example that ice_cube itself ran, in reference/scheduler.md.
rule("every 2 months on first monday, last tuesday hours 12 minutes 0", MONTHLY, interval=2, byweekday=(MO(1), TU(-1)),
     byhour=12, byminute=0, start=datetime(2026, 1, 1))
