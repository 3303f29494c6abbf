"""What is read from the state alone: status, history, show, explain, backup, doctor; and how long it keeps things."""

import csv
import datetime
import hashlib
import http.server
import io
import json
import os
import shutil
import signal
import sqlite3
import stat
import threading
import time

from world import check_sums, listing, night, people, person


def counts(done, code=0):
    assert done.exit == code, (done.exit, done.err)
    document = done.document()
    check_sums(document["counts"])
    return document["counts"]


def town(w):
    w.sandbox("--script", w.write("script", "id=A0000005 9033 99\n"))
    w.mapping()
    rows = people(30)
    assert w.push(w.export(rows), "--first-load").exit == 3
    rows[0]["CITY"] = "Hull"
    rows[2]["EMAIL"] = "none"
    assert w.push(w.export(rows[:29])).exit == 3
    return rows


# ---------------------------------------------------------------- status


@night
def status_tells_last_run_last_success_known_and_unsettled(w):
    town(w)
    document = w.run("status", "--json").document()
    assert document["last_run"] == json.loads(w.latest("run.json"))["run"]
    assert (document["last_exit"], document["known"], document["unsettled"]) == (3, 28, 0), document
    assert document["last_success"] == json.loads(w.latest("run.json"))["ended"]
    text = w.run("status").out
    for words in ("last run", "last success", "28", "unsettled", document["last_run"]):
        assert words in text, text


@night
def O9_status_with_max_age_exits_1_when_the_last_success_is_older(w):
    w.sandbox()
    w.mapping()
    assert w.run("status", "--max-age", "26h").exit == 1, "never"
    assert w.run("status").exit == 0
    w.load(people(3))
    assert w.run("status", "--max-age", "26h").exit == 0
    assert w.run("status", "--max-age", "0s").exit in (0, 1)
    time.sleep(1.1)
    assert w.run("status", "--max-age", "1s").exit == 1
    document = w.run("status", "--max-age", "1s", "--json")
    assert document.exit == 1 and document.document()["too_old"] is True
    for odd in ("26", "h", "-1h", "1w", "1.5h", ""):
        assert w.run("status", "--max-age", odd).exit == 2, odd


@night
def a_run_that_is_no_success_does_not_move_the_last_success(w):
    w.sandbox()
    w.mapping()
    export = w.load(people(30))
    before = w.run("status", "--json").document()["last_success"]
    time.sleep(1.1)
    for words in ([w.export(people(9), name="few.csv")], [export, "--only", "A0000001"], [export, "--limit", "3"],
                  [w.path("absent.csv")]):
        w.push(*words)
        assert w.run("status", "--json").document()["last_success"] == before, words
    w.push(export)
    assert w.run("status", "--json").document()["last_success"] > before


@night
def strict_counts_only_0_as_a_success(w):
    w.sandbox()
    w.mapping()
    rows = people(3)
    rows[0]["EMAIL"] = "none"
    w.push(w.export(rows), "--first-load")
    assert w.run("status", "--json").document()["last_success"]
    assert w.run("status", "--json", "--strict").document()["last_success"] is None
    assert w.run("status", "--strict", "--max-age", "1h").exit == 1
    assert w.run("status", "--max-age", "1h").exit == 0


def killed(w, process, ids):
    """Kills a push once so many requests came."""
    while len(w.pushed_ids()) < ids:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()


@night
def status_counts_those_apart_who_were_refused_after_a_try_without_an_answer(w):
    w.mapping()
    rows = people(25)
    script = "id=A0000002 reset-after 1\nid=A0000002 9033 99\nid=A0000003 reset-after 99\n"
    w.sandbox("--script", w.write("script", script))
    export = w.export(rows)
    assert w.push(export, "--first-load", "--max-duration", "2s").exit == 7
    document = w.run("status", "--json").document()
    assert (document["unsettled"], document["unsettled_held"]) == (2, 1), document
    text = w.run("status").out
    assert "the next push that has a valid row of them sends them again" in text, text
    held = [line for line in text.splitlines() if line.strip().startswith("held:")]
    assert len(held) == 1 and " 1 " in held[0] and "--retry-refused" in held[0], text
    listed = [line for line in w.run("status", "--all").out.splitlines() if "unsettled: A" in line]
    assert ["held" in line for line in sorted(listed)] == [True, False], listed
    assert w.plan(export).document()["counts"]["held"] == 1, "as the next push will have it"
    rows[1]["CITY"] = rows[2]["CITY"] = "Hull"
    assert w.plan(w.export(rows)).document()["counts"]["held"] == 0


