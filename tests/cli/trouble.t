#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every kind of trouble by itself: what arrives, what the ledger says of it, and what is noted with the report."""
import base64
import binascii
import bz2
import gzip
import io
import lzma
import os
import quopri
import random
import sqlite3
import struct
import subprocess
import sys
import tarfile
import time
import zipfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from kit import BIN, Box, Skip, holds, main, most_memory, report, same, test  # noqa: E402

XML = report()
GZ = gzip.compress(XML, mtime=0)
HEADS = "From: r@receiver.example\nSubject: Report Domain: example.org\n"


def zipped(members, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


def headless(data):
    """A zip without its directory."""
    return data[:data.rindex(b"PK\x01\x02")]


def b64(data):
    return base64.encodebytes(data).decode()


def uu(data):
    lines = [binascii.b2a_uu(data[i:i + 45]).decode() for i in range(0, len(data), 45)]
    return "begin 644 r.xml.gz\n" + "".join(lines) + "`\nend\n"


def part(data, kind="application/gzip", encoding="base64", name="r.xml.gz"):
    how = f"Content-Transfer-Encoding: {encoding}\n" if encoding else ""
    return f"Content-Type: {kind}\n{how}Content-Disposition: attachment; filename={name}\n\n{b64(data)}"


def mail(*parts, boundary="b"):
    body = "".join(f"--{boundary}\n{p}\n" for p in parts)
    return f"{HEADS}MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary={boundary}\n\n{body}--{boundary}--\n"


def single(headers, body):
    return f"{HEADS}MIME-Version: 1.0\n{headers}\n\n{body}"


def check(name, data, states, *words, messages=None):
    """states in the ledger's order; words must stand in the report's notes or in the ledger's reasons, '' for none."""
    box = Box()
    run = box.run("ingest", box.put("x", data))
    have = box.ask("SELECT state, reason FROM v_intake")
    said = " | ".join(r or "" for _, r in have) + " | " + " | ".join(n or "" for (n,) in box.ask("SELECT notes FROM v_reports"))
    same([state for state, _ in have], list(states), f"{name}: states ({said}) {run.err.strip()}")
    for word in words:
        holds(word in said, f"{name}: {word!r} is told: {said}")
    if not words:
        holds(not said.strip(" |"), f"{name}: nothing to tell, but {said}")
    same(run.returncode, 3 if {"damaged", "retry"} & set(states) else 0, f"{name}: exit status")
    for state, reason in have:
        holds(state == "stored" or reason, f"{name}: a reason for {state}")
        if state == "damaged":
            holds(os.path.join(box.path, "x") in run.err and reason in run.err, f"{name}: file and reason on stderr: {run.err}")
    want = 3 * states.count("stored") if messages is None else messages
    same(box.ask("SELECT coalesce(sum(messages), 0) FROM v_records"), [(want,)], f"{name}: messages")
    return box


@test
def encodings_are_found_out():
    text = XML.decode()
    accent = text.replace("Receiver", "Caf\u00e9")
    for name, data, org, *words in (
            ("UTF-16 with a mark", b"\xff\xfe" + accent.replace("UTF-8", "UTF-16").encode("utf-16-le"), "Caf\u00e9"),
            ("UTF-16 without", accent.replace("UTF-8", "UTF-16").encode("utf-16-be"), "Caf\u00e9"),
            ("UTF-16, blanks behind the mark", b"\xff\xfe" + ("\r\n \r\n" + accent.replace("UTF-8", "UTF-16")).encode("utf-16-le"), "Caf\u00e9", "recovered"),
            ("UTF-16, blanks behind the other mark", gzip.compress(b"\xfe\xff" + ("\n" * 40 + accent.replace("UTF-8", "UTF-16")).encode("utf-16-be")), "Caf\u00e9", "recovered"),
            ("UTF-16, blanks behind the mark, no declaration", b"\xff\xfe" + (" \n" + accent.split("\n", 1)[1]).encode("utf-16-le"), "Caf\u00e9"),
            ("UTF-16 called UTF-8", accent.encode("utf-16-le"), "Caf\u00e9", "read as UTF-16"),
            ("UTF-16, malformed", b"\xff\xfe" + text.replace("Receiver", "A & B").replace("UTF-8", "UTF-16").encode("utf-16-le"), "A & B", "recovered"),
            ("UTF-8 called UTF-16", accent.replace("UTF-8", "UTF-16").encode(), "Caf\u00e9", "recovered"),
            ("windows-1252 called UTF-8", accent.encode("latin-1"), "Caf\u00e9", "read as windows-1252"),
            ("UTF-8 called us-ascii", accent.replace("UTF-8", "us-ascii").encode(), "Caf\u00e9", "encoding it declares"),
            ("8 bit called us-ascii", accent.replace("UTF-8", "us-ascii").encode("latin-1"), "Caf\u00e9", "read as windows-1252"),
            ("8 bit called us-ascii, late", accent.replace("UTF-8", "us-ascii").replace("<feedback>", "<feedback><x>" + "y" * 70000 + "</x>").encode("latin-1"),
             "Caf\u00e9", "read as windows-1252"),
            ("an unknown name", accent.replace("UTF-8", "x-none").encode(), "Caf\u00e9", "recovered"),
            ("an unknown name, 8 bit", accent.replace("UTF-8", "x-none").encode("latin-1"), "Caf\u00e9", "read as windows-1252"),
            ("koi8-r", text.replace("UTF-8", "koi8-r").replace("Receiver", "\u041f\u0438").encode("koi8-r"), "\u041f\u0438"),
            ("Shift_JIS", text.replace("UTF-8", "Shift_JIS").replace("Receiver", "\u65e5").encode("shift_jis"), "\u65e5")):
        box = check(name, data, ["stored"], *words)
        same(box.ask("SELECT org_name FROM v_reports"), [(org,)], name)


@test
def mails_whose_mime_is_broken_or_missing_are_read():
    raw, quoted = "raw bytes of a mail", quopri.encodestring(XML).decode()
    inner = mail(part(GZ), boundary="c")
    for name, data, *words in (
            ("no boundary", mail(part(GZ)).replace("; boundary=b", ""), raw),
            ("wrong boundary", mail(part(GZ)).replace("boundary=b", "boundary=z"), raw),
            ("no last boundary", mail(part(GZ)).replace("--b--", "")),
            ("base64 undeclared", single("Content-Type: application/gzip", b64(GZ)), raw),
            ("base64 declared 7bit", mail(part(GZ, encoding="7bit")), raw),
            ("base64 by an unknown name", mail(part(GZ, encoding="x-none")), raw),
            ("base64 of XML undeclared", single("Content-Type: text/xml", b64(XML)), raw),
            ("base64 of XML with a mark undeclared", single("Content-Type: text/xml", b64(b"\xef\xbb\xbf" + XML)), raw),
            ("base64 of zip undeclared", single("Content-Type: application/zip", b64(zipped([("r.xml", XML)]))), raw),
            ("base64 in one line", mail(part(GZ).replace(b64(GZ), base64.b64encode(GZ).decode() + "\n"))),
            ("base64 without any header", b64(GZ), "without a mail's header"),
            *((f"base64 of {len(data)} bytes, undeclared and not padded", single("Content-Type: application/gzip", b64(data).rstrip("=\n")), raw)
              for data in (gzip.compress(XML + b"\n" * n, mtime=0) for n in range(9))),
            ("base64 of zip without any header", "\n" + b64(zipped([("r.xml", XML)])), "without a mail's header"),
            ("headers of a part alone", part(GZ)),
            ("base64 of a mail", mail("Content-Type: text/plain\n\nfwd\n", f"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{b64(inner.encode())}")),
            ("quoted-printable of a mail", mail(f"Content-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable\n\n{quopri.encodestring(inner.encode()).decode()}")),
            ("a mail as an attachment", mail(part(inner.encode(), "application/octet-stream", name="fwd.eml"))),
            ("a mail in a zip in a mail", mail(part(zipped([("fwd.eml", inner)]), "application/zip"))),
            ("uuencoded inline", single("Content-Type: text/plain", "hello\n\n" + uu(GZ)), raw),
            ("uuencoded in a part", mail("Content-Type: text/plain\n\nhello\n\n" + uu(XML)), raw),
            ("uuencoded and declared", single("Content-Type: application/gzip\nContent-Transfer-Encoding: x-uuencode", uu(GZ))),
            ("quoted-printable", single("Content-Type: text/xml\nContent-Transfer-Encoding: quoted-printable", quoted)),
            ("quoted-printable undeclared", single("Content-Type: text/xml", quoted), "quoted-printable undone"),
            ("a zip at the top", single("Content-Type: application/zip\nContent-Transfer-Encoding: base64", b64(zipped([("r.xml", XML)])))),
            ("binary", single("Content-Type: application/gzip\nContent-Transfer-Encoding: binary", "").encode() + GZ),
            ("XML declared base64", mail("Content-Type: text/xml\nContent-Transfer-Encoding: base64\n\n" + XML.decode()), raw),
            ("XML in quoted-printable, declared base64", mail("Content-Type: text/xml\nContent-Transfer-Encoding: base64\n\n" + quoted), raw, "quoted-printable undone"),
            ("XML within text", single("Content-Type: text/plain", "Hello\n\n" + XML.decode()), "recovered"),
            ("a line that is no header", "no header at all\n" + mail(part(GZ))),
            ("CRLF", mail(part(GZ)).replace("\n", "\r\n")),
            ("a byte order mark", b"\xef\xbb\xbf" + mail(part(GZ)).encode())):
        check(name, data, ["stored"], *words)
    for name, data in (("two, boundary wrong", mail(part(GZ), part(gzip.compress(report("2")))).replace("boundary=b", "boundary=z")),
                       ("one sound, one undeclared", mail(part(GZ), part(gzip.compress(report("2")), encoding="")))):
        check(name, data, ["stored", "stored"], raw)


@test
def a_mail_is_known_whatever_servers_put_above_its_header():
    letter = mail(part(GZ))
    spam = "X-Spam-Report:\n" + "".join(f"\t* 0.{n} RULE_{n} BODY: text\n" for n in range(50))
    for name, above in (("a long report of a filter", spam), ("a seal", "ARC-Message-Signature: i=1\n" + " b=aaa\n" * 60), ("45 fields", "".join(f"X-H{n}: y\n" for n in range(45))),
                        ("one field of 9 KiB", "X-MS-Exchange-Foo: " + "a" * 9000 + "\n"), ("one of 9 KiB, folded", "X-MS-Exchange-Foo: a\n" + "\tbbbb\n" * 2000),
                        ("one, and many that are not known", "X-H: y\n" + "".join(f"H{n}: y\n" for n in range(60)))):
        for data in (above + letter, (above + letter).replace("\n", "\r\n")):
            check(name, data, ["stored"])
    check("no other field", "X-A: b\nX-C: d\n\n" + b64(GZ), ["stored"], "raw bytes of a mail")
    for name, data in (("lines", "X-A: b\nwords\nX-C: d\n"), ("one field", "X-A: b\n"), ("a table", "a: b\n" * 3000)):
        check(name, data, ["not_a_report"], "neither XML nor mail")
    check("words before XML", b"X-A: b\nC: d\n" + XML, ["stored"], "recovered")


@test
def each_report_of_a_mail_is_read_whatever_its_encoding_and_type():
    def raw(data, kind, encoding="base64"):
        return f"Content-Type: {kind}\nContent-Transfer-Encoding: {encoding}\n\n{b64(data) if encoding == 'base64' else quopri.encodestring(data).decode()}"

    second, far = report("2").decode(), report("2").replace(b"<feedback>", b"<!--" + b"x" * 9000 + b"--><feedback>")
    octets = "application/octet-stream"
    wide = {name: second.replace("UTF-8", "UTF-16").encode(name) for name in ("utf-16", "utf-16-le", "utf-16-be")}
    for name, data in ((*wide.items(), ("no declaration", second.split("\n", 1)[1].encode("utf-16")), ("behind much else", far))):
        for encoding in ("base64", "quoted-printable"):
            check(f"{name}, {encoding}", mail(part(GZ), raw(data, octets, encoding)), ["stored"] * 2)
            check(f"{name}, {encoding}, alone", mail("Content-Type: text/plain\n\nhello\n", raw(data, octets, encoding)), ["stored"])
    check("a page", mail(raw(b'<?xml version="1.0"?><html/>', "text/html"), part(GZ)), ["stored"])
    check("other XML", mail(raw(b'<?xml version="1.0"?><a/>', octets), part(GZ)), ["not_a_report", "stored"], "no <feedback>")


@test
def encodings_that_decoders_end_at_too_early_are_read_whole():
    raw, mended = "raw bytes of a mail", "decoded to its end"

    def padded(data, size, line=0):
        """Each piece encoded by itself, in one line or in lines of its own."""
        pieces = [base64.b64encode(data[i:i + size]).decode() for i in range(0, len(data), size)]
        text = "\n".join(pieces) if line else "".join(pieces)
        return text if line else "\n".join(text[i:i + 76] for i in range(0, len(text), 76))

    for size in (17, 55, 100, 200):
        for data, kind in ((GZ, "application/gzip"), (XML, "text/xml")):
            for line in (0, 1):
                text = padded(data, size, line)
                check(f"{kind}, {size}, {line}", single(f"Content-Type: {kind}\nContent-Transfer-Encoding: base64", text), ["stored"], mended)
                check(f"{kind}, {size}, {line}, undeclared", single(f"Content-Type: {kind}", text), ["stored"], raw)
    for size in (21, 100):
        text = padded(GZ, size) + "\n"
        for footer in ("-- \nmailing list\n", "\nThis is a mailing list\n", "To leave: x@lists.example\n"):
            check(f"{size}, a footer", single("Content-Type: application/gzip\nContent-Transfer-Encoding: base64", text + footer), ["stored"], *[mended] * (size == 100))
    for fill in range(24):
        full = uu(gzip.compress(XML + b" " * fill, mtime=0)).replace("`", " ")
        bare = "".join(line.rstrip(" \n") + "\n" for line in full.splitlines(True))
        lost = bare != full.replace("\n \n", "\n\n")
        for name, data, words in (("text", single("Content-Type: text/plain", "hello\n\n" + bare), [raw]),
                                  ("declared", single("Content-Type: application/gzip\nContent-Transfer-Encoding: x-uuencode", bare), [mended] * lost)):
            for way in (data, data.replace("\n", "\r\n")):
                check(f"uuencode without blanks, {fill}, {name}", way, ["stored"], *words)


@test
def lines_may_end_in_cr_alone():
    letter, words = mail("Content-Type: text/plain\n\nhello\n", part(GZ)), "CR alone"
    stamp = "From a@b.example Tue Nov 24 10:00:00 2026\n"
    box = stamp + letter + "\n" + stamp + mail(part(gzip.compress(report("2"))))
    for name, data, count in (("a mail", letter, 1), ("a mailbox", box, 2)):
        bare = data.replace("\n", "\r").encode()
        check(name, bare, ["stored"] * count, words)
        check(f"{name}, gzip", gzip.compress(bare), ["stored"] * count, words)
        check(f"{name}, zip", zipped([("a", bare)]), ["stored"] * count, words)
    box = Box()
    box.run("ingest", box.put("in/cur/1:2,S", letter.replace("\n", "\r")), box.put("in/new/1", ""))
    same(box.states()[-1], "stored", "of a maildir")


@test
def words_of_a_letter_are_not_taken_for_encoded_reports():
    letter = "PARTICIPANTSAREINVITED\nUEsDelicatessenAndMore\nH4sIncorporatedLimited\nbegin 644 in the morning\n\nPAYMENTCONFIRMATION\n"
    check("letter", single("Content-Type: text/plain", letter), ["not_a_report"], "a mail without a report")
    check("bare", letter, ["not_a_report"], "neither XML nor mail")
    check("a header quoted in a letter", mail("Content-Type: text/plain\n\nFrom: a@b.example\nSubject: x\n\n" + "y\n"), ["not_a_report"], "a mail without a report")


@test
def names_of_attachments_are_decoded_and_trusted_for_nothing():
    for name, want in (("=?UTF-8?B?csOpLnhtbC5neg==?=", "r\u00e9.xml.gz"), ("\"../../etc/passwd\"", "../../etc/passwd"), ("\"a\x1b[31m.gz\"", "a\\x1b[31m.gz")):
        box = check(name, mail(part(GZ, name=name)), ["stored"])
        same(box.ask("SELECT origin FROM v_intake")[0][0].split("/part 1/", 1)[1], want, name)
        same(sorted(os.listdir(box.path)), ["a.db", "a.db.lock", "x"], "no file of any such name")
    data = mail(part(GZ).replace("filename=r.xml.gz", "filename*0*=UTF-8''r%C3%A9;\n filename*1=.xml.gz"))
    same(check("RFC 2231", data, ["stored"]).ask("SELECT origin FROM v_intake")[0][0].split("/part 1/", 1)[1], "r\u00e9.xml.gz")


@test
def archives_in_every_state_of_repair():
    two = zipped([("r.xml", XML), ("s.xml", report("2"))])
    whole = zipped([("r.xml", XML)])
    rescued = "without a directory"
    locked = bytearray(headless(whole))
    locked[6] |= 1
    spoiled = bytearray(whole)
    spoiled[60] ^= 255
    crc = bytearray(whole)
    crc[crc.index(b"PK\x01\x02") + 16] ^= 1
    ppmd = bytearray(zipped([("r.xml", XML)], zipfile.ZIP_STORED))
    for header, at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        ppmd[ppmd.index(header) + at] = 98
    streamed = io.BytesIO()

    class Pipe(io.RawIOBase):
        def writable(self):
            return True

        def write(self, data):
            return streamed.write(data)

    with zipfile.ZipFile(Pipe(), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("r.xml", XML)
    for name, data, states, *words in (
            ("gzip, CRLF behind", GZ + b"\r\n", ["stored"], "2 bytes after"),
            ("gzip, CRLF before", b"\r\n" + GZ, ["stored"], "before the compressed data"),
            ("gzip, cut", GZ[:-12], ["damaged"], "cut short"),
            ("gzip in two members", gzip.compress(XML[:90]) + gzip.compress(XML[90:]), ["stored"]),
            ("gzip, zeros between members", gzip.compress(XML[:90]) + bytes(512) + gzip.compress(XML[90:]), ["stored"]),
            ("gzip of nothing", gzip.compress(b""), ["not_a_report"], "empty"),
            ("gzip of zip of gzip", gzip.compress(zipped([("a", GZ)])), ["stored"]),
            ("zip, no directory", headless(whole), ["stored"], rescued),
            ("zip, no directory, sizes behind the data", headless(streamed.getvalue()), ["stored"], rescued),
            ("zip, no directory, stored", headless(zipped([("r.xml", XML)], zipfile.ZIP_STORED)), ["stored"], rescued),
            ("zip, no directory, two members", two[:two.index(b"PK\x01\x02")], ["stored", "stored"], rescued),
            ("zip, no directory, a zip within", headless(zipped([("in.zip", whole)], zipfile.ZIP_STORED)), ["stored"], rescued),
            ("zip, no directory, encrypted", bytes(locked), ["damaged"], "encrypted"),
            ("zip, no directory, lzma", headless(zipped([("r.xml", XML)], zipfile.ZIP_LZMA)), ["damaged"], "zip method (14)"),
            ("zip, PPMd, no directory", headless(bytes(ppmd)), ["damaged"], "zip method (98)"),
            ("zip, cut in its data", whole[:whole.index(b"PK\x01\x02") - 30], ["damaged"], "cut short"),
            ("zip, junk before", b"some junk" + whole, ["stored"], rescued),
            ("zip, much junk behind", whole + b"x" * 70000, ["stored"], rescued),
            ("zip, PPMd", bytes(ppmd), ["damaged"], "not supported"),
            ("zip, bzip2 within", zipped([("r.xml", XML)], zipfile.ZIP_BZIP2), ["stored"]),
            ("zip, wrong checksum", bytes(crc), ["stored"], "CRC error"),
            ("zip, spoiled data", bytes(spoiled), ["damaged"], "damaged zip member"),
            ("zip, a file called like a folder", zipped([("a/", ""), ("bcd", XML)]).replace(b"bcd", b"bc/"), ["stored"]),
            ("zip, no directory, a file called like a folder", headless(zipped([("a/", ""), ("bcd", XML)]).replace(b"bcd", b"bc/")), ["stored"], rescued),
            ("zip, only folders", zipped([("a/", "")]), ["not_a_report"], "nothing in it"),
            ("zip, an empty file", zipped([("a.xml", "")]), ["not_a_report"], "empty")):
        check(name, data, states, *words)


@test
def damage_before_a_report_begins_is_damage():
    def flipped(data, at, bit=1):
        return data[:at] + bytes([data[at] ^ bit]) + data[at + 1:]

    stored = gzip.compress(XML, 0, mtime=0)
    letter = mail("Content-Type: text/plain\n\nhello\n", part(GZ)).encode()
    for name, data, *words in (("at its start", flipped(GZ, 12), "damaged compressed data"), ("cut at once", GZ[:40], "cut short"), ("cut in its first word", stored[:25], "cut short"),
                               ("in a mail", mail(part(GZ[:40])), "cut short"), ("in a zip", zipped([("r.gz", GZ[:40])]), "cut short"),
                               ("of text", gzip.compress(b"words\n" * 9, 0)[:30], "cut short"), ("of blanks", gzip.compress(b" " * 99, 0)[:30], "cut short"),
                               ("of a mail", gzip.compress(letter, 0)[:180], "cut short"), ("of a mail within a mail", mail(part(gzip.compress(letter, 0)[:180])), "cut short")):
        box = check(name, data, ["damaged"], *words)
        db = sqlite3.connect(box.db)
        same(db.execute("SELECT count(*) FROM raw").fetchall(), [(1,)], f"{name}: kept")
        db.close()
    # A mail of which a report was read says what it ends in; without damage all is as it was.
    check("a mail cut behind its report", gzip.compress(letter, 0)[:-12], ["stored"], "cut short")
    check("words", gzip.compress(b"words\n" * 9), ["not_a_report"], "neither XML")


@test
def the_bytes_of_a_zip_within_text_make_no_zip_of_it():
    check("XML", XML.replace(b"Receiver", b"A PK\3\4"), ["stored"], "recovered")
    check("a mail", mail("Content-Type: text/plain\n\nhello\n", part(GZ)).replace("Report Domain", "PK\3\4 Report Domain"), ["stored"])
    check("a mail that is one", f"{HEADS}MIME-Version: 1.0\nContent-Type: application/zip\n\n".encode() + zipped([("r.xml", XML)]), ["stored"])


@test
def a_zip_that_promises_billions_of_files_is_refused_before_room_is_made():
    end = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 1 << 40, 1 << 40, 46, 0)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, 0, 1)
    last = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 0xffff, 0xffff, 0xffffffff, 0xffffffff, 0)
    for pad in (0, 2 << 20):
        check("zip64", zipped([("r.xml", XML)])[:60] + bytes(pad) + end + locator + last, ["damaged"], "files: refused")


