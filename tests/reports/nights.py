"""Sixty nights of an invented feed, so that a report has a history to show."""

import glob
import os
import random
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "run"))
from world import HEADING, people, person  # noqa: E402

COLUMNS = [*HEADING, "TYPE", "BORN", "LICENCE"]
FIELDS = {
    "user_type_id": {"from": "TYPE"},
    "date_of_birth": {"from": "BORN", "type": "date", "written": ["YYYY-MM-DD"], "private": True,
                      "if_wrong": "leave out field"},
    "driver_licence_num": {"from": "LICENCE", "private": True},
}
FIRST_DAY = 1_756_689_600  # 2025-09-01, 01:20 UTC is when the pushes begin
CLOCK = sorted(glob.glob("/usr/lib/*/faketime/libfaketime.so.1"))
ABSENT = {20, 21, 22, 41}  # nights without a run: the lines have gaps there
TERM_START = 30
THROTTLED = 2  # people of the last night who are answered 429 once
KEYS = {"BORN": "1987-06-05", "LICENCE": "X1234-SECRET"}


def on_night(night):
    """The environment of a program that believes it is that night; without libfaketime it is now."""
    if not CLOCK:
        return {}
    return {"LD_PRELOAD": CLOCK[-1], "FAKETIME": f"@{when(night)}", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


def when(night):
    return time.strftime("%Y-%m-%d 01:20:00", time.gmtime(FIRST_DAY + night * 86400))


def member(number, chance):
    kind = chance.choices(["1", "9", "10"], [70, 20, 10])[0]
    return person(number, TYPE=kind, **KEYS)


def script(w):
    """What the sandbox does to the people who are new in the last night: throttled, late, refused."""
    lines = [f"id={person(number)['ID']} 429:retry-after=1 1" for number in range(901, 901 + THROTTLED)]
    lines += [f"id={person(number)['ID']} late:ms={ms} 1" for number, ms in ((907, 40), (908, 90), (909, 350), (910, 900))]
    lines += [f"id={person(911)['ID']} 9019 9"]
    return w.write("script", "\n".join(lines) + "\n")


def change(rows, night, chance):
    """One ordinary night of the feed."""
    for row in chance.sample(rows, chance.randint(3, 9)):
        row[chance.choice(["CITY", "CITY", "LAST"])] = f"Changed{night}"
    for _ in range(chance.randint(0, 2)):
        rows.pop(chance.randrange(len(rows)))
    for row in rows:
        row["EMAIL"] = row["EMAIL"] or f"back{row['ID']}@example.edu"
    for row in chance.sample(rows, chance.randint(0, 2)):
        row["EMAIL"] = ""


def live(w, nights=60, count=200, last_options=()):
    """Pushes night after night; gives the outcome of the last one. The sandbox must run, with script()."""
    chance = random.Random(1566)
    w.mapping(fields=FIELDS)
    rows = [member(number, chance) for number in range(1, count + 1)]
    next_number, done = count + 1, None
    for night in range(nights):
        last = night == nights - 1
        if night in ABSENT:
            continue
        options = list(last_options) if last else ["--rate", "none"]
        if night:
            change(rows, night, chance)
            newcomers = 14 if night == TERM_START else chance.randint(0, 2)
            numbers = range(901, 919) if last else range(next_number, next_number + newcomers)
            next_number += newcomers
            rows += [member(number, chance) for number in numbers]
        else:
            options.append("--first-load")
        done = w.run("push", w.export(rows, heading=COLUMNS), "--json", *options, environment=on_night(night))
        assert done.exit in (0, 3), (night, done.exit, done.err)
    return done