@night
def status_does_not_say_that_people_without_a_clear_answer_were_sent(w):
    w.sandbox("--latency", "30")
    w.mapping()
    export = w.export(people(60))
    killed(w, w.start("push", export, "--first-load", "--rate", "none"), 5)
    document = w.run("status", "--json").document()
    assert document["unsettled"] > 2 and document["unsettled_held"] == 0, document
    assert document["running"] is False and document["runner"] is None, document
    text = w.run("status").out
    assert "perhaps sent" in text and "(sent" not in text and "incomplete" in text, text
    assert "running" not in text and "held:" not in text, text


@night
def status_and_history_say_that_a_run_is_going_on(w):
    w.sandbox("--latency", "60")
    w.mapping()
    export = w.export(people(30))
    first = w.start("push", export, "--first-load", "--rate", "none")
    while len(w.pushed_ids()) < 3:
        time.sleep(0.01)
    text, document = w.run("status").out, w.run("status", "--json").document()
    history, shown = w.run("history").out, w.run("show", document["last_run"]).out
    assert first.poll() is None, "it still runs"
    runner = f"pid {first.pid} on {os.uname().nodename} since 2"
    assert document["running"] is True and document["runner"].startswith(runner), document
    assert "running:" in text and runner in text and "a run is going on" in text, text
    for words in (text, history, shown):
        assert "incomplete" not in words, words
    assert first.wait() == 0
    document = w.run("status", "--json").document()
    assert document["running"] is False and document["last_verdict"] == "ok", document
    assert "running" not in w.run("status").out


@night
def a_signal_ends_a_push_or_an_adopt_that_waits_for_another_run(w):
    w.sandbox("--latency", "300")
    w.mapping()
    export = w.export(people(40))
    first = w.start("push", export, "--first-load", "--rate", "none", "--connections", "1")
    while not w.pushed_ids():
        time.sleep(0.01)
    folders = os.listdir(w.path("state", "runs"))
    for command, number, code in (("push", signal.SIGTERM, 143), ("push", signal.SIGINT, 130),
                                  ("adopt", signal.SIGTERM, 143)):
        waiting = w.start(command, export, "--wait", "60s")
        time.sleep(0.5)
        assert waiting.poll() is None, "it waits"
        begun = time.monotonic()
        waiting.send_signal(number)
        _, err = waiting.communicate(timeout=5)
        assert time.monotonic() - begun < 1, "at once"
        assert waiting.returncode == code, (command, waiting.returncode, err)
        assert err.count(b"\n") == 1 and b"interrupted" in err, err
    assert first.poll() is None, "the other run goes on"
    assert os.listdir(w.path("state", "runs")) == folders, "no folder"
    assert len(w.run("history", "--json").document()) == 1, "no record"


@night
def show_and_history_count_what_a_running_or_killed_run_recorded(w):
    w.sandbox("--latency", "40", "--script", w.write("script", "id=A0000002 9033 99\n"))
    w.mapping()
    export = w.export(people(60))
    process = w.start("push", export, "--first-load", "--rate", "none", "--connections", "1")

    def recorded():
        outcomes = [row["outcome"] for row in w.show()] if os.path.exists(w.path("state", "runs", "latest")) else []
        return outcomes.count("accepted"), outcomes.count("refused")

    while recorded()[0] < 3:
        time.sleep(0.01)
    running = w.run("history", "--json").document()[0]["counts"]
    assert process.poll() is None and running["accepted"] >= 3 and running["refused"] == 1, running
    process.kill()
    process.wait()
    accepted, refused = recorded()
    told = w.run("history", "--json").document()[0]["counts"]
    assert (told["accepted"], told["refused"]) == (accepted, refused), (told, accepted)
    text = w.run("show", "latest").out
    assert f"sent:    {accepted} accepted, {refused} refused" in text, text
    assert w.push(export, "--first-load").exit == 3
    closed = w.run("history", "--json").document()[1]["counts"]
    assert closed == told, "closed by the next run with the same counts"