@test
def what_a_mail_is_for_tells_its_parts():
    tls = f"{HEADS}MIME-Version: 1.0\nContent-Type: multipart/report; report-type=tlsrpt; boundary=b\n\n--b\n{part(gzip.compress(b'[1, 2]'), 'application/tlsrpt+gzip')}\n--b--\n"
    check("a TLS report of nothing known", tls, ["not_a_report"], "an SMTP TLS report")
    check("the same without its type", mail(part(gzip.compress(b"[1, 2]"))), ["not_a_report"], "JSON, not an aggregate report")


@test
def a_mail_of_endless_boundaries_is_refused():
    for lines, state in ((9000, "stored"), (10001, "damaged")):
        data = mail(part(GZ)).replace("--b\n", "--b\nContent-Type: text/plain\n\n" + "--no\n" * lines + "--b\n", 1)
        check(f"{lines} lines", data, [state], *["lines that begin with --: refused"] * (state == "damaged"))


@test
def results_beyond_the_caps_are_passed_over_and_noted():
    for kind, most, more in (("spf", 10, ""), ("dkim", 100, "<selector>s</selector>")):
        for count in (most, most + 2):
            results = "".join(f"<{kind}><domain>d{n}.example</domain>{more}<result>pass</result></{kind}>" for n in range(count))
            data = XML.replace(XML[XML.index(b"<auth_results>"):XML.index(b"</auth_results>")], b"<auth_results>" + results.encode())
            box = check(f"{count} {kind}", data, ["stored"], *["more results than are kept"] * (count > most))
            same(box.ask("SELECT count(*), max(domain = ?) FROM v_auth", f"d{most - 1}.example"), [(most, 1)], kind)


