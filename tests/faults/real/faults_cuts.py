"""The connection cut, reset or stalled after each byte of a request and of an answer."""

from faultworld import SPEED, fault, people, sweep, try_points

ANSWER_BYTES = 112


def request_bytes(w):
    """The length of the second person's request; it varies with the port."""
    w.fresh()
    assert w.push(w.export(people(2))).exit == 0
    return w.server.events("request")[1]["bytes"]


def offsets(w, bytes_there, every):
    return range(0, bytes_there + 1, 1 if w.full else every)


def survive(w, rows, rules, options=(), speed=SPEED):
    """One run under these rules, whatever comes of it; then one without faults, which must converge."""
    w.fresh()
    export = w.export(rows)
    w.server.on(*rules)
    done = w.push(export, *options, speed=speed)
    assert done.exit in (0, 3, 7), f"exit {done.exit}: {done.err}"
    document = done.document()
    counts = w.check_truth(document)
    assert w.server.begun() <= document["http"]["requests"], "libcurl sent something again by itself"
    assert document["exit"] == done.exit
    unclear = counts["unknown"] + counts["not_reached"]
    assert (done.exit == 7) == (unclear > 0), (done.exit, counts)
    # each broken exchange may leave one delivery that nobody knows of
    w.converge(export, rows, repeats=document["http"]["requests"])
    w.figure("cut points of requests and answers")


def cut_points(w, mine, every, steps):
    """At each offset: the second request alone, and in the full sweep every request from the second on."""
    w.serve()
    rows = people(3)
    # a whole answer is believed: it must not come from a server that did not do what it says
    answer_bytes = ANSWER_BYTES if "apply" in steps else ANSWER_BYTES - 1
    bytes_there = request_bytes(w) if "read" in steps else answer_bytes
    ways = ["2", "2-"] if w.full else ["2"]
    points = [(way, k) for k in offsets(w, bytes_there, every) for way in ways]
    try_points(w, mine(points), lambda point: survive(
        w, rows, [f"{point[0]} {steps.format(k=point[1])}"], ("--max-duration", "20s")))


@sweep(shards=4)
def N3_a_reset_after_each_byte_of_the_request_loses_nobody(w, mine):
    cut_points(w, mine, 7, "read {k} reset")


@sweep(shards=4)
def N3_a_close_after_each_byte_of_the_request_loses_nobody(w, mine):
    cut_points(w, mine, 14, "read {k} close")


@sweep(shards=4)
def N3_a_reset_after_each_byte_of_the_answer_loses_nobody(w, mine):
    cut_points(w, mine, 7, "take apply send {k} reset")


@sweep(shards=4)
def A4_an_answer_cut_after_each_byte_loses_nobody(w, mine):
    cut_points(w, mine, 7, "take apply send {k} close")


@sweep(shards=4)
def A4_an_answer_cut_before_the_person_was_applied_loses_nobody(w, mine):
    cut_points(w, mine, 21, "take send {k} close")


@sweep(shards=2)
def N3_every_request_cut_from_the_second_on_ends_with_exit_7_and_converges(w, mine):
    w.serve()
    rows = people(3)
    points = [f"2- read {k} reset" for k in (0, 1, 200, 300)] + [f"2- take apply send {k} reset" for k in (0, 60, 111)]
    try_points(w, mine(points), lambda rule: survive(w, rows, [rule], ("--max-duration", "20s")))


@sweep(shards=6)
def N6_an_exchange_that_stalls_at_a_byte_ends_by_the_timeout_and_is_unknown(w, mine):
    w.serve()
    rows = people(2)
    every = 1 if w.full else 20
    points = [f"2 read {k} hold" for k in offsets(w, request_bytes(w) - 1, 1) if k % every == 0]
    points += [f"2 take apply send {k} hold" for k in offsets(w, ANSWER_BYTES, 1) if k % every == 0]
    # a minute passes in a third of a second
    try_points(w, mine(points), lambda rule: survive(w, rows, [rule], speed=180))


@fault
def N4_a_connection_closed_between_requests_is_never_sent_again_in_silence(w):
    w.serve()
    rows = people(20)
    # after each answer the server closes without a word: the next request meets a dead connection
    w.server.on("- take apply answer close")
    done = w.push(w.export(rows), "--connections", "1")
    assert done.exit == 0, done.err
    assert w.server.begun() <= done.document()["http"]["requests"]
    assert len(w.server.deliveries()) - w.server.repeated() == 20
    assert w.server.repeated() <= done.document()["http"]["retries"]
    w.check_truth(done.document())


@fault
def N4_a_connection_that_dies_as_the_request_arrives_is_counted_as_an_attempt(w):
    w.serve()
    rows = people(20)
    # libcurl's own second try would hide these: the connection was kept, and no byte of the answer came
    w.server.on("3 take apply reset", "7 take apply close", "12 read 1 reset", "17 take reset")
    done = w.push(w.export(rows), "--connections", "1")
    assert done.exit == 0, done.err
    document = done.document()
    assert document["http"]["requests"] == w.server.begun() == 24, (document["http"], w.server.begun())
    assert document["http"]["retries"] == 4
    assert w.server.repeated() == 2
    w.check_truth(document)