@night
def explain_does_not_say_that_somebody_held_goes_again(w):
    w.mapping()
    rows = people(25)
    script = "id=A0000002 reset-after 1\nid=A0000002 9033 99\nid=A0000003 reset-after 99\n"
    w.sandbox("--script", w.write("script", script))
    export = w.export(rows)
    assert w.push(export, "--first-load", "--max-duration", "2s").exit == 7
    held, open_still = (w.run("explain", export, "--id", name).out for name in ("A0000002", "A0000003"))
    assert "held: refused before" in held and "sent without a clear answer" in held, held
    assert "goes again" not in held and "the same payload was refused since" in held, held
    assert "; goes again" in open_still and "refused since" not in open_still, open_still
    rows[1]["CITY"] = "Hull"
    mended = w.run("explain", w.export(rows), "--id", "A0000002").out
    assert "so it goes again" in mended and "held" not in mended, mended
    gone = w.run("explain", w.export(rows[2:]), "--id", "A0000002")
    assert gone.exit == 6 and "goes again" not in gone.out + gone.err, gone.out + gone.err


@night
def looking_at_a_state_again_and_again_makes_no_push_busy(w):
    w.sandbox()
    w.mapping()
    export = w.load(people(3))
    ended = threading.Event()

    def look():
        while not ended.is_set():
            w.run("status")

    lookers = [threading.Thread(target=look) for _ in range(3)]
    for looker in lookers:
        looker.start()
    codes = [w.push(export).exit for _ in range(20)]
    ended.set()
    for looker in lookers:
        looker.join()
    assert codes == [0] * 20, codes


@night
def commands_that_only_read_change_nothing(w):
    rows = town(w)
    export = w.path("people.csv")
    before = listing(w.folder)
    for words in (["status"], ["status", "--all", "--json"], ["history"], ["gone", "--all"], ["show", "latest"],
                  ["explain", export, "--id", rows[0]["ID"]], ["map", export],
                  ["check", w.path("people.jsonc"), export], ["config"], ["doctor"], ["suggest", export],
                  ["plan", export]):
        done = w.run(*words)
        assert done.exit in (0, 3), (words, done.exit, done.err)
        assert listing(w.folder) == before, words


@night
def without_a_state_the_commands_that_read_it_say_so_and_make_none(w):
    w.mapping()
    for command in ("status", "history", "gone"):
        done = w.run(command)
        assert done.exit in (0, 12) and done.out + done.err, (command, done.exit)
    assert w.run("show", "latest").exit != 0
    assert w.run("backup", w.path("copy.db")).exit != 0
    assert not os.path.exists(w.path("state")) and not os.path.exists(w.path("copy.db"))


# ---------------------------------------------------------------- history, show


@night
def history_lists_runs_newest_first_as_table_csv_and_json(w):
    town(w)
    w.push(w.export(people(3), name="few.csv"))
    document = w.run("history", "--json").document()
    assert [r["exit"] for r in document] == [8, 3, 3]
    assert [r["finished"] for r in document] == [False, True, True]
    for run in document:
        check_sums(run["counts"])
        assert run["run"] and run["started"] and run["ended"] and run["command"] == "push"
    rows = list(csv.DictReader(io.StringIO(w.run("history", "--csv").out.lstrip("\ufeff"))))
    assert [r["run"] for r in rows] == [r["run"] for r in document]
    assert [r["rows"] for r in rows] == ["3", "29", "30"]
    text = w.run("history").out
    assert text.index(document[0]["run"]) < text.index(document[2]["run"])
    assert len(w.run("history", "--json", "--last", "1").document()) == 1