@test
def a_pct_that_is_no_share_is_none():
    for pct in ("all", "101", "-1"):
        box = check(f"pct {pct}", report().replace(b"</p>", f"</p><pct>{pct}</pct>".encode(), 1), ["stored"], "pct unreadable")
        same(box.ask("SELECT pct FROM v_reports"), [(None,)], pct)


@test
def archives_that_are_not_read_are_named():
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        entry = tarfile.TarInfo("r.xml")
        entry.size = len(XML)
        archive.addfile(entry, io.BytesIO(XML))
    for data, word in ((lzma.compress(XML), "an xz file"), (bz2.compress(XML), "a bzip2 file"), (b"\x28\xb5\x2f\xfd" + bytes(60), "a zstd file"),
                       (b"7z\xbc\xaf\x27\x1c" + bytes(60), "a 7z archive"), (b"Rar!\x1a\x07\x00" + bytes(60), "a rar archive"),
                       (b"\x1f\x9d\x90" + bytes(60), "compress"), (b"LZIP\x01" + bytes(60), "an lzip file"), (b"\x78\x9f\x3e\x22\1\0" + bytes(60), "winmail.dat"), (tar.getvalue(), "a tar archive"),
                       (gzip.compress(tar.getvalue()), "a tar archive"), (zipped([("a.xz", lzma.compress(XML))]), "an xz file"),
                       (mail(part(b"7z\xbc\xaf\x27\x1c" + bytes(60))), "a 7z archive")):
        check(word, data, ["not_a_report"], word, "unpack it first")


