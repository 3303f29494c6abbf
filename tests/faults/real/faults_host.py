"""The machine around the tool: descriptors, environment, permissions, locales, clocks, locks, other users of the state."""

import fcntl
import json
import os
import resource
import shutil
import signal
import sqlite3
import stat
import subprocess
import time

from faultworld import GROUP, TOKEN, Outcome, Skip, answer, fault, people, quoted, wait_until

NOBODY = 65534


def run_as(w, command, **how):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=w.folder, timeout=60,
                          **{"env": w.environment(), **how})
    out = Outcome(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))
    w.said += [out.out, out.err]
    return out


def push_command(w, export, *options):
    return w.command("push", export, "--rate", "none", "--first-load", *options)


# ---------------------------------------------------------------- D3, D4: one sender

@fault
def D3_of_fifty_racing_starts_exactly_one_sends(w):
    w.serve()
    rows = people(10)
    export = w.export(rows)
    w.server.on("1 take apply hold answer")
    racers = [w.begin(export, speed=0) for _ in range(50)]
    w.server.holds(1, 30)
    wait_until(lambda: sum(r.poll() is None for r in racers) == 1, 60, "the end of forty-nine")
    holder = next(r for r in racers if r.poll() is None)
    losers = [w.end(r) for r in racers if r is not holder]
    assert [done.exit for done in losers] == [9] * 49, [done.exit for done in losers]
    assert all(f"pid {holder.pid}" in done.err for done in losers if "began just now" not in done.err), losers[0].err
    assert sum(f"pid {holder.pid}" in done.err for done in losers) > 25
    w.server.tell("release")
    assert w.end(holder).exit == 0
    assert w.server.begun() == 10 and w.server.repeated() == 0
    assert len(os.listdir(w.path("state", "runs"))) == 2, "a run that was turned away left a folder"
    w.figure("racing starts", 50)
    w.converge(export, rows)


@fault
def D4_a_run_that_waits_goes_on_when_the_holder_ends_and_not_before(w):
    w.serve()
    export = w.export(people(4))
    w.server.on("1 take apply hold answer")
    first = w.begin(export, speed=0)
    w.server.holds(1)
    short = w.push(export, "--wait", "1s", speed=0)
    assert short.exit == 9, short.err
    second = w.begin(export, "--wait", "30s", speed=0)
    w.server.tell("release")
    assert w.end(first).exit == 0
    done = w.end(second)
    assert done.exit == 0, done.err
    assert w.server.begun() == 4


@fault
def D4_the_lock_ends_with_its_holder_even_when_that_is_killed(w):
    w.serve()
    export = w.export(people(2))
    w.server.on("1 take hold")
    first = w.begin(export, speed=0)
    w.server.holds(1)
    w.kill(first)
    w.converge(export, people(2))


# ---------------------------------------------------------------- D5, D16: others at the state