@night
def show_run_reads_from_the_state_alone_and_filters(w):
    town(w)
    run = json.loads(w.latest("run.json"))["run"]
    wanted = [(row["line"], row["unique_id"], row["action"], row["outcome"]) for row in w.results()]
    shutil.rmtree(w.path("state", "runs"))
    os.unlink(w.path("people.csv"))
    for name in (run, "latest"):
        rows = w.run("show", name, "--json").document()
        assert [(str(r["line"]), r["unique_id"], r["action"], r["outcome"] or "") for r in rows] == wanted, rows
    assert [r["unique_id"] for r in w.show("--action", "rejected")] == ["A0000003"]
    assert [r["unique_id"] for r in w.show("--action", "held")] == ["A0000005"]
    assert [r["unique_id"] for r in w.show("--action", "accepted")] == ["A0000001"]
    assert [r["unique_id"] for r in w.show("--field", "city")] == ["A0000001"]
    assert [r["action"] for r in w.show("--field", "email")] == ["rejected"]
    assert [r["action"] for r in w.show("--id", "A0000001")] == ["changed"]
    assert w.show("--id", "A0000002") == []
    text = w.run("show", run).out
    assert "partial" in text and "A0000003" in text and "email" in text
    assert w.run("show", "20010101T000000Z-0000").exit != 0


@night
def show_of_a_guarded_run_lists_what_would_have_been_sent(w):
    w.sandbox()
    w.mapping()
    rows = people(30)
    w.load(rows)
    assert w.push(w.export(rows[9:] + people(1, 99))).exit == 8
    assert [(r["unique_id"], r["action"], r["outcome"]) for r in w.show()] == [("A0000099", "new", "not_reached")]
    assert [(r["unique_id"], r["action"], r["outcome"]) for r in w.results()] == [("A0000099", "new", "not_reached")]


@night
def explain_follows_one_person_and_says_why_they_are_or_are_not_pushed(w):
    rows = town(w)
    rows[3]["CITY"] = "Gatineau"
    export = w.export(rows[:29])
    cases = {"A0000004": ("changed", "city"), "A0000002": ("unchanged", "as delivered"),
             "A0000003": ("rejected", "email"), "A0000005": ("held", "refused"), "A0000030": ("not", "no row")}
    for identity, (action, words) in cases.items():
        done = w.run("explain", export, "--id", identity)
        if identity == "A0000030":
            assert done.exit != 0 or "no row" in done.out + done.err or "not in" in done.out + done.err, done.out
            continue
        assert done.exit == 0, (identity, done.exit, done.err)
        assert action in done.out and words in done.out, (identity, done.out)
        document = w.run("explain", export, "--id", identity, "--json").document()
        assert document["rows"][0]["action"] == action, document
    done = w.run("explain", export, "--id", "A0000004")
    for words in ("line 5", "Gatineau", "trim", "CITY"):
        assert words in done.out, (words, done.out)
    done = w.run("explain", export)
    assert done.exit == 2, "whose row?"


@night
def explain_masks_what_is_private(w):
    w.mapping(fields={"date_of_birth": {"from": "CITY", "type": "date"}, "city": None})
    export = w.export([person(1, CITY="1990-05-17")])
    done = w.run("explain", export, "--id", "A0000001")
    assert done.exit == 0 and "1990-05-17" not in done.out, done.out
    assert "1990-05-17" not in w.run("explain", export, "--id", "A0000001", "--json").out


@night
def show_latest_is_the_run_that_the_link_points_to_or_none(w):
    w.sandbox()
    w.mapping()
    export = w.load(people(3))
    runs = w.path("state", "runs")
    first = os.readlink(os.path.join(runs, "latest"))
    assert w.push(export, "--full").exit == 0
    second = os.readlink(os.path.join(runs, "latest"))
    latest = ("latest", os.path.join(runs, "latest"), os.path.join(runs, "latest") + "/")
    for name in latest:
        assert second in w.run("show", name).out, name
    os.unlink(os.path.join(runs, "latest"))
    os.symlink(first, os.path.join(runs, "latest"))
    for name in latest:
        assert first in w.run("show", name).out, name
    unknown = "20990101T000000Z-0000"
    os.mkdir(os.path.join(runs, unknown), 0o700)
    w.write(os.path.join("state", "runs", unknown, "summary.txt"), "opspush push 20990101: INPUT\nmore\n")
    os.unlink(os.path.join(runs, "latest"))
    os.symlink(unknown, os.path.join(runs, "latest"))
    for words in ([name] for name in latest):
        for more in ([], ["--json"], ["--action", "rejected"]):
            done = w.run("show", *words, *more)
            assert done.exit == 2 and done.out == "", (words, more, done.exit, done.out)
            for said in (unknown, "no record", "INPUT", os.path.join(unknown, "summary.txt")):
                assert said in done.err, (said, done.err)
    shutil.rmtree(runs)
    assert second in w.run("show", "latest").out, "without a link it is the last one that the state knows"
    assert w.run("show", os.path.join(runs, "latest")).exit == 2, "there is no such link"