@test
def several_reports_in_one_stream_are_documents_of_their_own():
    second = report("2")
    bare = second.split(b"\n", 1)[1]
    for name, data in (("two files put together", XML + second), ("the second without a declaration", XML + bare), ("no line break between", XML.rstrip() + bare),
                       ("two gzip members", GZ + gzip.compress(second)), ("in a mail", mail(part(gzip.compress(XML + second))))):
        box = check(name, data, ["stored", "stored"])
        same(sorted(i for (i,) in box.ask("SELECT report_id FROM v_reports")), ["1", "2"], name)
        holds(any(o.endswith("#2") for (o,) in box.ask("SELECT origin FROM v_intake")), name)
    check("in one element", b"<feedbacks>" + bare + bare.replace(b"<report_id>2", b"<report_id>3") + b"</feedbacks>", ["stored", "stored"], "before <feedback>", "after </feedback>")
    check("something between", XML + b"\n--\n" + second, ["stored", "stored"], "after </feedback>")
    check("the second malformed", XML + second.replace(b"Receiver", b"A & B"), ["stored", "stored"], "recovered")
    check("the first malformed", XML.replace(b"Receiver", b"A & B") + second, ["stored", "stored"], "recovered")
    check("the second cut", XML + second[:-40], ["stored", "damaged"], "cut short")
    # The very report, alone: the same content, so no conflict.
    box = Box()
    box.run("ingest", box.put("both", XML + second), box.put("one", XML), box.put("two", second))
    same(box.states(), ["duplicate", "duplicate", "stored", "stored"])
    # Documents of many sizes, so that an end tag falls on every seam of the buffers.
    many = b"".join(report(str(n), org="R" * (n * 37 % 4000)) for n in range(60))
    check("sixty", many, ["stored"] * 60)


