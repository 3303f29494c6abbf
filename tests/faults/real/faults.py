#!/usr/bin/python3
"""Runs the tests of the real program under faults: every marked function in faults_*.py beside this file.

Usage: faults.py --build BUILD [--full] [--figures FILE] [--only PART-OF-NAME] [--jobs N] [--slow]
"""

import argparse
import concurrent.futures
import importlib
import os
import sys
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from faultworld import FaultWorld, Skip  # noqa: E402


def find_tests():
    here = os.path.dirname(os.path.abspath(__file__))
    for name in sorted(os.listdir(here)):
        if name.startswith("faults_") and name.endswith(".py"):
            module = importlib.import_module(name[:-3])
            for key, value in vars(module).items():
                if callable(value) and hasattr(value, "fault_shards"):
                    yield name[7:-3], key, value


class Result:
    def __init__(self):
        self.trouble, self.skip, self.seconds, self.figures = None, None, 0.0, {}


def run_share(arguments, test, share):
    """One share of a test in a world of its own, which is searched for secrets at the end."""
    result, begun = Result(), time.monotonic()
    world = FaultWorld(arguments.build, arguments.full)
    try:
        if test.fault_shards == 1:
            test(world)
        else:
            test(world, lambda points: list(points)[share::test.fault_shards])
        world.search_secrets()
    except Skip as skip:
        result.skip = str(skip)
    except Exception:  # a failed assertion, or a program that could not be run
        result.trouble = traceback.format_exc()
    finally:
        world.close()
    result.seconds, result.figures = time.monotonic() - begun, world.figures
    return result


def run_all(pool, arguments, tests):
    """Gives each test with the results of its shares when the last of them has ended; those with many shares begin first."""
    futures, results = {}, {}
    for test in sorted(tests, key=lambda t: -t[2].fault_shards):
        results[test] = []
        for share in range(test[2].fault_shards):
            futures[pool.submit(run_share, arguments, test[2], share)] = test
    for future in concurrent.futures.as_completed(futures):
        test = futures[future]
        results[test].append(future.result())
        if len(results[test]) == test[2].fault_shards:
            yield test, results[test]


def merge(figures, more):
    for name, count in more.items():
        figures[name] = max(figures.get(name, 0), count) if name.startswith("most ") else figures.get(name, 0) + count


BEGIN, END = "<!-- begin: written by make faults-full -->", "<!-- end -->"


def write_figures(path, figures, counts, seconds):
    """Puts the table between its two marks in 'path'."""
    lines = ["", "| figure | count |", "|---|---|"]
    lines += [f"| {name} | {count} |" for name, count in sorted(figures.items())]
    lines += [f"| tests passed, failed, skipped | {counts[0]}, {counts[1]}, {counts[2]} |",
              f"| minutes | {max(1, round(seconds / 60))} |", ""]
    with open(path, encoding="utf-8") as stream:
        before, _, rest = stream.read().partition(BEGIN + "\n")
    after = rest.partition(END)[2]
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(before + BEGIN + "\n" + "\n".join(lines) + "\n" + END + after)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--figures")
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=5 * (os.cpu_count() or 1))
    parser.add_argument("--slow", action="store_true", help="print the time of each")
    arguments = parser.parse_args()
    begun, figures = time.monotonic(), {}
    passed = failed = skipped = 0
    tests = [t for t in find_tests() if arguments.only in t[1]]
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for (group, name, _), results in run_all(pool, arguments, tests):
            for result in results:
                merge(figures, result.figures)
            trouble, skips = [r.trouble for r in results if r.trouble], [r.skip for r in results if r.skip]
            took = f" ({sum(r.seconds for r in results):.1f} s)" if arguments.slow else ""
            if trouble:
                failed += 1
                print(f"FAIL {group}: {name}{took}\n" + "\n".join(trouble))
            elif skips:
                skipped += 1
                print(f"skip {group}: {name}: {skips[0]}")
            else:
                passed += 1
                print(f"ok   {group}: {name}{took}")
            sys.stdout.flush()
    for name, count in sorted(figures.items()):
        print(f"     {name}: {count}")
    if arguments.figures and not arguments.only:
        write_figures(arguments.figures, figures, (passed, failed, skipped), time.monotonic() - begun)
    print(f"{skipped} skipped, {time.monotonic() - begun:.0f} s")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
