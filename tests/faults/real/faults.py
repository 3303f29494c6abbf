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


def merge(figures, more):
    for name, count in more.items():
        figures[name] = max(figures.get(name, 0), count) if name.startswith("most ") else figures.get(name, 0) + count


def write_figures(path, figures, counts, seconds):
    with open(path, "w", encoding="utf-8") as stream:
        stream.write("Written by `make faults-full`.\n\n| figure | count |\n|---|---|\n")
        for name, count in sorted(figures.items()):
            stream.write(f"| {name} | {count} |\n")
        stream.write(f"| tests passed, failed, skipped | {counts[0]}, {counts[1]}, {counts[2]} |\n")
        stream.write(f"| minutes | {seconds / 60:.0f} |\n")


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
        # those with many shares first: they take longest
        order = sorted(tests, key=lambda t: -t[2].fault_shards)
        futures = {t[1]: [pool.submit(run_share, arguments, t[2], s) for s in range(t[2].fault_shards)] for t in order}
        for group, name, _ in tests:
            results = [future.result() for future in futures[name]]
            for result in results:
                merge(figures, result.figures)
            trouble = [r.trouble for r in results if r.trouble]
            seconds = sum(r.seconds for r in results)
            took = f" ({seconds:.1f} s)" if arguments.slow else ""
            if trouble:
                failed += 1
                print(f"FAIL {group}: {name}{took}\n" + "\n".join(trouble))
            elif results[0].skip:
                skipped += 1
                print(f"skip {group}: {name}: {results[0].skip}")
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