@test
def files_of_several_kinds_put_together_are_read_to_the_last():
    text, gz, archive, letter = (report("1"), gzip.compress(report("2"), mtime=0), zipped([("3.xml", report("3")), ("4.xml", report("4"))]),
                                 mail(part(gzip.compress(report("5")))).encode())
    for name, data, count in (("gz, XML", gz + text, 2), ("gz, zip", gz + archive, 3), ("gz, mail", gz + letter, 2), ("XML, gz", text + gz, 2), ("XML, mail, XML", text + letter + report("7"), 3), ("XML, zip", text + archive, 3),
                              ("zip, XML", archive + text, 3), ("zip, gz", archive + gz, 3), ("zip, mail", archive + letter, 3),
                              ("all", text + archive + gz + letter, 5), ("in a part", mail(part(gz + archive + text)), 4),
                              ("a large one first", gzip.compress(report("6", records="<x>" + random.Random(1).randbytes(1 << 20).hex() + "</x>")) + archive + gz, 4)):
        box = check(name, data, ["stored"] * count, *["no record"] * (name == "a large one first"), messages=9 if name == "a large one first" else None)
        same(len({origin for (origin,) in box.ask("SELECT origin FROM v_intake")}), count, f"{name}: origins")
    # A zip between two others is found by its local headers.
    check("zip, gz, zip", archive + gz + zipped([("5.xml", report("5"))]), ["stored"] * 4, "with several")
    # Where it cannot be looked at it is told.
    for name, data, count in (("within gzip: zip, gz", gzip.compress(archive + gz), 2), ("within gzip: zip, gz, zip", gzip.compress(archive + gz + zipped([("5.xml", report("5"))])), 3),
                              ("within gzip: gz, zip", gzip.compress(gz + archive), 1), ("within gzip: mail, mail", gzip.compress(letter + letter.replace(b"From: r", b"From: s")), 1),
                              ("within zip: zip, gz", zipped([("a", archive + gz)]), 2), ("within zip: gz, zip", zipped([("b", text), ("a", gz + archive)]), 2)):
        check(name, data, ["stored"] * count + ["damaged"], "lies behind something else within")
    # A zip without a directory: what lies behind its members is its own.
    for size in (0, 8):
        data = headless(zipped([("a.gz", gz), ("b.zip", archive), ("c.xml", text)], zipfile.ZIP_STORED))
        check(f"rescued, {size}", data[:18] + bytes(size) + data[18 + size:], ["stored"] * 4, "without a directory")
    box = Box()
    run = box.run("ingest", "-", stdin=archive + gz + text)
    same((run.returncode, box.states()), (0, ["stored"] * 4), run.err)


@test
def the_caps_hold_to_the_last_document_and_are_settings():
    docs = [(f"{n}.xml", report(str(n))) for n in range(65)]
    check("64", zipped(docs[:64]), ["stored"] * 64)
    check("65", zipped(docs), ["stored"] * 64 + ["damaged"], "more than 64 documents")
    # Mails put together within a part, in which nothing is, count as well.
    nothing = f"{HEADS}Content-Type: multipart/mixed; boundary=c\n\n--c\n\nhello\n--c--\n".encode()
    check("64 mails of nothing", mail(part(nothing * 64 + GZ), part(gzip.compress(report("2")))), ["stored"] * 2)
    check("65 mails of nothing", mail(part(nothing * 65 + GZ), part(GZ)), ["damaged"], "more than 64 documents")
    config = "limits { %s }\n"
    bomb = gzip.compress(b"<feedback>" + b"<record/>" * 200000)
    for name, limit, data, states, *words in (
            ("members", "members = 2", zipped(docs[:3]), ["stored", "stored", "damaged"], "more than 2 documents"),
            ("nesting", "nesting = 1", gzip.compress(GZ), ["damaged"], "more often than is followed"),
            ("nesting raised", "nesting = 5", gzip.compress(gzip.compress(gzip.compress(gzip.compress(GZ)))), ["stored"]),
            ("out_bytes", "out_bytes = 1048576", bomb, ["damaged"], "more than 1048576 bytes"),
            ("out_bytes of all together", "out_bytes = 2000", zipped(docs[:9]), ["stored", "stored", "damaged"], "decompresses to more than"),
            ("mail_bytes", "mail_bytes = 1048576", mail(part(os.urandom(1 << 20))), ["damaged"], "a mail of", "larger than the 1 MiB"),
            ("archive_bytes", "archive_bytes = 1048576", zipped([("a.zip", zipped([("a", os.urandom(2 << 20))], zipfile.ZIP_STORED))], zipfile.ZIP_STORED),
             ["damaged"], "a zip archive: larger than the 1 MiB"),
            ("depth", "depth = 3", XML, ["damaged"], "nested too deeply"),
            ("unknown_elements", "unknown_elements = 2", XML.replace(b"</feedback>", b"<a/><b/><c/></feedback>"), ["damaged"], "too many unknown elements"),
            ("records", "records = 1", report(records="<record/><record/>"), ["damaged"], "more records"),
            ("text_bytes", "text_bytes = 4", XML, ["stored"], "longer than is kept"),
            ("count", "count = 2", XML, ["stored"], "impossible count")):
        box = Box()
        conf = box.put("c.conf", config % limit, 0o600)
        run = box.run("ingest", box.put("x", data), before=("--now", "2026-11-24", "--config", conf))
        said = str(box.ask("SELECT reason FROM v_intake")) + str(box.ask("SELECT notes FROM v_reports"))
        same(box.states(), sorted(states), f"{name}: {said} {run.err}")
        for word in words:
            holds(word in said, f"{name}: {word}: {said}")
    box = Box()
    for limit in ("nesting = 9", "depth = 257", "text_bytes = 65537", "members = 0"):
        run = box.run("ingest", box.put("x", XML), before=("--config", box.put("c.conf", config % limit, 0o600)))
        same(run.returncode, 4, limit)
        holds(limit.split()[0] in run.err and "c.conf:1" in run.err, run.err)


@test
def names_of_files_that_are_no_text_are_told_as_text():
    box = Box()
    names = [b"\xff\xfe.xml", b"a\nb.mbox", b"\x1b[31m.eml", b"r\xc3\xa9.gz"]
    mails = [mail(part(gzip.compress(report(str(n))))) for n in range(3)]
    datas = [report("9"), "".join(f"From a@b.example Tue Nov 24 10:00:00 2026\n{one}\n" for one in mails[:2]).encode(), mails[2].encode(), b"\x1f\x8b\x08 no gzip at all"]
    os.mkdir(os.path.join(box.path, "in"))
    for name, data in zip(names, datas):
        with open(os.fsencode(box.path) + b"/in/" + name, "wb") as handle:
            handle.write(data)
    for want in (3, 0):
        run = box.run("ingest", os.path.join(box.path, "in"))
        same(run.returncode, want, run.err)
        have = [origin.split("/in/")[1].split("/part")[0] for (origin,) in box.ask("SELECT origin FROM v_intake UNION ALL SELECT origin FROM v_reports")]
        same(sorted(set(have)), sorted({"\\xff\\xfe.xml", "a\\x0ab.mbox#1", "a\\x0ab.mbox#2", "\\x1b[31m.eml", "r\u00e9.gz"}), "origins")
        same(len(have), 10 - 1, "rows")     # the damaged one is no report
        holds(all("/in/" not in (reason or "") for (reason,) in box.ask("SELECT reason FROM v_intake")), "a reason does not repeat the place")


