"""V12: the token and people's data, searched for in everything that any command leaves or says."""

import json
import os
import sqlite3

from faultworld import CANARY, TOKEN, answer, fault, person, people, profile_of, quoted

PRIVATE = {"date_of_birth": {"from": "BORN"}, "driver_licence_num": {"from": "LICENCE", "do": ["trim"]}}
HEADING = ["ID", "FIRST", "LAST", "EMAIL", "CITY", "BORN", "LICENCE"]


def private_people(count):
    return [person(n, BORN=f"1991-02-{n:02d}", LICENCE=f"LICcanary{n:04d}") for n in range(1, count + 1)]


def holds(path, *needles):
    with open(path, "rb") as stream:
        content = stream.read().lower()
    return [needle for needle in needles if needle.lower() in content]


def files_in(folder):
    return [os.path.join(at, name) for at, _, names in os.walk(folder) for name in names
            if not os.path.islink(os.path.join(at, name))]


def busy_nights(w, *options):
    """Nights with everything in them: accepted, refused, rejected, held, changed, gone, unknown, interrupted."""
    w.mapping(fields=PRIVATE)
    rows = private_people(12)
    rows[3]["EMAIL"] = "canary no address"
    rows[5]["FIRST"] = ""
    refusal = answer("422 No", '{"ErrorCode":9033,"ErrorMessage":"Lastecho7 is not valid"}')
    echo = answer("500 No", '{"you said": "' + TOKEN + ' echo7@example.edu"}')
    w.server.on("2 take text " + quoted(refusal), "4 take text " + quoted(echo), "5 take apply reset")
    export = w.export(rows, heading=HEADING)
    codes = [w.push(export, *options).exit]
    w.server.clear()
    rows[0]["CITY"] = "Canarytown"
    rows[1]["LICENCE"] = "LICcanary9999"
    export = w.export(rows[:-1], heading=HEADING)
    codes.append(w.push(export, *options).exit)
    codes.append(w.push(export, "--retry-refused", "--full", *options).exit)
    assert set(codes) == {3}, codes
    return export, rows


@fault
def V12_a_push_leaves_no_secret_but_in_rejects_csv(w):
    w.serve()
    busy_nights(w)
    w.search_secrets()
    rejects = [path for path in files_in(w.path("state")) if path.endswith("rejects.csv")]
    assert any(holds(path, CANARY) for path in rejects), "the registrar's file should hold the rejected rows"
    assert not any(holds(path, TOKEN.encode()) for path in rejects)
    # the server's own words, which may be about a person: in the reports for the registrar, not in what is mailed or kept
    told = {os.path.basename(path) for path in files_in(w.path("state")) if holds(path, b"echo7")}
    assert told <= {"results.csv", "report.html", "run.json"}, told
    names = " ".join(files_in(w.path("state")))
    for name in ("run.json", "summary.txt", "results.csv", "report.html", "state.db"):
        assert name in names, name