@night
def show_latest_after_a_run_that_could_not_read_its_export_is_not_the_night_before(w):
    w.sandbox()
    w.mapping()
    assert w.push(w.path("absent.csv"), "--first-load").exit == 6
    assert w.run("show", "latest").exit in (0, 2)
    rows = people(30)
    rows[2]["EMAIL"] = "none"
    assert w.push(w.export(rows), "--first-load").exit == 3
    assert w.push(w.path("absent.csv")).exit == 6
    latest = os.readlink(w.path("state", "runs", "latest"))
    for name in ("latest", w.path("state", "runs", "latest")):
        done = w.run("show", name, "--action", "rejected")
        assert "A0000003" not in done.out and done.exit in (0, 2), done.out
        assert latest in done.out + done.err, (done.out, done.err)


# ---------------------------------------------------------------- backup, doctor


def sums(folder):
    """What every file of a folder holds."""
    found = {}
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            with open(path, "rb") as stream:
                found[name] = hashlib.sha256(stream.read()).hexdigest()
    return found


@night
def a_backup_never_goes_over_the_state_or_what_stands_beside_it(w):
    w.sandbox()
    w.mapping()
    export = w.load(people(3))
    state = w.path("state", "state.db")
    os.symlink(w.path("state"), w.path("link"))
    os.symlink(state + ".key", w.path("keys"))
    os.symlink(state + ".counter", w.path("other.key"))
    os.link(state + ".key", w.path("hard"))
    before = sums(w.path("state"))
    assert set(before) >= {"state.db", "state.db.key", "state.db.counter", "state.db.lock"}, before
    targets = [state + end for end in ("", ".key", ".counter", ".lock", "-wal", "-shm", "-journal", ".key.old")]
    targets += ["state/state.db.key", "state/../state/state.db.counter", "./state//state.db.key", "link/state.db.key",
                "link/state.db", "keys", "hard", "other"]
    for target in targets:
        done = w.run("backup", target)
        assert done.exit == 2 and done.out == "", (target, done.exit, done.err)
        assert "name" in done.err, done.err
        assert sums(w.path("state")) == before, target
    assert os.path.islink(w.path("keys")) and os.path.islink(w.path("other.key"))
    for target in (w.path("state", "copy.db"), w.path("state", "state.db.copy"), w.path("state", "state.db2")):
        assert w.run("backup", target).exit == 0, target
    assert counts(w.push(export))["unchanged"] == 3
    os.rename(state, w.path("state", "s.key"))
    for end in (".key", ".counter", ".lock"):
        os.rename(state + end, w.path("state", "s.key" + end))
    before = sums(w.path("state"))
    assert w.run("backup", w.path("state", "s"), "--state", w.path("state", "s.key"), usual=False).exit == 2
    assert sums(w.path("state")) == before, "the copy of the key would go over the state"


@night
def a_backup_to_standard_output_is_refused_for_it_is_two_files(w):
    w.sandbox()
    w.mapping()
    w.load(people(3))
    before = sorted(os.listdir(w.folder))
    done = w.run("backup", "-")
    assert done.exit == 2 and done.out == "" and "two files" in done.err and "name" in done.err, (done.exit, done.err)
    assert sorted(os.listdir(w.folder)) == before


