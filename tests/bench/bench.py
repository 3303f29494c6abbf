#!/usr/bin/env python3
"""Speed and memory as ratios from one run: opspush beside libcsv alone, the sqlite3 shell and a Python script.

    bench.py --build BUILD [--rows N] [--rounds N] [--seed N]

Makes an export of invented people and the day after it (2 % changed, some gone and some new), puts the first into a state
and lets all contenders work in turn, round after round; of each the median counts. Nothing passes or fails here: machines
differ, ratios less so. "x libcsv" is elapsed time over that of a bare libcsv loop on the same file, "x cpu" the same of
processor time, which a busy machine spoils less.
"""
import argparse
import csv
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
MAPPING = HERE.parent.parent / "mappings" / "banner-students.jsonc"
FIXED = 32 << 20  # bytes that a plan may take whatever the file
PLAN_EXITS = (0, 4)  # 4: a guard has something to say about a first load


class Contender:
    def __init__(self, name, command, feed=None, before=None, exits=(0,), people=0):
        self.name, self.command, self.feed, self.before = name, command, feed, before
        self.exits, self.people = exits, people
        self.elapsed, self.cpu, self.peak = [], [], []

    def run(self):
        """One round, measured by what wait4(2) says of this child alone."""
        if self.before:
            self.before()
        begin = time.monotonic()
        child = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        child.stdin.write((self.feed or "").encode())
        child.stdin.close()
        words = child.stderr.read().decode(errors="replace")
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode not in self.exits:
            sys.exit(f"bench: {self.name}: exit {child.returncode}: {words.strip() or ' '.join(self.command)}")
        self.elapsed.append(time.monotonic() - begin)
        self.cpu.append(usage.ru_utime + usage.ru_stime)
        self.peak.append(usage.ru_maxrss * 1024)

    def row(self, bare):
        elapsed, cpu, peak = (statistics.median(list_) for list_ in (self.elapsed, self.cpu, self.peak))
        shown = f"{peak / (1 << 20):.1f}" if peak > floor() else f"<{floor() / (1 << 20):.1f}"
        beyond = f"{max(0.0, peak - FIXED) / self.people:9.1f}" if self.people else f"{'-':>9}"
        return (f"{self.name:<34}{elapsed:9.2f}{elapsed / statistics.median(bare.elapsed):11.2f}{cpu:9.2f}"
                f"{cpu / statistics.median(bare.cpu):9.2f}{shown:>9}{beyond}")


def generate(build, path, *options):
    with open(path, "wb") as out:
        subprocess.run([build / "generate", *map(str, options)], stdout=out, check=True)


def people_in(first, second):
    """Distinct ids of the first day, and of both: who a plan must keep in mind. (Counted elsewhere: see floor().)"""
    words = (f".import --csv {first} a\n.import --csv {second} b\nSELECT count(DISTINCT ID) FROM a;\n"
             "SELECT count(*) FROM (SELECT ID FROM a UNION SELECT ID FROM b);\n")
    told = subprocess.run(["sqlite3"], input=words.encode(), check=True, capture_output=True).stdout
    return map(int, told.split())


def floor():
    """A child's peak begins with what this process has when it forks: less than that cannot be told."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def columns_of(path):
    with open(path, newline="", encoding="windows-1252") as file:
        return next(csv.reader(file))


def sqlite_words(export, before, columns):
    """The import of an export, and its comparison with yesterday's table by the ids."""
    others = [column for column in columns if column != "ID"]
    mine, theirs = (", ".join(f'{table}."{column}"' for column in others) for table in ("today", "yesterday"))
    return (f"PRAGMA journal_mode = OFF;\nPRAGMA synchronous = OFF;\n.import --csv {export} today\n"
            f"ATTACH '{before}' AS old;\n"
            'CREATE INDEX today_id ON today("ID");\n'
            "SELECT sum(yesterday.ID IS NULL), sum(yesterday.ID IS NOT NULL AND "
            f"({mine}) IS NOT ({theirs})) FROM today LEFT JOIN old.yesterday ON yesterday.ID = today.ID;\n"
            "SELECT count(*) FROM old.yesterday WHERE ID NOT IN (SELECT ID FROM today);\n")