@test
def standard_input_and_named_pipes_are_read_like_files():
    other = report("2")
    box = Box()
    for data in (GZ, zipped([("r.xml", XML)]), mail(part(GZ)).encode(), f"From a@b.example Tue Nov 24 10:00:00 2026\n{mail(part(GZ))}\n".encode(), XML):
        box = Box()
        run = box.run("ingest", "-", stdin=data)
        same((run.returncode, box.states()), (0, ["stored"]), run.err)
        holds(box.ask("SELECT origin FROM v_intake")[0][0].startswith("-"), "origin")
    pipe = os.path.join(box.path, "pipe")
    os.mkfifo(pipe)
    with subprocess.Popen(["sh", "-c", 'cat "$1" > "$2"', "sh", box.put("two", other), pipe]) as writer:
        run = box.run("ingest", pipe)
        writer.wait(timeout=30)
    same((run.returncode, box.states()), (0, ["stored", "stored"]), run.err)


@test
def an_mbox_with_endless_lines_and_zero_bytes_is_split_all_the_same():
    line = b"x" * 300000
    first = mail(part(GZ)).encode().replace(b"\n\n--b\n", b"\n\n" + line + b"\nFrom here on\n>From quoted\n\0\0\n--b\n", 1)
    second = mail(part(gzip.compress(report("2")))).encode()
    stamp = b"From a@b.example Tue Nov 24 10:00:00 2026\n"
    check("mbox", stamp + first + b"\n" + stamp + second + b"\n", ["stored", "stored"])


@test
def a_mailbox_within_something_else_gives_all_its_mails():
    stamp = b"From a@b.example Tue Nov 24 10:00:00 2026\n"
    mails = [mail(part(gzip.compress(report(str(n))))).encode() for n in range(3)]
    box = b"\n".join(stamp + one for one in mails) + b"\n"
    three = ["stored"] * 3
    check("gz", gzip.compress(box), three)
    check("zip", zipped([("in.mbox", box)]), three)
    check("attached", mail(part(box, "application/mbox", name="in.mbox")).encode(), three)
    check("blank lines before it", b"\n\r\n" + box, three)
    check("a byte order mark before it", b"\xef\xbb\xbf" + box, three)
    # More than the documents one mail may hold.
    many = b"\n".join(stamp + mail(part(gzip.compress(report(str(n))))).encode() for n in range(70)) + b"\n"
    check("many", gzip.compress(many), ["stored"] * 70)


@test
def an_mbox_without_empty_lines_between_its_mails_gives_them_all():
    def one(number):
        return mail(part(gzip.compress(report(str(number)))))

    for name, stamp in (("a mailbox", "From a@b.example Tue Nov 24 10:00:00 2026\n"), ("Thunderbird's", "From - Tue Nov 24 10:00:00 2026\nX-Mozilla-Status: 0001\n"),
                        ("a zone, and a quoted line behind", "From a@b.example Tue Nov 24 10:00:00 +0100 2026\n>From a@b.example Tue Nov 24 09:00:00 2026\n")):
        data = "".join(stamp + one(n) for n in range(3))
        check(name, data, ["stored"] * 3)
        check(f"{name}, CRLF", data.replace("\n", "\r\n"), ["stored"] * 3)
    # What is written in a mail is no line between mails.
    said = "From here on, at 10:00 on Tue 24 Nov 2026, it is quiet.\n"
    quoted = "> From a@b.example Tue Nov 24 10:00:00 2026\n>From a@b.example Tue Nov 24 10:00:00 2026\n"
    log = "In the log:\nFrom a@b.example Tue Nov 24 10:00:00 2026\nwas seen.\n"
    stamp = "From a@b.example Tue Nov 24 10:00:00 2026\n"
    for text in (said, "\n" + said + "\nAll the best", quoted, log):
        check(text, stamp + mail("Content-Type: text/plain\n\n" + text, part(GZ)) + stamp + one(2), ["stored"] * 2)


@test
def mails_put_together_by_cat_are_read_each():
    def alone(number):
        return f"{HEADS}MIME-Version: 1.0\nContent-Type: application/gzip\nContent-Transfer-Encoding: base64\n\n{b64(gzip.compress(report(str(number))))}"

    def several(number):
        return mail(part(gzip.compress(report(str(number))))).replace("From: r@", f"From: r@{number}.")

    for name, data, count in (("two", several(1) + several(2), 2), ("empty lines between", several(1) + "\n\n" + several(2) + "\n", 2), ("of one part", alone(1) + alone(2) + alone(3), 3),
                              ("of both kinds", alone(1) + several(2) + "\n" + alone(3) + several(4), 4), ("From_ lines without a date", "".join(f"From a@b\n{several(n)}" for n in range(3)), 3),
                              ("an mbox without its first line", several(1) + "\nFrom a@b Tue Nov 24 10:00:00 2026\n" + several(2), 2),
                              ("forty", "".join(several(n) for n in range(40)), 40), ("a large one first", mail(part(os.urandom(1 << 20)), part(GZ)) + several(2) + several(3), 3)):
        for data in (data, data.replace("\n", "\r\n")):
            check(name, data, ["stored"] * count)
    # Each is its own sender's.
    box = Box()
    box.run("ingest", "-", stdin=(several(1) + several(2)).encode())
    same(box.ask("SELECT mail_from FROM v_reports ORDER BY 1"), [("1.receiver.example",), ("2.receiver.example",)])
    # What stands behind the last boundary and is no mail is nothing; a mail whose end stands too early is one all the same.
    check("a footer", mail(part(GZ)) + "\n_____\nTo leave: https://lists.example/\n", ["stored"])
    check("ended early", mail(part(GZ)).replace("--b\n", "--b--\n--b\n", 1), ["stored"], "raw bytes of a mail")


@test
def gzip_members_with_line_ends_between_are_read():
    check("two", gzip.compress(report("1")) + b"\r\n" + gzip.compress(report("2")) + b"\r\n", ["stored", "stored"], "2 bytes after")


@test
def a_mail_of_an_endless_header_is_refused():
    check("header", b"From: a@b.example\nSubject: x\n" + b"X-A: b\n" * 200000 + b"\nhello\n", ["damaged"], "header of more than")


