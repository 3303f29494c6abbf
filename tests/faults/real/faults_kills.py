"""SIGKILL: at each system call that leaves a trace, in the ambiguous window as the server directs it, and at random."""

import os
import random
import time

from faultworld import GROUP, fault, people, sweep, try_points

CALLS = ("write", "pwrite64", "fsync", "fdatasync", "rename", "renameat", "renameat2", "unlink", "unlinkat",
         "ftruncate", "openat", "flock", "sendto", "sendmsg", "recvfrom", "recvmsg", "symlink", "symlinkat", "mkdir",
         "mkdirat", "fchmod", "connect")


LOOSE = ("--ignore", "new", "--ignore", "changed", "--ignore", "gone", "--ignore", "field")


def second_night(count):
    """What the second night brings: a third as it was, a third changed, a few gone, a third new."""
    rows = people(count)
    for row in rows[count // 3:2 * count // 3]:
        row["CITY"] = "Canarytown"
    return rows[1:] + people(count // 3, start=count + 1)


def first_night(w, count):
    """Delivered, and kept as the ground of every point."""
    w.fresh()
    assert w.push(w.export(people(count), "first.csv")).exit == 0
    w.keep_state()


def killed_at(w, export, rows, point, ready):
    call, k = point
    ready()
    done = w.strace(export, f"{call}:signal=SIGKILL:when={k}", options=LOOSE)
    if done.exit == 0:  # how often a group is committed depends on the moment: this call came once less
        return
    assert done.exit in (-9, 137), f"not killed: exit {done.exit}, {done.err}"
    w.figure("kills at a system call")
    again, twice = w.server.repeated(), k % 5 == 0
    if twice:  # and once more on the way back
        done = w.strace(export, f"{call}:signal=SIGKILL:when={max(1, k // 2)}", options=LOOSE)
        w.figure("kills during the run after a kill", done.exit in (-9, 137))
    w.converge(export, rows, repeats=2 * GROUP if twice else GROUP, options=LOOSE)
    if not twice:
        w.figure("most people sent again after a kill", w.server.repeated() - again, most=True)


def kill_points(w, export, every):
    counts = w.count_calls(export, CALLS, LOOSE)
    points = [(call, k) for call, count in counts.items() for k in range(1, count + 1)]
    return points[::every]


@sweep(shards=8)
def D1_a_kill_at_any_system_call_of_a_first_load_loses_nobody(w, mine):
    w.serve()
    rows = people(200 if w.full else 12)
    export = w.export(rows)
    points = kill_points(w, export, 1 if w.full else 3)
    try_points(w, mine(points), lambda point: killed_at(w, export, rows, point, w.fresh))


@sweep(shards=8)
def D1_a_kill_at_any_system_call_of_a_second_night_loses_nobody(w, mine):
    w.serve()
    count = 150 if w.full else 12
    first_night(w, count)
    rows = second_night(count)
    export = w.export(rows)
    points = kill_points(w, export, 1 if w.full else 3)
    # the server forgets with each point: those who are unchanged since the first night must not be asked for
    changed = [row for row in rows if row["CITY"] == "Canarytown" or int(row["ID"][1:]) > count]
    try_points(w, mine(points), lambda point: killed_at(w, export, changed, point, w.restore_state))


# ---------------------------------------------------------------- as the server directs

def directed(w, export, rows, rule, connections):
    w.fresh()
    w.server.on(rule)
    process = w.begin(export, "--connections", str(connections), speed=0)
    w.server.holds(1)
    w.kill(process)
    w.figure("kills as the server directed")
    applied = len(w.server.people())
    done = w.converge(export, rows, repeats=GROUP)
    w.figure("most people sent again after a directed kill", w.server.repeated(), most=True)
    return applied, done


@sweep(shards=3)
def D1_a_kill_while_the_server_holds_a_request_loses_nobody(w, mine):
    w.serve()
    rows = people(12)
    export = w.export(rows)
    windows = ["take hold", "take apply hold", "take apply send 56 hold", "take apply answer hold", "read 40 hold"]
    points = [(f"{n} {steps}", connections) for n in ((1, 2, 3, 6, 12) if not w.full else range(1, 13))
              for steps in windows for connections in ((2,) if not w.full else (1, 2, 4))]
    try_points(w, mine(points), lambda point: directed(w, export, rows, *point))


@fault
def D1_a_person_who_was_delivered_and_not_recorded_is_sent_again_though_the_export_went_back(w):
    """A, then B that arrives and is not recorded, then A again: the server must end with A (failures.md, Measured 2)."""
    w.serve()
    rows = people(3)
    w.export(rows)
    assert w.push(w.path("people.csv")).exit == 0
    w.server.clear()
    rows[1]["CITY"] = "Canarytown"
    w.server.on("1 take apply hold")
    process = w.begin(w.export(rows), speed=0)
    w.server.holds(1)
    w.kill(process)
    assert w.server.people()["A0000002"]["city"] == "Canarytown"
    w.server.clear()
    rows[1]["CITY"] = "Canaryville"
    done = w.push(w.export(rows))
    assert done.exit == 0, done.err
    assert w.server.people()["A0000002"]["city"] == "Canaryville"
    assert done.document()["counts"]["changed"] == 1, done.document()["counts"]


@fault
def D1_the_report_of_a_killed_run_says_that_it_is_incomplete(w):
    w.serve()
    export = w.export(people(4))
    w.server.on("2 take hold")
    process = w.begin(export, speed=0)
    w.server.holds(1)
    w.kill(process)
    assert b"incomplete" in w.latest("summary.txt")
    assert not os.path.exists(w.path("state", "runs", "latest", "run.json"))
    w.converge(export, people(4))


@sweep(shards=4)
def D1_kills_at_random_moments_lose_nobody(w, mine):
    """Also the stand-in for the sweeps over system calls, where strace may not trace."""
    w.serve()
    rows = people(12)
    export = w.export(rows)

    def killed(seed):
        chance = random.Random(seed)
        w.fresh()
        for _ in range(chance.randint(1, 3)):
            process = w.begin(export, speed=0)
            time.sleep(chance.random() * 0.04)
            w.kill(process)
            w.figure("kills at a random moment")
        w.converge(export, rows, repeats=3 * GROUP)

    try_points(w, mine(range(500 if w.full else 24)), killed)


@fault
def D1_ten_kills_in_a_row_during_recovery_still_converge(w):
    w.serve()
    rows = people(12)
    export = w.export(rows)
    for n in range(1, 11):
        w.server.clear()
        w.server.on(f"{1 + n % 3} take apply hold")
        process = w.begin(export, speed=0)
        w.server.holds(1)
        w.kill(process)
    w.converge(export, rows, repeats=10 * GROUP)
