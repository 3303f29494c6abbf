"""What a server may answer, on the wire: one table of rules and what must come of them; floods, caps, redirects, pace."""

import json
import os
import resource
import time

from faultworld import SUCCESS, answer, fault, people, quoted, try_points


def text(*parts):
    return " ".join("text " + quoted(part) for part in parts)


OK = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
PAGE = "<html><title>Sign in</title></html>"

# name, steps of every request, exit codes allowed, outcome of the first person sent ("" where none is)
ANSWERS = [
    ("A1 a page instead of an answer", "take " + text(answer(body=PAGE, kind="text/html")), (7,), "unknown"),
    ("A1 success that calls itself a page", "take " + text(answer(body=SUCCESS, kind="text/html")), (7,), "unknown"),
    ("A2 an error with status 200", "take " + text(answer(body='{"status":"error","message":"no such type"}')),
     (3,), "refused"),
    ("A3 success in a list", "take " + text(answer(body='["success"]')), (7,), "unknown"),
    ("A3 success under another key", "take " + text(answer(body='{"STATUS":"success"}')), (7,), "unknown"),
    ("A3 success twice", "take " + text(answer(body='{"status":"error","status":"success"}')), (7,), "unknown"),
    ("A3 success behind a byte order mark", "take " + text(answer(body="\ufeff" + SUCCESS)), (7,), "unknown"),
    ("A3 success with text behind it", "take " + text(answer(body=SUCCESS + " x")), (7,), "unknown"),
    ("A4 a length too long", "take " + text(answer(body=SUCCESS, length=500)) + " close", (7,), "unknown"),
    ("A4 a length too short", "take " + text(answer(body=SUCCESS, length=9)) + " close", (7,), "unknown"),
    ("A4 two lengths", "take " + text(OK + f"Content-Length: 3\r\nContent-Length: {len(SUCCESS)}\r\n\r\n" + SUCCESS)
     + " close", (7,), "unknown"),
    ("A4 chunks that are cut", "take " + text(OK + "Transfer-Encoding: chunked\r\n\r\n29\r\n" + SUCCESS) + " close",
     (7,), "unknown"),
    ("A4 chunks with a wrong size", "take " + text(OK + "Transfer-Encoding: chunked\r\n\r\nzz\r\n" + SUCCESS)
     + " close", (7,), "unknown"),
    ("A5 an announcement of compression", "take " + text(
        OK + f"Content-Encoding: gzip\r\nContent-Length: 20\r\n\r\n\x1f\x7f\x08" + "z" * 17), (7,), "unknown"),
    ("A6 a thousand levels", "take " + text(answer(body='{"status":"success","a":' + "[" * 1000 + "]" * 1000 + "}")),
     (7,), "unknown"),
    ("N10 a failure of the server", "take " + text(answer("500 Oops", PAGE, kind="text/html")), (7,), "unknown"),
    ("N10 unavailable", "take " + text(answer("503 Busy", PAGE, kind="text/html")), (7,), "unknown"),
    ("N11 a token refused", "take " + text(answer("401 No", "{}")), (5,), ""),
    ("N12 forbidden for everybody", "take " + text(answer("403 No", "{}")), (5,), ""),
    ("N13 no such page", "take " + text(answer("404 No", PAGE, kind="text/html")), (4,), ""),
    ("N13 not this method", "take " + text(answer("405 No", PAGE, kind="text/html")), (4,), ""),
    ("N13 a person refused", "take " + text(answer("422 No", '{"ErrorCode":9033,"ErrorMessage":"bad"}')), (3,),
     "refused"),
    ("N15 no content", "take " + text("HTTP/1.1 204 Done\r\n\r\n"), (7,), "unknown"),
    ("N15 reset content", "take " + text("HTTP/1.1 205 Done\r\nContent-Length: 0\r\n\r\n"), (7,), "unknown"),
    ("N15 a part", "take " + text(answer("206 Part", SUCCESS[:20])), (7,), "unknown"),
    ("N15 a status of nonsense", "take " + text(answer("999 What", SUCCESS)), (7,), "unknown"),
    ("N15 a status below all", "take " + text("HTTP/1.1 042 What\r\nContent-Length: 0\r\n\r\n") + " close", (7,),
     "unknown"),
    ("N15 an answer without a head", "take " + text(SUCCESS) + " close", (7,), "unknown"),
    ("N15 another protocol", "take " + text("HTTP/2 200\r\nContent-Type: application/json\r\n\r\n" + SUCCESS)
     + " close", (7,), "unknown"),
    ("N15 switching protocols", "take " + text("HTTP/1.1 101 Go\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n")
     + " close", (7,), "unknown"),
    ("N18 a proxy's failure", "take " + text(answer("502 Bad", PAGE, kind="text/html")), (7,), "unknown"),
    ("N18 a proxy that wants a name", "take " + text(answer("407 Who", PAGE, "Proxy-Authenticate: Basic",
                                                            kind="text/html")), (4,), ""),
]