@fault
def D5_a_state_that_another_program_writes_to_is_waited_for_and_then_left_alone(w):
    w.serve()
    export = w.export(people(3))
    assert w.push(export).exit == 0
    other = sqlite3.connect(w.path("state", "state.db"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    rows = people(6)
    w.server.clear()
    begun = w.server.begun()
    done = w.push(w.export(rows), speed=20)
    assert done.exit == 12, (done.exit, done.err)
    assert w.server.begun() == begun, "sent without a durable intent"
    other.execute("ROLLBACK")
    other.close()
    w.converge(w.export(rows), rows)


@fault
def D5_a_state_that_is_taken_in_the_middle_of_a_run_costs_no_data(w):
    w.serve()
    rows = people(6)
    export = w.export(rows)
    w.server.on("3 take apply hold answer")
    process = w.begin(export, "--connections", "1", speed=40)
    w.server.holds(1)
    other = sqlite3.connect(w.path("state", "state.db"), isolation_level=None, timeout=20)
    other.execute("BEGIN IMMEDIATE")
    w.server.tell("release")
    done = w.end(process)
    assert done.exit == 12, (done.exit, done.err)
    other.execute("ROLLBACK")
    other.close()
    w.converge(export, rows)


def meddle(w, how, later):
    """Something happens to the state file while a run is in the middle of its work: its first, or a later one."""
    w.fresh()
    if later:
        assert w.push(w.export(people(3, start=100))).exit == 0
        w.server.forget()
    rows = people(20) + (people(3, start=100) if later else [])
    export = w.export(rows)
    w.server.on("5 take apply hold answer", "- take apply nap 60 answer")
    process = w.begin(export, "--connections", "1", speed=0)
    w.server.holds(1)
    how(w.path("state", "state.db"))
    w.server.tell("release")
    done = w.end(process)
    assert done.exit == 12, (how.__name__, "later run" if later else "first load", done.exit, done.err)
    assert w.server.begun() <= 7, f"{how.__name__}: it went on sending: {w.server.begun()}"
    assert done.err.strip()


@fault
def D16_a_state_that_is_unlinked_renamed_or_replaced_stops_the_run(w):
    w.serve()

    def unlinked(path):
        os.unlink(path)

    def renamed(path):
        os.rename(path, path + ".aside")

    def replaced(path):
        shutil.copyfile(path, path + ".new")
        os.chmod(path + ".new", 0o600)
        os.rename(path + ".new", path)

    for how in (unlinked, renamed, replaced):
        meddle(w, how, later=True)
    for how in (unlinked, renamed, replaced):
        meddle(w, how, later=False)


# ---------------------------------------------------------------- D6, H4: permissions and modes

@fault
def D6_folders_that_cannot_be_written_are_found_before_the_first_request(w):
    w.serve()
    export = w.export(people(3))
    assert w.push(export).exit == 0
    user = {}
    if os.geteuid() == 0:
        for folder, folders, names in os.walk(w.folder):
            for name in [folder] + [os.path.join(folder, n) for n in folders + names]:
                os.chown(name, NOBODY, NOBODY, follow_symlinks=False)
        user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        if run_as(w, [os.path.join(w.build, "opspush"), "--version"], **user).exit != 0:
            raise Skip("another user cannot run the program where it lies")
    w.export(people(6))
    os.chown(export, user.get("user", -1), -1)
    begun = w.server.begun()
    state = w.path("state")
    cases = {"the state's folder": (state, 0o500), "the state": (os.path.join(state, "state.db"), 0o400),
             "the runs": (os.path.join(state, "runs"), 0o500), "the key": (os.path.join(state, "state.db.key"), 0o000)}
    for name, (path, mode) in cases.items():
        usual = stat.S_IMODE(os.stat(path).st_mode)
        os.chmod(path, mode)
        done = run_as(w, push_command(w, export), **user)
        os.chmod(path, usual)
        assert done.exit in (1, 4, 12), (name, done.exit, done.err)
        assert done.exit != 1 or name == "the runs", (name, done.err)
        assert done.err.strip() and w.server.begun() == begun, name
        assert os.path.basename(path) in done.err, f"{name} is not named: {done.err}"
    done = run_as(w, push_command(w, export), **user)
    assert done.exit == 0, done.err


@fault
def H4_every_file_is_0600_and_every_folder_0700_whatever_the_umask(w):
    w.serve()
    rows = people(3)
    export = w.export(rows)
    for mask in (0o000, 0o777, 0o022):
        w.fresh()
        done = run_as(w, push_command(w, export, "--metrics", w.path("state", "metrics.prom")),
                      preexec_fn=lambda mask=mask: os.umask(mask))
        assert done.exit == 0, (oct(mask), done.err)
        for folder, _, names in os.walk(w.path("state")):
            assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700, (oct(mask), folder)
            for name in names:
                path = os.path.join(folder, name)
                if os.path.islink(path) or name == "metrics.prom":
                    continue
                assert stat.S_IMODE(os.stat(path).st_mode) == 0o600, (oct(mask), path)


# ---------------------------------------------------------------- D22, H3, H5: descriptors, environment, output

@fault
def D22_closed_descriptors_never_become_the_state(w):
    w.serve()
    rows = people(3)
    export = w.export(rows)
    for closed in ((0,), (1,), (2,), (0, 1), (1, 2), (0, 1, 2)):
        w.fresh()
        done = subprocess.run(push_command(w, export, "--json"), env=w.environment(), cwd=w.folder, timeout=60,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              preexec_fn=lambda closed=closed: [os.close(fd) for fd in closed])
        assert done.returncode == 0, (closed, done.returncode)
        assert json_exit(w) == 0
        w.converge(export, rows)
    # and where words have to be said
    w.fresh()
    w.server.on("- take " + "text " + quoted(answer("422 No", '{"ErrorCode":9033,"ErrorMessage":"no"}')))
    done = subprocess.run(push_command(w, export), env=w.environment(), cwd=w.folder, timeout=60,
                          preexec_fn=lambda: [os.close(fd) for fd in (0, 1, 2)])
    assert done.returncode == 3, done.returncode
    w.check_state()


def json_exit(w):
    return json.loads(w.latest("run.json"))["exit"]


@fault
def H3_an_empty_environment_is_enough(w):
    w.serve()
    rows = people(3)
    export = w.export(rows)
    done = run_as(w, push_command(w, export), env={})
    assert done.exit == 0, done.err
    w.converge(export, rows)
    w.fresh()
    done = run_as(w, push_command(w, export), env={"HOME": "/nonexistent", "TMPDIR": "/nonexistent", "TZ": "No/Where",
                                                   "PATH": "", "XDG_STATE_HOME": "relative", "COLUMNS": "junk"})
    assert done.exit == 0, done.err
    w.converge(export, rows)


@fault
def H5_output_that_cannot_be_written_stops_no_push_and_is_in_the_exit_code(w):
    w.serve()
    rows = people(3)
    export = w.export(rows)
    for name in ("stdout", "stderr", "both"):
        w.fresh()
        with open("/dev/full", "wb") as full:
            streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
            streams.update({s: full for s in streams if name in (s, "both")})
            done = subprocess.run(push_command(w, export, "--json", "--progress", "lines"), env=w.environment(),
                                  cwd=w.folder, timeout=60, **streams)
        assert done.returncode == (0 if name == "stderr" else 1), (name, done.returncode)
        assert len(w.server.people()) == 3
        assert json_exit(w) == 0
        w.converge(export, rows)


@fault
def H5_a_pipe_that_nobody_reads_any_more_ends_no_run(w):
    w.serve()
    rows = people(3)
    export = w.export(rows)
    for name in ("stdout", "stderr"):
        w.fresh()
        reading, writing = os.pipe()
        os.close(reading)
        streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, name: writing}
        done = subprocess.run(push_command(w, export, "--progress", "lines"), env=w.environment(), cwd=w.folder,
                              timeout=60, **streams)
        os.close(writing)
        assert done.returncode in (0, 1), (name, done.returncode)
        assert len(w.server.people()) == 3
        w.converge(export, rows)


@fault
def H5_a_pipe_that_is_full_holds_up_neither_the_sending_nor_the_next_run(w):
    w.serve()
    rows = people(3)
    export = w.export(rows)
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETFL, os.O_NONBLOCK)
    try:
        while True:
            os.write(writing, b"x" * 4096)
    except BlockingIOError:
        pass
    fcntl.fcntl(writing, fcntl.F_SETFL, 0)
    process = subprocess.Popen(push_command(w, export, "--json", "--progress", "lines"), env=w.environment(),
                               cwd=w.folder, stdout=writing, stderr=writing, stdin=subprocess.DEVNULL)
    w.started.append(process)
    try:
        wait_until(lambda: os.path.exists(w.path("state", "runs", "latest", "run.json")), 20, "the report")
        assert len(w.server.people()) == 3
        # whether it still tries to say so or not: the lock is free, and nothing is lost
        done = w.push(export, "--wait", "5s", speed=0)
        assert done.exit == 0, (done.exit, done.err)
    finally:
        os.close(reading)
        os.close(writing)
        process.wait(20)


