#!/usr/bin/python3
"""Runs the whole-run tests: every function marked @night in nights_*.py beside this file.

Usage: run.py --build BUILD [--only PART-OF-NAME] [--jobs N]
"""

import argparse
import concurrent.futures
import importlib
import os
import sys
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from world import World  # noqa: E402


def find_tests():
    here = os.path.dirname(os.path.abspath(__file__))
    for name in sorted(os.listdir(here)):
        if name.startswith("nights_") and name.endswith(".py"):
            module = importlib.import_module(name[:-3])
            for key, value in vars(module).items():
                if callable(value) and getattr(value, "is_night", False):
                    yield name[7:-3], key, value


def run_one(build, test):
    world = World(build)
    begun = time.monotonic()
    try:
        test(world)
        return None, time.monotonic() - begun
    except Exception:  # a failed assertion, or a program that could not be run
        return traceback.format_exc(), time.monotonic() - begun
    finally:
        world.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--slow", action="store_true", help="print the time of each")
    arguments = parser.parse_args()
    tests = [t for t in find_tests() if arguments.only in t[1]]
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        futures = [(t, pool.submit(run_one, arguments.build, t[2])) for t in tests]
        for (group, name, _), future in futures:
            trouble, seconds = future.result()
            took = f" ({seconds:.1f} s)" if arguments.slow or seconds > 5 else ""
            if trouble is None:
                passed += 1
                print(f"ok   {group}: {name}{took}")
            else:
                failed += 1
                print(f"FAIL {group}: {name}{took}\n{trouble}")
            sys.stdout.flush()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