def judge_answers(w, number):
    """The rows of the table under this number."""
    w.serve()
    rows = people(2)

    def judged(case):
        name, steps, exits, outcome = case
        w.fresh()
        export = w.export(rows)
        w.server.on("- " + steps)
        done = w.push(export, "--max-duration", "15s")
        assert done.exit in exits, f"exit {done.exit}, {done.err}"
        counts = w.check_truth(done.document())
        assert counts["accepted"] == 0, counts
        if outcome:
            assert w.results()[0]["outcome"] == outcome, w.results()
        w.figure("kinds of false or failing answers")
        w.converge(export, rows, options=("--retry-refused",))

    try_points(w, [case for case in ANSWERS if case[0].startswith(number + " ")], judged)


@fault
def A1_a_page_instead_of_an_answer_is_unknown(w):
    judge_answers(w, "A1")


@fault
def A2_an_error_with_status_200_is_a_refusal(w):
    judge_answers(w, "A2")


@fault
def A3_success_in_the_wrong_place_is_unknown(w):
    judge_answers(w, "A3")


@fault
def A4_an_answer_of_the_wrong_length_is_unknown(w):
    judge_answers(w, "A4")


@fault
def A5_a_compressed_answer_that_nobody_asked_for_is_unknown(w):
    judge_answers(w, "A5")


@fault
def A6_an_answer_of_a_thousand_levels_is_unknown(w):
    judge_answers(w, "A6")


@fault
def N10_failures_of_the_server_to_the_end_leave_everybody_unknown(w):
    judge_answers(w, "N10")


@fault
def N11_a_refused_token_ends_the_run(w):
    judge_answers(w, "N11")


@fault
def N12_two_people_forbidden_in_a_row_end_the_run_as_a_refused_token_does(w):
    judge_answers(w, "N12")


@fault
def N13_a_missing_page_is_a_wrong_url_and_a_refusal_is_about_the_person(w):
    judge_answers(w, "N13")


@fault
def N15_statuses_of_nonsense_and_other_protocols_are_unknown(w):
    judge_answers(w, "N15")


@fault
def N18_answers_of_a_proxy_on_the_way_are_no_answers(w):
    judge_answers(w, "N18")


GOOD = [
    ("A7 no reference", '{"status":"success"}', ""),
    ("A7 a reference in words", '{"status":"success","reference_id":"ab-1"}', "ab-1"),
    ("A7 a reference that no double holds", '{"status":"success","reference_id":9007199254740993}',
     "9007199254740993"),
    # a spreadsheet would calculate it: results.csv puts a mark in front
    ("A7 a reference below nothing", '{"status":"success","reference_id":-4}', "'-4"),
    ("A7 a reference with a fraction", '{"status":"success","reference_id":4.50}', "4.50"),
]


@fault
def A7_a_success_is_one_whatever_its_reference_and_its_other_headers(w):
    w.serve()
    export = w.export(people(1))
    for name, body, reference in GOOD:
        w.fresh()
        w.server.on("- take apply " + text(answer("200 OK", body, "Set-Cookie: a=b", "Alt-Svc: h2=\":1\"",
                                                  "Strict-Transport-Security: max-age=9", "Link: </x>; rel=next")))
        done = w.push(export)
        assert done.exit == 0, (name, done.err)
        assert w.results()[0]["reference_id"] == reference, name
    w.converge(export, people(1))


