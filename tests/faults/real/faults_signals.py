"""Signals: what is in flight is settled, reports are written, and the sums add up; a second signal leaves at once."""

import json
import os
import random
import signal
import time

from faultworld import GROUP, check_sums, fault, people, sweep, try_points, wait_until


def settled(w, done, code, total, before=0):
    assert done.exit == code, (done.exit, done.err)
    counts = w.check_truth(done.document(), before)
    assert sum(counts[o] for o in ("accepted", "refused", "unknown", "not_reached")) == total, counts
    document = json.loads(w.latest("run.json"))
    assert document["exit"] == code and document["counts"] == counts
    assert b"incomplete" not in w.latest("summary.txt")
    return counts


@fault
def N22_a_signal_settles_what_is_in_flight_and_ends_with_its_code(w):
    w.serve()
    rows = people(12)
    export = w.export(rows)
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)):
        w.fresh()
        w.server.on("5 take apply hold answer")
        process = w.begin(export, "--connections", "1", speed=0)
        w.server.holds(1)
        process.send_signal(number)
        time.sleep(0.05)
        w.server.tell("release")
        counts = settled(w, w.end(process), code, 12)
        assert counts["accepted"] == 5 and counts["unknown"] == 0, counts
        assert counts["not_reached"] == 7 and w.server.begun() == 5, counts
        w.converge(export, rows, repeats=0)


@fault
def O5_a_second_signal_leaves_at_once_and_nothing_is_lost(w):
    w.serve()
    rows = people(6)
    export = w.export(rows)
    for first, second, code in ((signal.SIGINT, signal.SIGINT, 130), (signal.SIGTERM, signal.SIGTERM, 143),
                                (signal.SIGTERM, signal.SIGINT, 130)):
        w.fresh()
        w.server.on("3 take apply hold answer")
        process = w.begin(export, speed=0)
        w.server.holds(1)
        process.send_signal(first)
        time.sleep(0.05)
        assert process.poll() is None, "it did not wait for what was in flight"
        process.send_signal(second)
        done = w.end(process, 5)
        assert done.exit == code, (first, second, done.exit)
        w.converge(export, rows, repeats=GROUP)


@fault
def N22_a_signal_during_a_pause_ends_the_run_without_waiting_for_its_end(w):
    w.serve()
    rows = people(6)
    export = w.export(rows)
    w.server.on('2 take text "HTTP/1.1 429 Slow\\r\\nRetry-After: 600\\r\\nContent-Length: 0\\r\\n\\r\\n"')
    process = w.begin(export, "--connections", "1", speed=0)
    w.server.begins(2)
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    counts = settled(w, w.end(process, 10), 143, 6)
    assert counts["accepted"] == 1 and counts["not_reached"] == 5, counts


@sweep(shards=4)
def N22_signals_at_random_moments_keep_the_sums(w, mine):
    w.serve()
    rows = people(30)
    export = w.export(rows)

    def stopped(seed):
        chance = random.Random(seed)
        sent = [chance.choice((signal.SIGINT, signal.SIGTERM, signal.SIGHUP))]
        w.fresh()
        w.server.on("- take apply nap 2 answer")
        process = w.begin(export, speed=0)
        time.sleep(chance.random() * 0.12)
        if seed % 4 == 3:
            sent.append(chance.choice((signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)))
        for number in sent:
            process.send_signal(number)
        done = w.end(process, 20)
        w.figure("signals at a random moment")
        if done.exit == 0 or (done.out.strip() and done.exit in (130, 143)):
            w.check_truth(done.document())
            assert json.loads(w.latest("run.json"))["exit"] == done.exit
        else:  # before the handlers stood (by either of them), before the run began, or a second signal
            assert done.exit in (130, 143, *(-number for number in sent)), (seed, done.exit, done.err)
        w.converge(export, rows)

    try_points(w, mine(range(500 if w.full else 40)), stopped)


@fault
def N22_a_reader_of_the_output_who_leaves_costs_nobody(w):
    """SIGPIPE from the server's side too: a connection that is closed while a request is written."""
    w.serve()
    rows = people(6)
    export = w.export(rows)
    w.server.on("2 read 1 reset", "4 read 200 reset")
    done = w.push(export)
    assert done.exit == 0, done.err
    w.converge(export, rows)


@fault
def N22_sigusr1_prints_one_line_of_progress(w):
    w.serve()
    export = w.export(people(6))
    w.server.on("3 take apply hold answer")
    process = w.begin(export, "--connections", "1", speed=0)
    w.server.holds(1)
    time.sleep(0.05)
    process.send_signal(signal.SIGUSR1)
    time.sleep(0.5)
    w.server.tell("release")
    done = w.end(process)
    assert done.exit == 0, done.err
    lines = [line for line in done.err.splitlines() if "pushed" in line]
    assert len(lines) == 1 and "2 of 6" in lines[0], done.err


@fault
def N22_a_stop_before_anything_was_sent_reaches_nobody_and_says_so(w):
    w.serve()
    rows = people(5)
    export = w.export(rows)
    w.server.tell("down")
    process = w.begin(export, speed=0)
    wait_until(lambda: os.path.exists(w.path("state", "runs", "latest", "summary.txt")), 5, "the run's folder")
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    counts = settled(w, w.end(process, 10), 130, 5)
    assert counts["not_reached"] == 5, counts
    assert w.server.tell("up") == "ok"
    w.converge(export, rows, repeats=0)


@fault
def O13_an_interrupted_first_load_is_resumed_by_the_same_command(w):
    """Stopped four times; nobody twice, nobody forgotten."""
    w.serve()
    rows = people(400)
    export = w.export(rows)
    for _ in range(4):
        begun = w.server.begun()
        w.server.clear()
        w.server.on("- take apply nap 5 answer")
        process = w.begin(export, speed=0)
        w.server.begins(6)
        process.send_signal(signal.SIGTERM)
        done = w.end(process, 20)
        assert done.exit == 143, done.err
        assert w.server.begun() > begun
    w.converge(export, rows, repeats=0)
    assert w.server.repeated() == 0


@fault
def N22_a_signal_while_the_export_is_read_ends_with_its_code_and_sends_nobody(w):
    w.serve()
    export = w.export(people(60000))
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        w.fresh()
        process = w.begin(export, speed=0)
        wait_until(lambda: os.path.exists(w.path("state", "runs", "latest", "summary.txt")), 10, "the run's folder")
        process.send_signal(number)
        done = w.end(process)
        assert done.exit == code, (done.exit, done.err)
        assert w.server.begun() <= 2, "it went on to send"
        document = json.loads(w.latest("run.json"))
        assert document["exit"] == code
        check_sums(document["counts"])