@fault
def V12_a_kill_in_the_middle_leaves_no_secret_in_the_wal(w):
    w.serve()
    w.mapping(fields=PRIVATE)
    export = w.export(private_people(9), heading=HEADING)
    w.server.on("6 take hold")
    process = w.begin(export, speed=0)
    w.server.holds(1)
    w.kill(process)
    wal = [path for path in files_in(w.path("state")) if path.endswith("-wal") and os.path.getsize(path)]
    assert wal, "no WAL was left to be searched"
    w.search_secrets()
    # what is written is not just compressed or spread: no page and no cell of any table holds it
    with sqlite3.connect(w.path("state", "state.db")) as db:
        for (table,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
            for row in db.execute(f'SELECT * FROM "{table}"'):
                for cell in row:
                    text = cell if isinstance(cell, bytes) else str(cell).encode()
                    assert CANARY not in text.lower(), table
                    assert not any(one["ID"].encode() in text for one in private_people(9)), table
    db.close()


@fault
def V12_every_other_command_leaves_and_says_no_secret(w):
    w.serve()
    export, rows = busy_nights(w)
    plan, report = w.path("state", "night.plan"), w.path("state", "plan-report")
    rows[2]["CITY"] = "Canarycity"
    export = w.export(rows[:-2], heading=HEADING)
    commands = [
        ("plan", export, "--out", plan, "--report", report, "--all"), ("plan", export, "--json"), ("show", plan),
        ("show", plan, "--json"), ("status",), ("status", "--json"), ("history",), ("history", "--json"), ("gone", "--all"),
        ("doctor",), ("backup", w.path("state", "backup.db")), ("config",), ("check", w.path("people.jsonc")),
        ("push", "--plan", plan, "--ignore", "changed", "--json"), ("show", "latest"),
    ]
    for words in commands:
        done = w.run(*words, environment=w.faults())
        assert done.exit in (0, 1, 2, 3, 4, 6, 8, 11), (words, done.exit, done.err)
        w.search_secrets()
    assert os.path.exists(os.path.join(report, "results.csv")) and os.path.exists(plan)


@fault
def O11_values_are_shown_only_when_asked_for_and_private_ones_never(w):
    w.serve()
    w.allowed.update(("results.csv", "report.html", "summary.txt", "run.json", "output"))
    busy_nights(w, "--values", "--all")
    shown = []
    for path in files_in(w.path("state")):
        name = os.path.basename(path)
        if name == "rejects.csv":
            continue
        assert not holds(path, b"liccanary", b"1991-02", TOKEN.encode()), f"a private value in {name}"
        if holds(path, CANARY):
            shown.append(name)
    assert set(shown) <= {"results.csv", "report.html", "summary.txt"}, shown
    assert "results.csv" in shown, "--values showed nothing"


@fault
def A10_a_value_that_the_length_of_a_message_cuts_is_masked_all_the_same(w):
    w.serve()
    w.mapping(fields=PRIVATE)
    rows = private_people(1)
    export = w.export(rows, heading=HEADING)
    for before in range(176, 199, 4):
        w.fresh()
        words = "z" * before + rows[0]["LICENCE"] + " is not valid"
        w.server.on("- take text " + quoted(answer("422 No", json.dumps({"ErrorMessage": words}))))
        assert w.push(export).exit == 3
        told = [path for path in files_in(w.path("state")) if holds(path, rows[0]["LICENCE"][:4].encode())]
        assert told == [], (before, told)


@fault
def A10_values_are_masked_whatever_the_server_makes_of_them_and_in_the_headline_too(w):
    w.serve()
    w.mapping(fields=PRIVATE)
    row = person(1, LAST="Smit", EMAIL="John.Smit@Example.edu", BORN="1991-02-03", LICENCE="Smit12  34-5678", CITY="1991")
    export = w.export([row], heading=HEADING)
    for code, exit_code in ((9033, 3), (9002, 5), (9000, 4)):
        for words in ("licence Smit12 34-5678 is invalid", "licence SMIT12  34-5678?", "john.smit@example.edu is used",
                      "born 1991-02-03"):
            w.fresh()
            w.server.on("- take text " + quoted(answer("422 No", json.dumps({"ErrorCode": code, "ErrorMessage": words}))))
            done = w.push(export)
            assert done.exit == exit_code, (done.exit, done.err)
            told = [path for path in files_in(w.path("state")) if not path.endswith("rejects.csv") and
                    holds(path, b"34-5678", b"john.smit", b"-02-03")]
            assert told == [], (code, words, told)
            assert "***" in done.out and not any(part in (done.out + done.err).lower()
                                                 for part in ("34-5678", "john.smit", "-02-03")), (code, words, done.err)


@fault
def O3_a_new_token_sends_nobody_again(w):
    w.serve()
    rows = people(4)
    export = w.export(rows)
    assert w.push(export).exit == 0
    w.write("token", "another-token\n")
    os.chmod(w.token_file, 0o600)
    assert w.push(export).exit == 0
    assert w.server.begun() == 4


@fault
def O2_a_plan_opens_no_socket_and_writes_nothing(w):
    w.serve()
    rows = people(5)
    export = w.export(rows)
    assert w.push(export).exit == 0
    rows[0]["CITY"] = "Canarytown"
    export = w.export(rows)
    before = {path: (os.stat(path).st_mtime_ns, os.stat(path).st_size) for path in files_in(w.path("state"))}
    trace = w.path("trace")
    done = w.trace_command(trace, w.command("plan", export))
    assert done.returncode == 0, done.stderr
    with open(trace, encoding="utf-8", errors="replace") as stream:
        calls = stream.read()
    assert "socket(" not in calls and "connect(" not in calls, "a plan opened a socket"
    for word in ("O_CREAT", "O_WRONLY", "rename(", "unlink(", "mkdir(", "symlink("):
        assert word not in calls, f"a plan wrote: {word}"
    after = {path: (os.stat(path).st_mtime_ns, os.stat(path).st_size) for path in files_in(w.path("state"))}
    assert before == after, "a plan changed the state's folder"
    assert len(w.server.people()) == 5 and profile_of(rows[1]) in w.server.deliveries()


@fault
def V15_a_guard_that_trips_sends_no_byte(w):
    w.serve()
    rows = people(60)
    export = w.export(rows)
    assert w.push(export).exit == 0
    begun, opened = w.server.begun(), len(w.server.events("open"))
    for row in rows[:40]:
        row["CITY"] = "Canarytown"
    done = w.run("push", w.export(rows), "--rate", "none", "--json")
    assert done.exit == 8, (done.exit, done.err)
    assert w.server.begun() == begun and len(w.server.events("open")) == opened
    assert done.document()["counts"]["not_reached"] == 40
    w.converge(w.export(rows), rows, options=("--ignore", "changed", "--ignore", "field"))
