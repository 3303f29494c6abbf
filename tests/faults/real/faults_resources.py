"""Memory, disk, descriptors: the n-th allocation fails, the n-th call fails, the disk is full, limits are low."""

import os
import resource
import subprocess

from faultworld import GROUP, SPEED, Outcome, Skip, fault, people, profile_of, sweep, try_points

CODES = (0, 1, 3, 4, 6, 7, 8, 12)
CALLS = ("write", "pwrite64", "fsync", "fdatasync", "rename", "unlink", "ftruncate", "openat", "flock", "sendto",
         "recvfrom", "read", "pread64", "mkdir", "symlink", "fchmod", "socket", "connect", "fstat", "newfstatat", "fcntl",
         "lseek")


def honest(w, done, rows, what):
    """No signal, no silence, no success that is none."""
    if done.exit == 127 and "shared librar" in done.err:
        return  # the loader's failure, before anything of ours ran
    assert done.exit in CODES, f"{what}: exit {done.exit}, {done.err}"
    if done.exit == 0:
        got = w.server.people()
        assert all(got.get(row["ID"]) == profile_of(row) for row in rows), f"{what}: exit 0, and not everybody is there"
    else:
        assert done.err.strip(), f"{what}: exit {done.exit} without a word"


def count_allocations(w, export):
    count = w.path("count")
    assert w.push(export, speed=0, environment=w.faults(1, count=count)).exit == 0
    with open(count, encoding="utf-8") as stream:
        return int(stream.read())


@sweep(shards=6)
def H1_any_allocation_that_fails_ends_honestly_and_the_next_run_converges(w, mine):
    w.serve()
    rows = people(3)
    export = w.export(rows)
    there = count_allocations(w, export)
    every = 1 if w.full else max(1, there // 60)
    points = [(n, "") for n in range(1, there + 1, every)]
    points += [(n, "+") for n in range(1 + every // 2, there + 1, 11 if w.full else every)]

    def failing(point):
        w.fresh()
        done = w.push(export, speed=0, environment=w.faults(1, alloc=f"{point[0]}{point[1]}"))
        honest(w, done, rows, f"allocation {point[0]}{point[1]}")
        w.figure("allocations that failed")
        w.converge(export, rows)

    try_points(w, mine(points), failing)


@sweep(shards=6)
def D14_any_call_that_fails_ends_honestly_and_the_next_run_converges(w, mine):
    w.serve()
    rows = people(40 if w.full else 6)
    export = w.export(rows)
    counts = w.count_calls(export, CALLS, speed=SPEED)
    ways = [(call, k, error) for error in ("EIO", "ENOSPC") for call, count in counts.items()
            for k in range(1, count + 1) if error == "EIO" or call in ("write", "pwrite64", "openat", "fsync", "mkdir")]
    points = ways[:: 1 if w.full else max(1, len(ways) // 110)]

    def failing(point):
        call, k, error = point
        w.fresh()
        done = w.strace(export, f"{call}:error={error}:when={k}", speed=SPEED)
        honest(w, done, rows, f"{call} {k} {error}")
        w.figure("system calls that failed")
        w.converge(export, rows)

    try_points(w, mine(points), failing)


@fault
def D14_after_a_sync_that_failed_nothing_more_is_sent_and_the_exit_is_12(w):
    w.serve()
    rows = people(40)
    export = w.export(rows)
    failed = 0
    for k in (3, 5, 8, 12):
        w.fresh()
        w.server.on("- take apply nap 60 answer")  # each answer in a commit of its own
        done = w.strace(export, f"fdatasync:error=EIO:when={k}", options=("--limit", "20"))
        if done.exit == 0:
            continue
        failed += 1
        assert done.exit == 12, (k, done.exit, done.err)
        assert len(w.server.deliveries()) < 20, "it went on sending"
    assert failed, "no sync failed"
    w.converge(export, rows)


@fault
def D13_a_disk_that_fills_up_stops_the_sending_first_and_leaves_the_state_whole(w):
    if os.geteuid() != 0:
        raise Skip("a small tmpfs needs root")
    w.serve()
    rows = people(150)
    export = w.export(rows)
    folder = w.path("state")
    sizes = range(40, 700, 20 if w.full else 60)
    codes = set()
    for kib in sizes:
        w.server.forget()
        os.makedirs(folder, exist_ok=True)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kib}k,mode=0700", "none", folder],
                                 capture_output=True)
        if mounted.returncode != 0:
            raise Skip("no tmpfs can be mounted here")
        try:
            done = w.push(export)
            honest(w, done, rows, f"{kib} KiB")
            codes.add(done.exit)
            w.figure("sizes of a disk that fills up")
            subprocess.run(["mount", "-o", "remount,size=64m", folder], check=True)
            w.converge(export, rows)
        finally:
            # lazily: a program that another test starts at this moment may still hold it
            subprocess.run(["umount", "--lazy", folder], check=True)
    assert 12 in codes, codes


@fault
def D13_a_file_size_limit_is_as_a_full_disk(w):
    """The stand-in for a small tmpfs; SIGXFSZ must not end the program (H2)."""
    w.serve()
    rows = people(150)
    export = w.export(rows)
    codes = set()
    for kib in range(4, 260, 8 if w.full else 24):
        w.fresh()
        done = limited(w, export, {resource.RLIMIT_FSIZE: kib * 1024})
        honest(w, done, rows, f"files of {kib} KiB")
        codes.add(done.exit)
        w.converge(export, rows)
    assert 12 in codes, codes


def limited(w, export, limits, *options):
    def lower():
        for which, most in limits.items():
            resource.setrlimit(which, (most, most))
    done = subprocess.run(w.command("push", export, "--rate", "none", "--first-load", "--json", *options),
                          capture_output=True, env=w.environment(), cwd=w.folder, preexec_fn=lower, timeout=60)
    out = Outcome(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))
    w.said += [out.out, out.err]
    return out


@fault
def H2_low_limits_end_honestly_and_the_next_run_converges(w):
    w.serve()
    rows = people(30)
    export = w.export(rows)
    cases = [{resource.RLIMIT_NOFILE: n} for n in range(4, 26, 1 if w.full else 3)]
    cases += [{resource.RLIMIT_AS: mib << 20} for mib in range(24, 160, 4 if w.full else 16)]
    for limits in cases:
        w.fresh()
        done = limited(w, export, limits)
        if done.exit == 127 or (done.exit < 0 and not done.err and resource.RLIMIT_AS in limits
                                and limits[resource.RLIMIT_AS] < 48 << 20):
            continue  # the loader had not room enough for the libraries
        honest(w, done, rows, str(limits))
        w.figure("limits of the process")
        w.converge(export, rows, repeats=GROUP)