@test
def so_is_one_whose_parts_or_inner_mails_have_endless_headers():
    top, many = b"From: a@b.example\nSubject: x\nMIME-Version: 1.0\nContent-Type: multipart/%s; boundary=b\n\n--b\n", b"X-A: b\n" * 900000
    for name, kind, begins in (("part", b"mixed", b""), ("odd", b"mixed", b"no field\n"), ("inner", b"mixed", b"Content-Type: message/rfc822\n\n"), ("digest", b"digest", b"\n")):
        check(name, top % kind + begins + many + b"\nhello\n--b--\n", ["damaged"], "of headers")
    long = b"x" * 70 + b"\n"
    check("long", top % b"mixed" + b"Content-Type: text/plain\n\n" + long * 80000 + b"--b\n" + part(GZ).encode() + b"\n--b--\n", ["stored"])


@test
def a_second_report_in_a_file_is_read_whatever_is_between():
    for name, end, between in (("capitals", b"</FEEDBACK>", b""), ("blank", b"</feedback >", b""), ("line end", b"</feedback\n>", b"\n"), ("comment", b"</feedback>", b"<!-- 2 of 2 -->\n"),
                               ("line", b"</feedback>", b"\n--------\n"), ("prefix", b"</a:feedback>", b"x" * 4000)):
        first = report("1").replace(b"</feedback>\n", end)
        first = first.replace(b"<feedback>", b"<FEEDBACK>") if b"FEED" in end else first.replace(b"<feedback>", b'<a:feedback xmlns:a="urn:x">') if b"a:" in end else first
        check(name, first + between + report("2"), ["stored", "stored"], *(("text after </feedback>",) if name in ("line", "prefix") else ()))
    for much in (4096, 4100, 4255, 4257, 32768, 40960, 3 << 20):
        check(f"{much} bytes", report("1") + b"</feedback>" + b"x" * (much - 11) + report("2") + report("3"), ["stored"] * 3, "text after </feedback>")
        check(f"{much} bytes, and a gzip file", report("1") + b"<P>\n" * (much // 4) + gzip.compress(report("2")), ["stored"] * 2, "text after </feedback>")
    check("nothing more", report("1") + b"<P>\xff\x1f\0<" * 100000, ["stored"], "text after </feedback>")


@test
def a_second_report_in_utf_16_is_read_as_one_in_utf_8():
    def wide(data, how, mark):
        return mark * (b"\xff\xfe" if how == "utf-16-le" else b"\xfe\xff") + data.decode().replace("UTF-8", "UTF-16").encode(how)

    for how in ("utf-16-le", "utf-16-be"):
        for mark in (0, 1):
            check(f"{how}, {mark}", wide(report("1") + report("2"), how, mark), ["stored"] * 2)
            check(f"{how}, {mark}, put together", wide(report("1"), how, mark) + wide(report("2"), how, mark), ["stored"] * 2)
            check(f"{how}, {mark}, and UTF-8", report("1") + wide(report("2"), how, mark) + report("3") + wide(report("4"), how, 1), ["stored"] * 4)
        # An end tag on every seam of the buffers, of even and of odd chunks.
        check(f"{how}, sixty", wide(b"".join(report(str(n), org="R" * (n * 37 % 4000)) for n in range(60)), how, 1), ["stored"] * 60)


@test
def a_report_that_is_cut_short_takes_the_next_one_not_with_it():
    second, cut = report("2"), "cut short"
    for name, first in (("in a record", XML[:-200]), ("in a tag", XML[:-205]), ("in its head", XML[:120]), ("long", report("1", org="R" * 40000)[:-60]), ("behind its root", XML[:XML.index(b"<version>")])):
        for between in (b"", b"\n", b"\r\n \n"):
            for data in (first + between + second, gzip.compress(first + between + second), mail(part(gzip.compress(first + between + second)))):
                box = check(f"{name}, {between}", data, ["damaged", "stored"], cut)
                same(box.ask("SELECT report_id FROM v_reports WHERE counted"), [("2",)], name)
    check("two cut, one whole, one more", XML[:-90] + report("2")[:-90] + report("3") + report("4"), ["damaged"] * 2 + ["stored"] * 2, cut)
    # On every seam of the buffers.
    for much in (*range(8050, 8200, 3), *range(32650, 32780, 3), 40960 - 400, 65536):
        first = report("1", org="R" * much)
        check(f"{much} bytes", first[:-60] + second, ["damaged", "stored"], cut)
    # What a comment or a CDATA section holds is text.
    quoted = b'<?xml version="1.0"?><feedback>'
    for much in (0, 10, 8000, 8170, 32600, 32700, 70000):
        pad = b"y" * much
        for name, text in (("comment", b"<!-- " + pad + quoted + b" -->"), ("CDATA", b"<extension><![CDATA[" + pad + quoted + b"]]></extension>"),
                           ("several", b"<!--a--><!-- > ]]> " + pad + quoted + quoted + b"--><extension><![CDATA[ --> " + quoted + b"]]></extension>")):
            check(f"{name}, {much}", XML.replace(b"<policy_published>", text + b"<policy_published>"), ["stored"])
            check(f"{name}, {much}, and another", XML.replace(b"<policy_published>", text + b"<policy_published>")[:-90] + second, ["damaged", "stored"], cut)


@test
def a_prefix_ends_a_report_where_its_tag_ends_and_nowhere_else():
    def prefixed(number, prefix="d", org="Receiver"):
        return report(str(number), org=org).replace(b"<feedback>", f"<{prefix}:feedback>".encode()).replace(b"</feedback>", f"</{prefix}:feedback>".encode())

    words = "declared nowhere"
    for name, data in (("plain", prefixed(1)), ("gzip", gzip.compress(prefixed(1))), ("in a mail", mail(part(gzip.compress(prefixed(1))))),
                       ("UTF-16", prefixed(1).decode().replace("UTF-8", "UTF-16").encode("utf-16"))):
        check(name, data, ["stored"], words)
    extension = b'<extension><x:feedback xmlns:x="urn:x"><x:feedback>1</x:feedback></x:feedback></extension>'
    for name, data in (("first", XML.replace(b"<policy_published>", extension + b"<policy_published>")), ("last", XML.replace(b"</feedback>", extension + b"</feedback>"))):
        check(f"an extension of that name, {name}", data, ["stored"])
        check(f"an extension of that name, {name}, and another report", data + report("2"), ["stored"] * 2)
    # End tags on every seam of the buffers.
    many = b"".join(prefixed(n, "p" * (n % 32 + 1), "R" * (n * 37 % 4000)) for n in range(64))
    check("64", many, ["stored"] * 64, words)
    check("64 in UTF-16", many.decode().replace("UTF-8", "UTF-16").encode("utf-16-be"), ["stored"] * 64, words)


@test
def fields_and_records_repeated_a_million_times_take_no_memory():
    box = Box()
    for name, old, new in (("errors", b"<report_metadata>", b"<report_metadata>" + b"<error>xxxxxxxxxx</error>" * 1000000),
                           ("dates", b"<date_range>", b"<date_range>" + b"<begin>1795132800</begin>" * 1000000), ("counts", b"<count>", b"<count>7</count>" * 1000000 + b"<count>")):
        path = box.put(name + ".xml.gz", gzip.compress(report().replace(old, new, 1)))
        used = most_memory("-q", "--jobs", "1", "--db", box.db, "ingest", path)
        holds(used < 100 * 1024 or "asan" in BIN, f"{name}: {used} KiB")


@test
def one_damaged_document_keeps_the_items_bytes_once_and_retry_names_it_as_before():
    box = Box()
    data = zipped([("a.xml", XML[:-200]), ("b.xml", report("2")), ("c.xml", report("3")[:-200])])
    box.run("ingest", box.put("x.zip", data))
    same(box.states(), ["damaged", "damaged", "stored"])
    db = sqlite3.connect(box.db)
    same(db.execute("SELECT count(*) FROM raw").fetchall(), [(1,)], "kept once")
    db.close()
    before = sorted(box.ask("SELECT origin, state, reason FROM v_intake"))
    run = box.run("retry")
    same(run.returncode, 3, run.err)
    same(sorted(box.ask("SELECT origin, state, reason FROM v_intake")), before)
    same(box.ask("SELECT count(*), sum(counted) FROM v_reports"), [(3, 1)])


@test
def retry_holds_one_kept_document_at_a_time():
    box = Box()
    for n in range(24):
        box.put(f"in/{n}.xml", report(str(n)).replace(b"<report_metadata>", b"<report_metadata><error>" + b" " * 8000000 + b"</error>", 1)[:-200])
    box.run("ingest", os.path.join(box.path, "in"))
    used = most_memory("-q", "--db", box.db, "retry")
    same(box.states(), ["damaged"] * 24)
    holds(used < 100 * 1024 or "asan" in BIN, f"{used} KiB")


@test
def retry_reads_with_the_configured_limits():
    box = Box()
    small, large = (box.put(name, f"limits {{ records = {n} }}\n", 0o600) for name, n in (("small.conf", 1), ("large.conf", 9)))
    one = XML[XML.index(b"<record>"):XML.index(b"</feedback>")].decode()
    run = box.run("ingest", box.put("x", report(records=one * 3)), before=("--config", small))
    same((run.returncode, box.states()), (3, ["damaged"]), run.err)
    same(box.run("retry", before=("--config", small)).returncode, 3)
    run = box.run("retry", before=("--config", large))
    same((run.returncode, box.states()), (0, ["stored"]), run.err)
    same(box.ask("SELECT sum(messages) FROM v_records"), [(9,)])


@test
def what_may_not_be_read_is_told_each_time_and_read_once_it_may():
    if os.getuid() != 0 or subprocess.run(["setpriv", "--version"], capture_output=True, check=False).returncode != 0:
        raise Skip("as root permissions mean nothing: the test drops them by setpriv")
    box = Box()
    os.chmod(box.path, 0o777)
    box.put("in/a.xml", XML)
    box.put("in/locked/b.xml", report("2"))
    secret = box.put("in/secret.xml", report("3"))
    os.chmod(os.path.join(box.path, "in/locked"), 0)
    os.chmod(secret, 0)
    from kit import BIN
    env = dict(os.environ, HOME=box.path)
    base = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", BIN, "--db", box.db, "ingest"]
    for _ in range(2):
        run = subprocess.run(base + [os.path.join(box.path, "in")], capture_output=True, env=env, text=True, check=False)
        same(run.returncode, 3, run.stderr)
        same(box.states(), ["retry", "stored"], run.stderr)
        for word in ("locked", "secret.xml", "Permission denied"):
            holds(word in run.stderr, f"{word}: {run.stderr}")
    os.chmod(os.path.join(box.path, "in/locked"), 0o755)
    os.chmod(secret, 0o644)
    run = subprocess.run(base + [os.path.join(box.path, "in")], capture_output=True, env=env, text=True, check=False)
    same((run.returncode, box.states()), (0, ["stored", "stored", "stored"]), run.stderr)


@test
def root_keeps_no_other_user_from_their_own_database():
    if os.getuid() != 0 or subprocess.run(["setpriv", "--version"], capture_output=True, check=False).returncode != 0:
        return
    box = Box()
    same(box.run("ingest", box.put("a.xml", XML)).returncode, 0)
    for path in (box.path, box.db):
        os.chown(path, 65534, 65534)
    os.remove(box.db + ".lock")
    same(box.run("label", "192.0.2.1", "mine").returncode, 0)
    run = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", BIN, "--db", box.db, "label", "192.0.2.1", "not_mine"], capture_output=True, text=True,
                         env=dict(os.environ, HOME=box.path), check=False)
    same((run.returncode, run.stderr), (0, ""))


@test
def another_program_that_writes_is_waited_for():
    box = Box()
    same(box.run("ingest", box.put("a.xml", XML)).returncode, 0)
    other = sqlite3.connect(box.db, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    running = subprocess.Popen([box.program, "--db", box.db, "ingest", box.put("b.xml", report("2"))], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                               env=dict(os.environ, HOME=box.path))
    time.sleep(0.5)
    same(running.poll(), None, "it waits")
    other.execute("ROLLBACK")
    other.close()
    said = running.communicate()[1]
    same(running.returncode, 0, said)
    same(box.states(), ["stored", "stored"])


@test
def where_no_thread_can_be_had_the_run_ends_and_says_so():
    if os.getuid() != 0 or subprocess.run(["setpriv", "--version"], capture_output=True, check=False).returncode != 0:
        raise Skip("root is not limited: the test becomes another user by setpriv")
    box = Box()
    os.chmod(box.path, 0o777)
    path = box.put("a.xml", XML)
    env = dict(os.environ, HOME=box.path, ASAN_OPTIONS="detect_leaks=0")
    for most, code, word in (("1", 4, "no thread can be had"), ("60", 0, "")):
        run = subprocess.run(["setpriv", "--reuid=61234", "--regid=61234", "--clear-groups", "prlimit", f"--nproc={most}", BIN, "--db", box.db, "ingest", path],
                             capture_output=True, env=env, text=True, check=False, timeout=60)
        same((run.returncode, word in run.stderr), (code, True), run.stderr)
    same(box.states(), ["stored"])


@test
def the_other_copy_is_counted_when_the_counted_one_is_forgotten():
    box = Box()
    for name, count in (("1.xml", 3), ("2.xml", 4)):
        same(box.run("ingest", box.put(name, report("c", count=count))).returncode, 0)
    same(box.run("forget", "1").returncode, 0)
    same(box.ask("SELECT id, counted, messages FROM v_reports"), [(2, 1, 4)])
    same(box.ask("SELECT (SELECT sum(messages) FROM v_daily), (SELECT sum(messages) FROM v_sources), (SELECT sum(messages) FROM v_records)"), [(4, 4, 4)])
    holds("counted since report 1 was forgotten" in box.ask("SELECT reason FROM v_intake WHERE state = 'conflict'")[0][0], "the ledger says so")
    same(box.run("ingest", os.path.join(box.path, "1.xml")).returncode, 0)
    same(box.ask("SELECT counted, messages FROM v_reports ORDER BY messages"), [(0, 3), (1, 4)])


main()