def keep_in_sqlite(place, export, columns):
    """Yesterday as a table with its id as the key; of several rows of a person the first."""
    names = ", ".join(f'"{column}"' + (" PRIMARY KEY" if column == "ID" else "") for column in columns)
    words = (f".import --csv {export} raw\nCREATE TABLE yesterday({names}) WITHOUT ROWID;\n"
             "INSERT OR IGNORE INTO yesterday SELECT * FROM raw;\nDROP TABLE raw;\nVACUUM;\n")
    subprocess.run(["sqlite3", place / "yesterday.db"], input=words.encode(), check=True, stdout=subprocess.DEVNULL)


def contenders(build, place, first, second, columns):
    def plan(name, export, state, people):
        command = [build / "opspush", "plan", export, "--mapping", MAPPING, "--state", place / state / "s.db", "--quiet",
                   "--runs", place / "runs"]
        return Contender(name, list(map(str, command)), exits=PLAN_EXITS, people=people)

    def script(name, export, people):
        return Contender(name, [sys.executable, str(HERE / "rival.py"), str(export), str(place / "rival.db")],
                         people=people)

    def shell(name, export, people):
        return Contender(name, ["sqlite3", str(place / "work.db")], sqlite_words(export, place / "yesterday.db", columns),
                         lambda: (place / "work.db").unlink(missing_ok=True), people=people)

    one_day, both_days = people_in(first, second)
    bare = Contender("libcsv alone", [str(build / "bare"), str(first)])
    return bare, [
        bare,
        plan("opspush plan, no state", first, "none", one_day),
        plan("opspush plan, nothing changed", first, "full", one_day),
        plan("opspush plan, 2 % changed", second, "full", both_days),
        shell("sqlite3, 2 % changed", second, both_days),
        script("Python, nothing changed", first, one_day),
        script("Python, 2 % changed", second, both_days),
    ]


def prepare(build, place, options):
    first, second = place / "day1.csv", place / "day2.csv"
    size = ("--rows", options.rows, "--seed", options.seed)
    generate(build, first, *size)
    generate(build, second, *size, "--day", 2, "--changes", 2)
    columns = columns_of(first)
    for folder in ("none", "full"):
        (place / folder).mkdir()
    subprocess.run([build / "opspush", "adopt", first, "--mapping", MAPPING, "--state", place / "full" / "s.db",
                    "--url", "http://127.0.0.1:9/bench", "--quiet"], check=True)
    subprocess.run([HERE / "rival.py", first, place / "rival.db", "--keep"], check=True, stdout=subprocess.DEVNULL)
    keep_in_sqlite(place, first, columns)
    return contenders(build, place, first, second, columns)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--build", default="build", type=pathlib.Path)
    parser.add_argument("--rows", default=300_000, type=int)
    parser.add_argument("--rounds", default=5, type=int)
    parser.add_argument("--seed", default=7, type=int)
    parser.add_argument("--keep", action="store_true", help="leave BUILD/bench as it is")
    options = parser.parse_args()
    build = options.build.resolve()
    place = build / "bench"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    try:
        bare, all_of_them = prepare(build, place, options)
        for number in range(options.rounds):
            for contender in all_of_them if number % 2 == 0 else reversed(all_of_them):
                contender.run()
        mib = (place / "day1.csv").stat().st_size / (1 << 20)
        print(f"{options.rows:,} rows, {mib:.0f} MiB, seed {options.seed}, medians of {options.rounds} rounds, "
              f"{os.cpu_count()} processors\n")
        print(f"{'':<34}{'seconds':>9}{'x libcsv':>11}{'cpu s':>9}{'x cpu':>9}{'MiB':>9}{'B/person':>9}")
        for contender in all_of_them:
            print(contender.row(bare))
        print("\nMiB: peak of the resident set; B/person: of it beyond 32 MiB, for each person known or in the file")
    finally:
        if not options.keep:
            shutil.rmtree(place, ignore_errors=True)


main()
