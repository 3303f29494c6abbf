"""Debian's chromium, headless: a picture, a print, and what the page logged."""

import os
import re
import shutil
import struct
import subprocess
import tempfile
import zlib

PROGRAM = shutil.which("chromium")
OPTIONS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
           "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--enable-logging=stderr"]
DARK = ["--blink-settings=preferredColorScheme=0", "--force-dark-mode"]


def run(page, *options):
    """Gives the lines that the page logged."""
    profile = tempfile.mkdtemp(prefix="opspush-browser-")
    try:
        done = subprocess.run([PROGRAM, *OPTIONS, f"--user-data-dir={profile}", *options, "file://" + page],
                              capture_output=True, timeout=120)
        log = done.stderr.decode(errors="replace")
        assert done.returncode == 0, log
        return [line for line in log.splitlines() if "CONSOLE" in line]
    finally:
        shutil.rmtree(profile, ignore_errors=True)


def picture(page, out, dark=False, width=1200, height=1600):
    logged = run(page, *(DARK if dark else []), f"--window-size={width},{height}", f"--screenshot={out}")
    return logged, first_pixel(out), os.path.getsize(out)


def printed(page, out):
    """Prints to PDF; gives what was logged and, with pdftotext, the words on paper."""
    logged = run(page, "--no-pdf-header-footer", f"--print-to-pdf={out}")
    assert open(out, "rb").read(5) == b"%PDF-"
    if not shutil.which("pdftotext"):
        return logged, None
    done = subprocess.run(["pdftotext", "-raw", out, "-"], capture_output=True, check=True)
    return logged, re.sub(r"\s+", "", done.stdout.decode())


def first_pixel(path):
    """Red, green and blue of the upper left corner: no filter of PNG changes a picture's first pixel."""
    data = open(path, "rb").read()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    packed, at = b"", 8
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        packed += data[at + 8:at + 8 + length] if kind == b"IDAT" else b""
        at += length + 12
    return tuple(zlib.decompressobj().decompress(packed, 4)[1:4])