class Says(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, kind, body = self.server.answer
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


JSON = "application/json"
GOOD_LISTS = (
    b'{"status":"success","user_types":[{"id":"1","type_name":"Student"}]}',
    b'[{"id":"1","type_name":"Full Time Student"},{"id":"6","type_name":"Demo"}]',
    b'{"user_types":[{"id":1}]}',
)
ODD_LISTS = (b"[]", b"{}", b'{"status":"success"}', b'{"error":0,"data":{"1":"Student"},"message":""}', b'["1","6"]')
BAD_ANSWERS = (
    (7, "HTML", 200, "text/html", b"<!DOCTYPE html><title>Sign in</title><p>secret words of the page"),
    (7, "empty", 200, JSON, b""),
    (7, "cut off", 200, JSON, b'{"status":"success","user_types":[{"id":"1"'),
    (7, "204", 204, None, b""),
    (7, "JSON", 200, JSON, b'"welcome"'),
    (7, "JSON", 200, JSON, b"no words of JSON"),
    (7, "maintenance", 200, JSON, b'{"status":"error","message":"maintenance"}'),
    (7, "error", 200, JSON, b'{"status":false,"user_types":[]}'),
    (5, "invalid token", 200, JSON, b'{"status":"error","message":"invalid token"}'),
    (5, "9002", 200, JSON, b'{"ErrorCode":9002,"ErrorMessage":"no permission"}'),
    (5, "401", 401, "text/html", b"<html>"),
    (5, "403", 403, "text/html", b"<html>"),
    (4, "404", 404, "text/html", b"<html>Not Found"),
    (4, "404", 404, JSON, b'{"message":"no such client"}'),
    (4, "405", 405, "text/html", b""),
    (4, "9000", 200, JSON, b'{"ErrorCode":9000,"ErrorMessage":"client code missing"}'),
    (7, "500", 500, "text/html", b"<html>"),
    (7, "429", 429, "text/html", b""),
)


@night
def a_probe_believes_a_list_of_user_types_and_no_page_and_no_refusal(w):
    w.mapping()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Says)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    w.url = f"http://127.0.0.1:{server.server_port}/api/X/v1"

    def probe(*answer):
        server.answer = answer
        done = w.run("doctor", "--probe")
        (line,) = [line for line in done.out.splitlines() if " server " in line]
        return done.exit, line

    for body in GOOD_LISTS:
        code, line = probe(200, JSON, body)
        assert code == 0 and line.startswith("ok") and "user type" in line, (body, code, line)
    for body in ODD_LISTS:
        code, line = probe(200, JSON, body)
        assert code == 0 and line.startswith("ok") and "no list of user types" in line, (body, code, line)
    for wanted, words, *answer in BAD_ANSWERS:
        code, line = probe(*answer)
        assert code == wanted and line.startswith("FAIL") and words in line, (answer, code, line)
        assert "secret words" not in line and len(line) < 300, line
    server.shutdown()
    server.server_close()


@night
def a_backup_is_a_state_that_goes_on_where_it_was_made(w):
    town(w)
    w.reset()
    copy = w.path("copy.db")
    assert w.run("backup", copy).exit == 0
    for path in (copy, copy + ".key"):
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600, path
    done = w.run("status", "--state", copy, "--json", usual=False)
    assert done.exit == 0 and done.document()["known"] == 28, (done.exit, done.err)
    done = w.run("plan", w.path("people.csv"), "--json", "--state", copy, "--mapping", w.path("people.jsonc"),
                 "--url", w.url, usual=False)
    assert done.document()["counts"]["unchanged"] == 27, done.document()["counts"]
    again = w.run("backup", copy)
    assert again.exit in (0, 4, 12), "a copy that is there is replaced whole or refused in words"
    assert sqlite3.connect(copy).execute("pragma integrity_check").fetchone() == ("ok",)


@night
def V12_state_and_what_stands_beside_it_hold_no_id_and_no_value_in_clear(w):
    town(w)
    for folder, _, files in os.walk(w.path("state")):
        for name in files:
            if name in ("results.csv", "rejects.csv"):
                continue
            with open(os.path.join(folder, name), "rb") as stream:
                data = stream.read()
            for secret in (b"A0000001", b"A0000003", b"First1", b"p1@example", b"Hull", b"sandbox-token"):
                assert secret not in data, (name, secret)


@night
def doctor_looks_at_everything_and_probes_only_when_asked(w):
    w.sandbox()
    w.mapping()
    w.load(people(3))
    w.reset()
    done = w.run("doctor")
    assert done.exit == 0, (done.exit, done.out)
    for words in ("mapping", "token", "clock", "disk", "state"):
        assert words in done.out, words
    stats = w.page("/sandbox/stats")
    done = w.run("doctor", "--probe")
    assert done.exit == 0, (done.exit, done.out, done.err)
    assert w.pushed_ids() == [], "one safe read call, never a push"
    assert w.page("/sandbox/stats") != stats, "it was made"
    os.chmod(w.token_file, 0o644)
    assert w.run("doctor").exit == 4
    os.chmod(w.token_file, 0o600)
    w.write("token", "wrong-token\n")
    os.chmod(w.token_file, 0o600)
    assert w.run("doctor", "--probe").exit == 5
    w.write(os.path.join("state", "state.db"), b"nonsense" * 999)
    w.write("token", "sandbox-token\n")
    os.chmod(w.token_file, 0o600)
    assert w.run("doctor").exit == 12


