"""The state damaged, lost, restored, its key gone; and every exit code, produced."""

import json
import os
import random
import shutil
import signal
import subprocess

from faultworld import answer, fault, people, quoted, sweep, try_points


def two_nights(w, count=12):
    """One night delivered and kept; gives the export of a second on which everybody is different."""
    w.serve()
    w.fresh()
    rows = people(count)
    assert w.push(w.export(rows)).exit == 0
    w.keep_state()
    for row in rows:
        row["CITY"] = "Canarytown"
    return w.export(rows), rows


def path_of(w, suffix=""):
    return w.path("state", "state.db" + suffix)


def damage(path, chance):
    """One of the ways in which a file goes bad."""
    with open(path, "rb") as stream:
        content = bytearray(stream.read())
    way = chance.choice(("flip", "flip", "flip", "many", "zero", "cut", "junk", "page"))
    at = chance.randrange(len(content))
    if way == "flip":
        content[at] ^= 1 << chance.randrange(8)
    elif way == "many":
        for _ in range(chance.randrange(2, 40)):
            content[chance.randrange(len(content))] = chance.randrange(256)
    elif way == "zero":
        at = at // 4096 * 4096
        content[at:at + 4096] = bytes(4096)
    elif way == "cut":
        del content[at:]
    elif way == "junk":
        content = bytearray(chance.randbytes(8192))
    else:
        one, other = (chance.randrange(len(content) // 4096) * 4096 for _ in range(2))
        content[one:one + 4096] = content[other:other + 4096]
    with open(path, "wb") as stream:
        stream.write(content)
    return way


@sweep(shards=3)
def D7_a_damaged_state_is_refused_or_works_and_never_lies(w, mine):
    export, rows = two_nights(w)

    def damaged(seed):
        chance = random.Random(seed)
        w.restore_state()
        way = damage(path_of(w), chance)
        done = w.push(export, "--ignore", "changed", "--ignore", "field")
        assert done.exit in (0, 3, 4, 8, 12), f"{way}: exit {done.exit}, {done.err}"
        w.figure("states damaged")
        if done.exit in (0, 3):
            got = w.server.people()
            assert all(got.get(row["ID"], {}).get("city") == "Canarytown" for row in rows), f"{way}: a false 'unchanged'"
        else:  # found before anything was sent, or at the page that it came to
            assert done.err.strip(), way
            assert os.path.exists(path_of(w)), f"{way}: the state was deleted"

    try_points(w, mine(range(2000 if w.full else 45)), damaged)


@fault
def D9_a_restored_copy_that_is_older_than_the_last_run_is_refused(w):
    export, rows = two_nights(w)
    assert w.push(export).exit == 0
    begun = w.server.begun()
    shutil.copyfile(os.path.join(w.kept, "state.db"), path_of(w))
    for suffix in ("-wal", "-shm"):
        if os.path.exists(path_of(w, suffix)):
            os.unlink(path_of(w, suffix))
    done = w.push(export)
    assert done.exit == 12 and "older" in done.err, (done.exit, done.err)
    assert w.server.begun() == begun
    os.rename(path_of(w, ".counter"), path_of(w, ".counter.aside"))  # as the message says
    done = w.push(export, "--full")
    assert done.exit == 0, done.err
    w.converge(export, rows, repeats=len(rows))


@fault
def O8_a_whole_folder_of_last_week_sends_the_difference_again_and_converges(w):
    export, rows = two_nights(w)
    assert w.push(export).exit == 0
    shutil.rmtree(w.path("state"))
    shutil.copytree(w.kept, w.path("state"), symlinks=True)
    done = w.push(export)
    assert done.exit in (0, 12), (done.exit, done.err)
    if done.exit == 0:
        w.converge(export, rows, repeats=len(rows))


@fault
def D10_a_state_that_lost_its_wal_is_refused_or_sends_again_what_was_in_it(w):
    export, rows = two_nights(w)
    w.server.clear()
    w.server.on("6 take apply hold")
    process = w.begin(export, speed=0)
    w.server.holds(1)
    w.kill(process)
    assert os.path.getsize(path_of(w, "-wal")) > 0
    os.unlink(path_of(w, "-wal"))
    w.server.clear()
    done = w.push(export)
    assert done.exit in (0, 12), (done.exit, done.err)
    if done.exit == 0:
        assert all(profile["city"] == "Canarytown" for profile in w.server.people().values())
        assert len(w.server.people()) == len(rows)


@fault
def D10_a_state_with_a_foreign_wal_is_refused_or_right(w):
    export, rows = two_nights(w)
    w.fresh()
    w.server.on("6 take hold")
    process = w.begin(w.export(people(30, start=500), "other.csv"), speed=0)
    w.server.holds(1)
    w.kill(process)
    shutil.copyfile(path_of(w, "-wal"), w.path("foreign-wal"))
    w.restore_state()
    shutil.copyfile(w.path("foreign-wal"), path_of(w, "-wal"))
    os.chmod(path_of(w, "-wal"), 0o600)
    done = w.push(export)
    assert done.exit in (0, 4, 8, 12), (done.exit, done.err)
    if done.exit == 0:
        assert len(w.server.people()) == len(rows)


@fault
def D11_a_state_that_is_missing_is_a_first_load_and_needs_its_option(w):
    export, rows = two_nights(w)
    shutil.rmtree(w.path("state"))
    done = w.run("push", export, "--rate", "none", "--json")
    assert done.exit == 8, (done.exit, done.err)
    assert "first-load" in done.err or "first-load" in done.out
    assert w.server.begun() == 12
    w.converge(export, rows)


@fault
def O6_deleting_the_state_file_alone_sends_nobody_by_surprise(w):
    export, rows = two_nights(w)
    os.unlink(path_of(w))
    begun = w.server.begun()
    done = w.run("push", export, "--rate", "none", "--json")
    assert done.exit in (8, 12), (done.exit, done.err)
    assert w.server.begun() == begun and done.err.strip()
    assert len(rows) == 12


@fault
def D18_a_key_that_is_lost_or_another_is_refused_with_what_to_do(w):
    export, rows = two_nights(w)
    key = path_of(w, ".key")
    os.rename(key, key + ".aside")
    begun = w.server.begun()
    done = w.push(export)
    assert done.exit == 4 and ".key" in done.err, (done.exit, done.err)
    assert not os.path.exists(key), "a new key was made for an old state"
    for content in ("0" * 64 + "\n", "junk\n", ""):
        with open(key, "w", encoding="ascii") as stream:
            stream.write(content)
        os.chmod(key, 0o600)
        done = w.push(export)
        assert done.exit == 4, (content, done.exit, done.err)
    assert w.server.begun() == begun
    os.rename(key + ".aside", key)
    w.converge(export, rows)


@fault
def C7_a_token_or_a_key_that_others_can_read_is_refused_with_the_command_to_run(w):
    export, _ = two_nights(w)
    begun = w.server.begun()
    for path, code in ((w.token_file, 4), (path_of(w, ".key"), 4), (path_of(w), 12)):
        for mode in (0o644, 0o640, 0o604):
            os.chmod(path, mode)
            done = w.push(export)
            assert done.exit in (4, code), (path, oct(mode), done.exit, done.err)
            assert "chmod" in done.err, done.err
        os.chmod(path, 0o600)
    assert w.server.begun() == begun


@fault
def D17_what_stands_in_the_way_of_a_report_is_not_followed_and_not_overwritten(w):
    w.serve()
    rows = people(3)
    export = w.export(rows)
    precious = w.write("precious", "kept")
    runs = w.path("state", "runs")
    for make in (lambda: os.mkdir(os.path.join(runs, "latest")),
                 lambda: os.symlink(precious, os.path.join(runs, "latest")),
                 lambda: shutil.copyfile(precious, os.path.join(runs, "latest"))):
        w.fresh()
        os.makedirs(runs, 0o700)
        os.chmod(w.path("state"), 0o700)
        make()
        done = w.push(export)
        assert done.exit in (0, 1), (done.exit, done.err)
        assert done.exit == 0 or (done.err.strip() and w.server.begun() == 0)
        with open(precious, encoding="ascii") as stream:
            assert stream.read() == "kept"
    w.fresh()
    os.makedirs(w.path("state"), 0o700)
    w.write("state/runs", "a file")
    done = w.push(export)
    assert done.exit in (1, 12) and w.server.begun() == 0, (done.exit, done.err)


@fault
def O9_status_tells_a_monitor_when_nothing_succeeded_for_too_long(w):
    export, _ = two_nights(w)
    assert w.push(export).exit == 0
    assert w.run("status", "--max-age", "26h").exit == 0
    late = w.faults(1, jump=f"{27 * 3600 * 1000}@0")
    assert w.run("status", "--max-age", "26h", environment=late).exit == 1
    w.fresh()
    assert w.run("status", "--max-age", "26h").exit == 1, "no success at all is too old"


@fault
def H7_the_page_of_the_token_is_locked_where_that_is_allowed(w):
    w.serve()
    export = w.export(people(2))
    w.server.on("1 take hold")
    process = w.begin(export, speed=0)
    w.server.holds(1)
    with open(f"/proc/{process.pid}/status", encoding="ascii") as stream:
        locked = next(line for line in stream if line.startswith("VmLck"))
    w.kill(process)
    assert int(locked.split()[1]) > 0, locked
    w.server.clear()
    w.converge(export, people(2))


@fault
def H9_the_year_2040_is_a_year_like_another(w):
    w.serve()
    rows = people(3)
    export = w.export(rows)
    later = w.faults(1, jump=f"{14 * 31556952000}@0")
    assert w.push(export, speed=0, environment=later).exit == 0
    document = json.loads(w.latest("run.json"))
    assert document["started"].startswith("2040-") or document["started"].startswith("204"), document["started"]
    assert w.push(export, speed=0, environment={**later, "TZ": "No/Such/Zone"}).exit == 0
    assert w.server.begun() == 3


@fault
def O12_every_exit_code_is_produced_and_only_complete_success_is_0(w):
    w.serve()
    rows = people(6)
    export = w.export(rows)
    refusal = "take text " + quoted(answer("422 No", '{"ErrorCode":9033,"ErrorMessage":"no"}'))
    seen = {}

    def run(code, done):
        seen[code] = done.exit
        assert done.exit == code, (code, done.exit, done.err)

    run(8, w.run("push", export))
    run(10, w.run("plan", export, "--exit-code", "--first-load"))
    run(0, w.push(export))
    run(2, w.run("push", export, "--no-such-option"))
    run(4, w.run("push", export, "--mapping", w.path("none.jsonc")))
    run(6, w.run("push", w.path("none.csv")))
    rows[0]["CITY"] = "Canarytown"
    export = w.export(rows)
    w.server.clear()
    w.server.on("1 " + refusal)
    run(3, w.push(export))
    rows[1]["CITY"] = "Canarytown"
    export = w.export(rows)
    w.server.clear()
    w.server.on("- take text " + quoted(answer("401 No", "{}")))
    run(5, w.push(export))
    w.server.clear()
    w.server.on("- take reset")
    run(7, w.push(export, "--max-duration", "20s"))
    w.server.clear()
    plan = w.path("night.plan")
    assert w.plan(export, "--out", plan).exit == 0
    w.allowed.add("night.plan")
    w.server.on("1 take apply hold answer")
    process = w.begin(export, speed=0)
    w.server.holds(1)
    run(9, w.push(export, speed=0))
    w.server.tell("release")
    assert w.end(process).exit in (0, 3)
    run(11, w.run("push", "--plan", plan))
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        rows[2]["CITY"] = f"Canarytown {code}"
        export = w.export(rows)
        w.server.clear()
        w.server.on("1 take apply hold answer")
        process = w.begin(export, speed=0)
        w.server.holds(1)
        process.send_signal(number)
        w.server.tell("release")
        run(code, w.end(process))
    with open("/dev/full", "wb") as full:
        done = subprocess.run(w.command("status"), stdout=full, stderr=subprocess.PIPE, env=w.environment())
    assert done.returncode == 1, done
    seen[1] = 1
    with open(path_of(w), "wb") as stream:
        stream.write(b"not a database" * 100)
    run(12, w.push(export))
    assert set(seen) == {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 130, 143}, sorted(seen)