# ---------------------------------------------------------------- H6, H8, O4: memory and /proc

@fault
def H6_a_forced_abort_leaves_no_core(w):
    w.serve()
    export = w.export(people(2))
    w.server.on("1 take hold")
    process = subprocess.Popen(push_command(w, export), env=w.environment(), cwd=w.folder, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL,
                               preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (-1, -1)))
    w.server.holds(1)
    with open(f"/proc/{process.pid}/limits", encoding="ascii") as stream:
        core = next(line for line in stream if line.startswith("Max core file size"))
    assert core.split()[4:6] == ["0", "0"], core
    os.kill(process.pid, signal.SIGABRT)
    _, status = os.waitpid(process.pid, 0)
    process.returncode = -signal.SIGABRT
    assert os.WIFSIGNALED(status) and not os.WCOREDUMP(status), status
    assert not [name for name in os.listdir(w.folder) if name.startswith("core")]
    w.converge(export, people(2))


@fault
def H8_nothing_secret_is_in_the_command_line_or_the_environment_of_a_live_run(w):
    w.serve()
    export = w.export(people(2))
    os.mkdir(w.path("credentials"), 0o700)
    token = w.write("credentials/opscom-token", TOKEN + "\n")
    os.chmod(token, 0o600)
    ways = [(push_command(w, export), {})]
    bare = [word for word in push_command(w, export) if word not in ("--token-file", w.token_file)]
    ways.append((bare, {"CREDENTIALS_DIRECTORY": w.path("credentials")}))
    for command, more in ways:
        w.fresh()
        w.server.on("1 take hold")
        process = subprocess.Popen(command, env=w.environment(more), cwd=w.folder, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        w.server.holds(1)
        assert w.server.events("request")[0]["token"], "the token did not arrive"
        for name in ("cmdline", "environ", "comm", "status"):
            with open(f"/proc/{process.pid}/{name}", "rb") as stream:
                assert b"canary" not in stream.read().lower(), name
        assert os.stat(f"/proc/{process.pid}/mem").st_uid == 0, "another process of this user could read its memory"
        w.kill(process)
    w.server.clear()
    w.converge(export, people(2))


@fault
def O4_the_token_is_no_option_and_one_from_the_environment_is_warned_of(w):
    w.serve()
    export = w.export(people(2))
    assert w.run("push", export, "--token", TOKEN).exit == 2
    bare = [word for word in push_command(w, export) if word not in ("--token-file", w.token_file)]
    done = run_as(w, bare, env=w.environment({"OPSPUSH_TOKEN": TOKEN}))
    assert done.exit == 0 and "OPSPUSH_TOKEN" in done.err and "warning" in done.err, done.err
    w.search_secrets()


# ---------------------------------------------------------------- C9: locales

@fault
def C9_requests_and_reports_are_the_same_in_every_locale(w):
    w.serve()
    rows = people(2)
    rows[0]["FIRST"] = "İıçğ Canary"
    export = w.export(rows)
    locales = ["C", "POSIX", "C.UTF-8", "xx_XX.UTF-8"]
    places = w.path("locales")
    os.mkdir(places)
    for name in ("de_DE", "tr_TR"):
        if shutil.which("localedef") and subprocess.run(
                ["localedef", "-i", name, "-f", "UTF-8", os.path.join(places, name + ".UTF-8")],
                capture_output=True).returncode == 0:
            locales.append(name + ".UTF-8")
            w.figure("locales with their own rules")
    seen = []
    for locale in locales:
        w.fresh()
        done = w.push(export, environment={"LC_ALL": locale, "LANG": locale, "LOCPATH": places, "LANGUAGE": "de"})
        assert done.exit == 0, (locale, done.err)
        document = done.document()
        seen.append(([event["body"] for event in w.server.events("request")], document["counts"],
                     sorted(document["http"]["seconds"]), w.latest("results.csv")[:40]))
    assert all(one == seen[0] for one in seen), locales
    w.converge(export, rows)


# ---------------------------------------------------------------- N1, N18, N19, N20: names, proxies, clocks

@fault
def N1_a_host_that_does_not_resolve_leaves_everybody_not_reached(w):
    w.mapping()
    w.url = "https://no-such-host.invalid/api/OC_TEST/v1"
    done = w.push(w.export(people(4)), "--max-duration", "40s")
    assert done.exit == 7, done.err
    counts = done.document()["counts"]
    assert counts["not_reached"] == 4 and counts["unknown"] == 0, counts
    assert all(reason["code"] for reason in done.document()["reasons"])
    assert "resolve" in done.out, done.document()["reasons"]


@fault
def N18_proxies_of_the_environment_are_ignored(w):
    w.serve()
    rows = people(2)
    export = w.export(rows)
    proxy = f"http://127.0.0.1:{w.server.trespass_port}"
    names = ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
    done = w.push(export, environment={name: proxy for name in names})
    assert done.exit == 0, done.err
    assert not w.server.events("trespass")
    w.converge(export, rows)


@fault
def N18_a_proxy_that_answers_for_itself_delivers_nobody(w):
    w.serve()
    rows = people(3)
    export = w.export(rows)
    proxy = f"http://127.0.0.1:{w.server.port}"
    cases = (("200 OK", "<html>Sign in</html>", 7, "unknown"), ("502 Bad", "<html>no</html>", 7, "unknown"),
             ("407 Who", "", 4, "not_reached"))
    for status, body, code, outcome in cases:
        w.fresh()
        w.server.on("- take text " + quoted(answer(status, body, kind="text/html")))
        done = w.push(export, "--proxy", proxy, "--max-duration", "15s")
        assert done.exit == code, (status, done.exit, done.err)
        assert done.document()["counts"]["accepted"] == 0
        assert w.results()[0]["outcome"] == outcome, (status, w.results())


@fault
def N19_a_name_with_an_address_that_does_not_answer_falls_back_to_the_other(w):
    w.serve()
    rows = people(3)
    export = w.export(rows)
    w.url = w.server.url.replace("127.0.0.1", "localhost")  # ::1 as well, where nobody listens
    done = w.push(export)
    assert done.exit == 0, done.err
    assert w.server.begun() == 3


@fault
def N20_a_wall_clock_that_jumps_changes_neither_waits_nor_outcomes(w):
    w.serve()
    rows = people(12)
    export = w.export(rows)
    day = 86400000
    for jump in (-day, day, -20 * 365 * day, 20 * 365 * day, -1000, 3600000):
        w.fresh()
        w.server.on("3 take reset", "- take apply nap 20 answer")
        done = w.push(export, environment=w.faults(20, jump=f"{jump}@1"))
        assert done.exit == 0, (jump, done.exit, done.err)
        assert w.server.begun() == 13
        w.figure("jumps of the clock")
        w.server.clear()
    w.converge(export, rows)


@fault
def N20_the_clocks_of_libfaketime_do_not_matter_either(w):
    if not shutil.which("faketime"):
        raise Skip("the package faketime is not installed")
    w.serve()
    rows = people(6)
    export = w.export(rows)
    for offset in ("+20y", "-15y", "+0 x50", "@2038-01-19 03:14:05"):
        w.fresh()
        w.server.on("3 take reset")
        done = run_as(w, ["faketime", "-f", offset, *push_command(w, export)])
        assert done.exit == 0, (offset, done.err)
        w.server.clear()
    w.converge(export, rows, repeats=GROUP)


@fault
def H10_a_container_without_new_privileges_and_without_capabilities_is_enough(w):
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        raise Skip("setpriv and root are needed")
    w.serve()
    rows = people(3)
    export = w.export(rows)
    done = run_as(w, ["setpriv", "--no-new-privs", "--bounding-set", "-all", "--inh-caps", "-all",
                      *push_command(w, export)])
    assert done.exit == 0, done.err
    w.converge(export, rows)


@fault
def D1_at_an_ordinary_pace_a_kill_repeats_only_what_was_in_flight(w):
    w.serve()
    rows = people(12)
    export = w.export(rows)
    w.server.on("9 take apply hold", "- take apply nap 70 answer")
    process = w.begin(export, speed=0)
    w.server.holds(1)
    time.sleep(0.2)
    w.kill(process)
    w.converge(export, rows, repeats=4)