# ---------------------------------------------------------------- retention


def age_runs(w, days, keep=1):
    """Makes all but the last runs so old, in the state and on the disk."""
    database = sqlite3.connect(w.path("state", "state.db"))
    columns = [row[1] for row in database.execute("pragma table_info(run)")]
    assert "started_ms" in columns or "started" in columns, columns
    for column in [c for c in columns if c.startswith(("started", "ended"))]:
        database.execute(f"update run set {column} = {column} - ? where rowid <= "
                         f"(select max(rowid) - ? from run) and {column} > 0", (days * 86400000, keep))
    database.commit()
    database.close()


@night
def run_folders_and_the_history_of_people_go_after_retention_days_and_counts_stay(w):
    w.sandbox()
    w.mapping()
    rows = people(30)
    w.load(rows)
    first = json.loads(w.latest("run.json"))["run"]
    rows[0]["CITY"] = "Hull"
    counts(w.push(w.export(rows)))
    second = json.loads(w.latest("run.json"))["run"]
    age_runs(w, 91)
    rows[1]["CITY"] = "Hull"
    counts(w.push(w.export(rows)))
    folders = os.listdir(w.path("state", "runs"))
    assert first not in folders and second in folders, folders
    assert len(w.run("history", "--json").document()) == 3, "counts of runs for good"
    assert w.run("history", "--json").document()[-1]["counts"]["new"] == 30
    assert json.loads(w.run("show", first, "--json").out or "[]") == []
    assert len(w.run("show", second, "--json").document()) == 1
    assert w.run("status", "--json").document()["known"] == 30


@night
def retention_days_is_a_setting(w):
    w.sandbox()
    w.mapping()
    rows = people(30)
    w.load(rows)
    first = json.loads(w.latest("run.json"))["run"]
    age_runs(w, 8, keep=0)
    config = w.write("c.jsonc", '{ "retention_days": 7 }')
    counts(w.push(w.export(rows)))
    assert first in os.listdir(w.path("state", "runs"))
    counts(w.push(w.export(rows), "--config", config))
    assert first not in os.listdir(w.path("state", "runs"))


@night
def a_run_folder_bears_the_time_of_its_run_in_utc(w):
    w.sandbox()
    w.mapping()
    w.load(people(1))
    run = os.readlink(w.path("state", "runs", "latest")).rstrip("/").split("/")[-1]
    stamp = datetime.datetime.strptime(run.split("-")[0], "%Y%m%dT%H%M%SZ")
    started = datetime.datetime.strptime(json.loads(w.latest("run.json"))["started"], "%Y-%m-%dT%H:%M:%SZ")
    assert stamp == started


@night
def a_state_in_a_new_folder_is_private_and_an_old_folder_is_left_as_it_is(w):
    w.sandbox()
    w.mapping()
    os.mkdir(w.path("open"), 0o755)
    os.chmod(w.path("open"), 0o755)
    export = w.export(people(2))
    for folder, mode in (("open", 0o755), ("made", 0o700)):
        done = w.run("push", export, "--first-load", "--rate", "none", "--state", w.path(folder, "s.db"), "--url",
                     w.url, "--mapping", w.path("people.jsonc"), "--token-file", w.token_file, usual=False)
        assert done.exit == 0, (folder, done.exit, done.err)
        assert stat.S_IMODE(os.stat(w.path(folder)).st_mode) == mode
        for name in os.listdir(w.path(folder)):
            wanted = 0o700 if name == "runs" else 0o600
            assert stat.S_IMODE(os.stat(w.path(folder, name)).st_mode) == wanted, name
        assert os.path.exists(w.path(folder, "s.db.key"))


