#!/usr/bin/env python3
"""What a competent script does instead of opspush: csv, a dictionary of digests, sqlite3; the same mapping by hand.

    rival.py EXPORT STATE [--keep]

Maps every row as mappings/banner-students.jsonc says, digests each person's values, compares with the digests in the
SQLite file STATE (where there is one) and prints how many people are new, changed, unchanged and gone. --keep stores the
digests. It knows no trace, no guard, no limit, no reason for a rejected row: what is measured is the bare work.
"""
import csv
import hashlib
import os
import re
import sqlite3
import sys
import unicodedata

HERE = os.path.dirname(os.path.abspath(__file__))
MAPPINGS = os.path.join(HERE, "..", "..", "mappings")
EMPTY = {"", "(null)", "NULL", "N/A", "--", "."}
MONTHS = {m: i for i, m in enumerate("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(), 1)}
USER_TYPES = {"UG,FT": "1", "UG,PT": "9", "GR,FT": "1", "GR,PT": "9"}
STRAIGHT = {0x2018: "'", 0x2019: "'", 0x201A: "'", 0x201B: "'", 0x02BC: "'", 0x201C: '"', 0x201D: '"', 0x201E: '"'}
ID = re.compile(r"@?[A-Z]?[0-9]{8}\Z")
EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+\Z")
CANADIAN = re.compile(r"[A-Z][0-9][A-Z][0-9][A-Z][0-9]\Z")
SPACES = re.compile(r"[ \t\u00a0]+")
NOT_DIGITS = re.compile(r"[^0-9]")
LINES = re.compile(r"\s*[\r\n]+\s*")


def provinces():
    with open(os.path.join(MAPPINGS, "lists", "provinces.csv"), newline="", encoding="utf-8") as file:
        return {row["BANNER"].strip(): row["OPSCOM"].strip() for row in csv.DictReader(file)}


def one_space(text):
    return SPACES.sub(" ", text.strip())


def names(text):
    text = one_space(text.translate(STRAIGHT))
    return text.title() if text.isupper() or text.islower() else text


def postal_code(text):
    text = text.upper().replace(" ", "").replace("-", "")
    if CANADIAN.match(text):
        return text[:3] + " " + text[3:]
    if text.isdigit() and len(text) in (5, 9):
        return text if len(text) == 5 else text[:5] + "-" + text[5:]
    return ""


def phone(text):
    digits = NOT_DIGITS.sub("", text)
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}" if len(digits) == 10 else ""


def date(text):
    part = text.split("-")
    if len(part) != 3:
        return ""
    if len(part[0]) == 4:
        return text
    return f"{part[2]}-{MONTHS[part[1].upper()]:02}-{int(part[0]):02}" if part[1].upper() in MONTHS else ""


def student_no(text):
    text = text.strip().lstrip("=").strip('"').replace("-", "")
    return "S" + text.rjust(9, "0") if text else ""


def profile(cell, province):
    """The values of a person in a fixed order, or None when the row is left out or rejected."""
    if cell["STST_CODE"] not in ("AS", "RE") or cell["CONFID_IND"] == "Y" or cell["DEAD_IND"] == "Y":
        return None
    key = cell["ID"].upper()
    email = (cell["EMAIL_UNIV"] or cell["EMAIL_PERS"]).split(";")[0].strip().lower()
    if cell["LAST_NAME"].startswith("MULTIPLE ID") or not ID.match(key) or not EMAIL.match(email):
        return None
    street = ", ".join(part for part in (cell["STREET1"], cell["STREET2"], cell["STREET3"]) if part)
    licence_prov, _, licence = cell["DRIVER_LIC"].upper().partition("/")
    level = cell["LEVL_CODE"]
    return (key, "SAML", student_no(cell["STUDENT_NO"]), names(cell["PREF_FIRST_NAME"] or cell["FIRST_NAME"]),
            names(" ".join(part for part in (cell["SURNAME_PREFIX"], cell["LAST_NAME"]) if part)),
            cell["EXTERNAL_USER"].lower() + "@example.edu", email,
            one_space(LINES.sub(", ", street)).replace("C/O", "c/o"), names(cell["CITY"]),
            province.get(cell["STAT_CODE"].upper(), ""), postal_code(cell["ZIP"]),
            phone(cell["CELL_AREA"] + cell["CELL_NUMBER"]), one_space(cell["HOME_PHONE"]), date(cell["BIRTH_DATE"]),
            "3" if level in ("UG", "GR") else "", licence, province.get(licence_prov, ""))


def digests(path):
    """Of each person: the rank of the row that counts, and its digest."""
    province, people = provinces(), {}
    with open(path, newline="", encoding="windows-1252") as file:
        rows = csv.reader(file, strict=True)
        heading = next(rows)
        for row in rows:
            cell = dict(zip(heading, ("" if (text := raw.strip()) in EMPTY else text for raw in row)))
            values = profile(cell, province)
            if values is None:
                continue
            text = "\x1f".join(values)
            if not text.isascii():
                text = unicodedata.normalize("NFC", text)
            rank = (cell["ATYP_CODE"] == "MA", cell["SEQNO"])
            known = people.get(values[0])
            if known is None or rank > known[0]:
                people[values[0]] = rank, hashlib.blake2b(text.encode(), digest_size=16, key=b"bench").digest()
    return people


def main():
    export, state = sys.argv[1:3]
    today = digests(export)
    base = sqlite3.connect(state)
    base.execute("CREATE TABLE IF NOT EXISTS delivered(id TEXT PRIMARY KEY, digest BLOB) WITHOUT ROWID")
    before = dict(base.execute("SELECT id, digest FROM delivered"))
    new = sum(key not in before for key in today)
    same = sum(before.get(key) == digest for key, (_, digest) in today.items())
    gone = sum(key not in today for key in before)
    print(f"{len(today)} people: {new} new, {len(today) - new - same} changed, {same} unchanged, {gone} gone")
    if "--keep" in sys.argv:
        base.executemany("INSERT OR REPLACE INTO delivered VALUES(?, ?)", ((k, d) for k, (_, d) in today.items()))
        base.commit()


main()