@fault
def A13_nothing_that_a_server_sets_comes_back_to_it(w):
    w.serve()
    w.server.on("- take apply " + text(answer("200 OK", SUCCESS, "Set-Cookie: a=b; Path=/")))
    assert w.push(w.export(people(3)), "--connections", "1").exit == 0
    for event in w.server.events("request"):
        head = event["head"].lower()
        for name in ("cookie:", "accept-encoding:", "expect:", "authorization:", "referer:"):
            assert name not in head, head
        assert head.startswith("post /api/oc_test/v1/profiles/push http/1.1\r\n"), head


@fault
def A5_endless_bodies_heads_and_interim_answers_end_at_a_cap_and_in_little_memory(w):
    w.serve()
    rows = people(1)
    export = w.export(rows)
    floods = {
        "a body": "take apply " + text(OK + "\r\n") + " repeat 0 0 " + quoted("x" * 4000),
        "a body of chunks": "take apply " + text(OK + "Transfer-Encoding: chunked\r\n\r\n") + " repeat 0 0 "
        + quoted("fa0\r\n" + "x" * 4000 + "\r\n"),
        "header lines": "take apply " + text("HTTP/1.1 200 OK\r\n") + " repeat 0 0 " + quoted("X-More: yes\r\n"),
        "one header": "take apply " + text("HTTP/1.1 200 OK\r\nX-Long: ") + " repeat 0 0 " + quoted("y" * 4000),
        "interim answers": "take apply repeat 0 0 " + quoted("HTTP/1.1 100 Continue\r\n\r\n"),
        "early hints": "take apply repeat 0 0 " + quoted("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
        "a length of a gigabyte": "take apply " + text(OK + "Content-Length: 1073741824\r\n\r\n") + " repeat 0 0 "
        + quoted("z" * 4000),
    }
    for name, steps in floods.items():
        w.fresh()
        w.server.on("- " + steps)
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        done = w.push(export, "--max-duration", "20s")
        assert done.exit == 7, (name, done.exit, done.err)
        assert w.results()[0]["outcome"] == "unknown", name
        after = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        assert after < max(before, 80 * 1024), f"{name}: {after} KiB"
        w.figure("floods")
    w.converge(export, rows, repeats=99)


@fault
def N5_headers_and_bodies_that_trickle_end_by_the_timeout(w):
    w.serve()
    rows = people(1)
    export = w.export(rows)
    for steps in ("take apply " + text("HTTP/1.1 200 OK\r\n") + " repeat 0 100 " + quoted("X: y\r\n"),
                  "take apply " + text(OK + "Content-Length: 4000\r\n\r\n") + " repeat 0 100 " + quoted("x"),
                  "take apply repeat 0 100 " + quoted("HTTP/1.1 102 Working\r\n\r\n")):
        w.fresh()
        w.server.on("1 " + steps)
        done = w.push(export)
        assert done.exit == 0, done.err
        assert w.results()[0]["attempts"] == "2", w.results()
    w.converge(export, rows)


@fault
def N14_redirects_are_never_followed_and_their_host_is_named(w):
    w.serve()
    rows = people(3)
    export = w.export(rows)
    elsewhere = f"127.0.0.1:{w.server.trespass_port}"
    for status in ("301 Moved", "302 Found", "303 See", "307 Temporary", "308 Permanent"):
        for location in (f"http://{elsewhere}/api/OC_TEST/v1/profiles/push", f"//{elsewhere}/x", "/other",
                         "file:///etc/passwd", f"http://user:canary@{elsewhere}/", w.url + "/profiles/push"):
            w.fresh()
            w.server.on("- take " + text(answer(status, "", f"Location: {location}")))
            done = w.push(export)
            assert done.exit == 4, (status, location, done.exit, done.err)
            assert w.server.begun() == 1, "one request is enough to learn it"
            if elsewhere in location:
                assert elsewhere in done.err, done.err
            assert not w.server.events("trespass"), "the other server was called"
            w.figure("redirects refused")
    w.converge(export, rows)


@fault
def N9_the_longer_of_two_retry_after_headers_is_kept_to_by_the_whole_run(w):
    w.serve()
    rows = people(6)
    export = w.export(rows)
    w.server.on("2 take " + text(answer("429 Slow", "{}", "Retry-After: 2", "Retry-After: 30")))
    process = w.begin(export, "--connections", "1")
    w.server.begins(2)
    asked = time.monotonic()
    w.server.begins(3, 20)
    waited = (time.monotonic() - asked) * 20
    done = w.end(process)
    assert done.exit == 0, done.err
    assert waited > 27, f"only {waited:.0f} s"
    w.converge(export, rows)


@fault
def N9_a_wait_longer_than_the_time_left_ends_the_run_and_is_remembered(w):
    w.serve()
    rows = people(3)
    export = w.export(rows)
    w.server.on("2 take " + text(answer("503 Later", "", "Retry-After: 3600")))
    done = w.push(export, "--max-duration", "60s", speed=0)
    assert done.exit == 7, done.err
    assert w.server.begun() <= 3
    begun = w.server.begun()
    w.server.clear()
    again = w.push(export, "--max-duration", "60s", speed=0)
    assert again.exit == 7, again.err
    assert w.server.begun() == begun, "called before the time that the server had named"


@fault
def N8_a_storm_of_429_penalises_nobody_and_keeps_the_budget(w):
    w.serve()
    rows = people(40)
    export = w.export(rows)
    w.server.on("5-9 take " + text(answer("429 Slow", "{}", "Retry-After: 1")))
    done = w.push(export)
    assert done.exit == 0, done.err
    assert done.document()["http"]["by_status"]["429"] == 5, done.document()["http"]
    assert w.server.begun() == 45
    w.fresh()
    w.server.on("- take " + text(answer("429 Slow", "{}")))
    done = w.push(export, "--max-duration", "90s")
    assert done.exit == 7, done.err
    counts = done.document()["counts"]
    assert counts["unknown"] == 0 and counts["not_reached"] == 40, counts
    assert w.server.begun() <= 10 + 2 + 5, w.server.begun()
    w.converge(export, rows)


@fault
def N11_a_wrong_token_costs_the_requests_in_flight_and_no_more(w):
    w.serve()
    rows = people(50)
    export = w.export(rows)
    w.server.on("- take " + text(answer("401 No", '{"ErrorCode":9002,"ErrorMessage":"bad token"}')))
    done = w.push(export)
    assert done.exit == 5, done.err
    assert w.server.begun() == 1, w.server.begun()
    w.fresh()
    w.server.on("21- take nap 20 " + text(answer("401 No", "{}")))
    done = w.push(export)
    assert done.exit == 5, done.err
    assert w.server.begun() <= 22, w.server.begun()
    assert done.document()["counts"]["accepted"] == 20
    w.converge(export, rows)


@fault
def N10_failures_that_pass_are_tried_again_and_everybody_is_delivered(w):
    w.serve()
    rows = people(20)
    export = w.export(rows)
    for number, status in ((3, "500 Oops"), (6, "502 Bad"), (9, "503 Busy"), (12, "504 Late"), (15, "408 Late"),
                           (18, "522 Late")):
        w.server.on(f"{number} take " + text(answer(status, "gone", kind="text/plain")))
    done = w.push(export)
    assert done.exit == 0, done.err
    assert done.document()["http"]["retries"] == 6, done.document()["http"]
    w.converge(export, rows)


@fault
def N2_a_port_that_refuses_is_probed_and_everybody_waits(w):
    w.serve()
    rows = people(5)
    export = w.export(rows)
    w.server.tell("down")
    done = w.push(export, "--max-duration", "120s")
    assert done.exit == 7, done.err
    counts = done.document()["counts"]
    assert counts["not_reached"] == 5 and counts["unknown"] == 0, counts
    assert w.server.begun() == 0
    assert w.server.tell("up") == "ok"
    w.converge(export, rows)


@fault
def N7_a_server_that_comes_back_within_the_run_gets_everybody(w):
    w.serve()
    rows = people(30)
    export = w.export(rows)
    w.server.on("6-20 take reset")
    done = w.push(export, speed=200)
    assert done.exit == 0, done.err
    assert w.server.begun() == 45, w.server.begun()
    w.check_truth(done.document())
    w.converge(export, rows)


@fault
def N7_hours_of_silence_cost_ten_requests_and_the_probes(w):
    w.serve()
    rows = people(30)
    export = w.export(rows)
    w.server.on("- take reset")
    # eight hours pass in less than two minutes; in short runs, two in half a minute
    hours, speed = (8, 400) if w.full else (1, 400)
    done = w.push(export, "--max-duration", f"{hours}h", speed=speed, timeout=180)
    assert done.exit == 7, done.err
    probes = 6 + hours * 6  # 15 s, doubled up to ten minutes
    assert w.server.begun() <= 10 + 2 + probes, w.server.begun()
    assert w.server.begun() >= 10, w.server.begun()
    w.converge(export, rows)


@fault
def A10_a_server_that_echoes_the_token_makes_no_report_hold_it(w):
    w.serve()
    export = w.export(people(3))
    token = "t0k-canary-7d1e52"
    for status, body in (("422 No", {"ErrorCode": 9033, "ErrorMessage": f"bad value near {token} \x1b[31m"}),
                         ("200 OK", {"status": "error", "message": f"{token}"}),
                         ("500 No", {"trace": f"apiToken={token}"})):
        w.fresh()
        w.server.on("- take " + text(answer(status, json.dumps(body))))
        done = w.push(export, "--max-duration", "15s")
        assert done.exit in (3, 5, 7), done.err
        w.search_secrets()
        for name in ("summary.txt", "results.csv", "report.html", "run.json"):
            assert b"\x1b" not in w.latest(name)
    w.server.clear()
    # a piece of a token that was cut at the edge of what is kept
    w.fresh()
    w.server.on("- take " + text(answer("422 No", json.dumps({"ErrorMessage": "x" * 190 + token}))))
    w.push(export)
    w.search_secrets()


@fault
def A2_a_session_page_with_success_status_costs_one_request_until_it_is_gone(w):
    """A captive portal: everything is 200 and nothing is an answer; the breaker stops the flood."""
    w.serve()
    rows = people(60)
    export = w.export(rows)
    w.server.on("- take " + text(answer(body=PAGE, kind="text/html")))
    done = w.push(export, "--max-duration", "60s")
    assert done.exit == 7
    assert w.server.begun() <= 10 + 2 + 3, w.server.begun()
    document = done.document()
    assert document["counts"]["accepted"] == 0
    assert any("Sign in" in (reason["message"] or "") for reason in document["reasons"]), document["reasons"]
    assert os.path.exists(w.path("state", "runs", "latest", "report.html"))
    w.converge(export, rows)


def stray_answers(w, steps, rate):
    """A server that answers the first request more than once, and refuses the second."""
    w.serve()
    rows = people(4)
    export = w.export(rows)
    w.server.on("1 take apply " + steps, "2- take " + text(answer("422 No", '{"ErrorCode":9033,"ErrorMessage":"no"}')))
    done = w.run("push", export, "--first-load", "--json", "--connections", "1", "--rate", rate)
    assert done.exit == 3, done.err
    applied = w.server.people()
    for row in w.results():
        assert (row["outcome"] == "accepted") == (row["unique_id"] in applied), (row["unique_id"], row["outcome"])
    w.converge(export, rows, options=("--retry-refused",))


@fault
def A9_a_second_answer_behind_the_first_is_not_taken_for_the_next_person(w):
    good = answer(body=SUCCESS)
    stray_answers(w, text(good + good + good), "none")


@fault
def A9_an_answer_that_came_while_nothing_was_asked_is_not_taken_for_the_next_person(w):
    good = answer(body=SUCCESS)
    stray_answers(w, text(good) + " nap 20 " + text(good), "5")


@fault
def A8_another_reference_for_a_known_person_is_accepted_and_pointed_out(w):
    w.serve()
    rows = people(3)
    assert w.push(w.export(rows)).exit == 0
    rows[0]["CITY"] = "Canarytown"
    done = w.push(w.export(rows))  # this server gives a new reference with each answer
    assert done.exit == 0, done.err
    assert "reference" in json.dumps(done.document()["warnings"]), done.document()["warnings"]


@fault
def N13_an_answer_before_the_request_was_read_is_an_answer(w):
    w.serve()
    rows = people(2)
    export = w.export(rows)
    w.server.on("2 read 200 " + text(answer("413 Big", '{"ErrorCode":9030,"ErrorMessage":"long"}', "Connection: close"))
                + " close")
    done = w.push(export)
    assert done.exit == 3, (done.exit, done.err)
    assert w.results()[1]["outcome"] == "refused", w.results()
    w.converge(export, rows, options=("--retry-refused",))