@night
def a_key_that_is_missing_or_open_to_others_is_exit_4_and_sends_nothing(w):
    w.sandbox()
    w.mapping()
    export = w.load(people(3))
    w.reset()
    key = w.path("state", "state.db.key")
    os.chmod(key, 0o644)
    done = w.push(export, "--full")
    assert done.exit == 4 and "chmod" in done.err, (done.exit, done.err)
    os.chmod(key, 0o600)
    os.rename(key, w.path("kept"))
    done = w.push(export, "--full")
    assert done.exit in (4, 12) and "key" in done.err, (done.exit, done.err)
    assert w.run("plan", export).exit in (4, 12), "a plan never takes a lost key for a new state"
    w.write(os.path.join("state", "state.db.key"), os.urandom(os.path.getsize(w.path("kept"))))
    os.chmod(key, 0o600)
    assert w.push(export, "--full").exit in (4, 12)
    assert w.pushed_ids() == []
    shutil.copy(w.path("kept"), key)
    os.chmod(key, 0o600)
    assert counts(w.push(export))["unchanged"] == 3


@night
def D7_D8_a_damaged_foreign_or_newer_state_is_exit_12_for_everybody(w):
    w.sandbox()
    w.mapping()
    export = w.load(people(3))
    w.reset()
    path = w.path("state", "state.db")
    shutil.copytree(w.path("state"), w.path("kept"), symlinks=True)

    def all_refuse(what):
        for words in (["push", export, "--rate", "none"], ["plan", export], ["status"], ["history"], ["gone"],
                      ["adopt", export], ["backup", w.path("copy.db")]):
            done = w.run(*words)
            assert done.exit == 12 and done.err, (what, words, done.exit, done.err)
        assert w.pushed_ids() == []

    database = sqlite3.connect(path)
    database.execute("pragma user_version = 99")
    database.commit()
    database.close()
    all_refuse("newer")
    os.unlink(path)
    database = sqlite3.connect(path)
    database.execute("create table somebody (else_s integer)")
    database.commit()
    database.close()
    all_refuse("foreign")
    w.write(os.path.join("state", "state.db"), b"x" * 8192)
    all_refuse("damaged")
    w.write(os.path.join("state", "state.db"), b"")
    done = w.run("push", export, "--rate", "none")
    assert done.exit in (8, 12), "an empty file is no licence for a second load"
    assert w.pushed_ids() == []


@night
def backup_and_status_work_while_a_push_runs_and_adopt_is_busy(w):
    w.sandbox("--latency", "60")
    w.mapping()
    export = w.export(people(20))
    first = w.start("push", export, "--first-load", "--rate", "none")
    while len(w.pushed_ids()) < 3:
        pass
    assert w.run("adopt", export).exit == 9
    assert w.run("backup", w.path("copy.db")).exit == 0
    assert w.run("status").exit == 0
    assert w.run("history").exit == 0
    assert first.wait() == 0
    assert sqlite3.connect(w.path("copy.db")).execute("pragma integrity_check").fetchone() == ("ok",)


@night
def the_questions_of_the_readme_are_each_answered_by_one_command(w):
    w.sandbox()
    w.mapping()
    rows = people(40)
    w.load(rows)
    for _ in range(3):
        rows[4]["EMAIL"] = "none"
        assert w.push(w.export(rows[1:])).exit == 3
    done = w.run("show", "latest", "--action", "rejected")
    assert done.exit == 0 and "A0000005" in done.out and "e-mail" in done.out, "who was rejected and why"
    w.reset()
    mended = w.latest("rejects.csv").replace(b"none", b"five@example.edu")
    w.write(os.path.join("state", "runs", "latest", "rejects.csv"), mended)
    done = w.push(w.path("state", "runs", "latest", "rejects.csv"))
    assert done.exit == 0 and w.pushed_ids() == ["A0000005"], "push the fixes"
    done = w.run("explain", w.path("people.csv"), "--id", "A0000005")
    assert done.exit == 0 and "rejected" in done.out, "why did this person change"
    done = w.run("gone")
    assert done.exit == 0 and "A0000001" in done.out, "who is gone"
    assert w.push(w.export(rows[20:])).exit == 8
    assert w.run("plan", w.path("people.csv"), "--out", w.path("tonight.plan")).exit == 0
    assert w.run("show", w.path("tonight.plan")).exit == 0
    assert w.run("push", "--plan", w.path("tonight.plan"), "--rate", "none").exit == 0, "it stopped at a guard"
    assert w.run("status", "--max-age", "26h").exit == 0
