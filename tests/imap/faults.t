#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Faults no real server makes on order: whatever a server does, nothing is lost, nothing comes twice, and the message is clear."""
import gzip
import os
import re
import signal
import sqlite3
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from servers import FetchBox, Running, Scripted, mail, until  # noqa: E402
from kit import holds, main, report, same, test  # noqa: E402


def mails(count, **special):
    found = {n: mail(n) for n in range(1, count + 1)}
    found.update({int(k[1:]): v for k, v in special.items()})
    return found


def fetched(server, want, code=0, words="", **keys):
    """Fetches; afterwards each wanted report is there exactly once."""
    box = FetchBox(server.account(**keys))
    run = box.run("fetch")
    same(run.returncode, code, run.err)
    for word in [words] if isinstance(words, str) else words:
        holds(word in run.err, (word, run.err))
    same(box.reports(), sorted(want))
    server.stop()
    return box, run


def fetched_nothing(server, words):
    """Fetches in vain, and says why."""
    run = FetchBox(server.account()).run("fetch")
    same(run.returncode, 4)
    for word in words:
        holds(word in run.err, (word, run.err))
    server.stop()


def body_command(text):
    return "BODY.PEEK[]" in text


def once(condition, answer):
    """A hook that answers the first fitting command with answer(text, session)."""
    done = []

    def hook(text, session):
        if not done and condition(text):
            done.append(1)
            return answer(text, session)
        return None
    return hook


@test
def a_connection_dropped_within_a_literal_is_taken_up_again():
    for cut in (0.1, 0.5, 0.9):
        def answer(text, session, cut=cut):
            whole = session.usual(text)
            return (whole[:int(len(whole) * cut)],)
        server = Scripted(mails(250), on=once(body_command, answer))
        fetched(server, range(1, 251))
        holds(server.sessions == 2, server.sessions)


@test
def a_farewell_at_any_command_is_taken_up_again():
    for word in ("CAPABILITY", "LIST", "SELECT", "EXAMINE", "RFC822.SIZE", "BODY.PEEK", "UID MOVE"):
        def answer(text, session):
            return (b"* BYE Server shutting down\r\n",)
        after = "keep" if word == "EXAMINE" else "move"
        server = Scripted(mails(20), on=once(lambda text, word=word: word in text, answer))
        fetched(server, range(1, 21), after=after, move_to="done" if after == "move" else None)
        if after == "move":
            same(sorted(server.moved), list(range(1, 21)))


@test
def announced_sizes_that_lie_harm_nothing():
    class Liar(Scripted):
        def size(self, uid):
            return {1: 5, 2: 4000000, 3: 0}.get(uid, len(self.mails[uid]))
    fetched(Liar(mails(5)), range(1, 6))


@test
def a_literal_larger_than_any_mail_is_refused_and_the_rest_goes_on():
    def hook(text, session):
        if body_command(text) and 7 in session.uids(text.split()[3]):
            return b"* 7 FETCH (UID 7 BODY[] {99999999999}\r\n" + b"x" * 1000
        return None
    box, run = fetched(Scripted(mails(12), on=hook), [n for n in range(1, 13) if n != 7], 3, "more bytes than a mail may have")
    same(box.ask("SELECT count(*) FROM v_intake WHERE state = 'retry'"), [(1,)])
    same(box.ask("SELECT uid, state FROM mailbox_uid"), [(7, "retry")])


@test
def what_could_not_be_read_is_read_by_the_next_run():
    broken = [True]

    def hook(text, session):
        if broken and body_command(text) and {3, 5}.intersection(session.uids(text.split()[3])):
            return "drop"
        return None
    server = Scripted(mails(6), on=hook)
    box = FetchBox(server.account(after="move", move_to="done"))
    run = box.run("fetch")
    same(run.returncode, 3)
    holds("each time it is asked for the session ends" in run.err, run.err)
    holds("6 mails fetched from 1 account\n4 reports stored (4 records), 2 to be read again\n" in run.out, run.out)
    same((box.reports(), sorted(server.mails)), ([1, 2, 4, 6], [3, 5]))
    broken.clear()
    run = box.run("fetch")
    same((run.returncode, box.reports(), sorted(server.mails)), (0, [1, 2, 3, 4, 5, 6], []))
    same(sorted(set(box.states())), ["stored"])
    same(box.ask("SELECT count(*) FROM mailbox_uid"), [(0,)])
    server.stop()


@test
def what_a_killed_run_left_without_analysis_is_analysed_by_the_next():
    server = Scripted(mails(3))
    box = FetchBox(server.account())
    box.run("ingest", box.put("another.xml", report("9", begin=1795132800 - 86400)))
    db = sqlite3.connect(box.db)
    db.execute("CREATE TRIGGER full BEFORE INSERT ON analysis BEGIN SELECT RAISE(ABORT, 'full'); END")
    db.commit()
    same((box.run("fetch").returncode, box.reports()), (4, [1, 2, 3, 9]))
    db.execute("DROP TRIGGER full")
    db.commit()
    db.close()
    run = box.run("fetch")
    same((run.returncode, run.out), (0, "0 mails fetched from 1 account\n"))
    same(box.ask("SELECT messages FROM v_findings WHERE code = 'LOST'"), [(12,)])
    server.stop()


@test
def uids_given_out_again_are_read_though_the_run_that_saw_it_failed():
    broken = []
    server = Scripted(mails(10), on=lambda text, session: "drop" if broken and body_command(text) else None)
    server.uidnext = 11
    box = FetchBox(server.account())
    same(box.run("fetch").returncode, 0)
    server.mails = {n: mail(n if n < 6 else 100 + n) for n in range(1, 9)}
    server.uidnext, broken[:] = 9, [True]
    run = box.run("fetch")
    holds(run.returncode != 0 and "gives UIDs out again" in run.err, run.err)
    server.mails = {n: mail(n if n < 6 else 100 + n) for n in range(1, 13)}
    server.uidnext, broken[:] = 13, []
    same((box.run("fetch").returncode, box.reports()), (0, list(range(1, 11)) + list(range(106, 113))))
    server.stop()


@test
def mails_whose_sizes_are_refused_are_read_all_the_same():
    def refuses(text, session):
        return (text.split()[0] + " NO [SERVERBUG] Server error\r\n").encode() if "RFC822.SIZE" in text else None

    def ends(text, session):
        return (session.usual(text)[:150],) if "RFC822.SIZE" in text else None

    def lists(text, session):
        if not text.endswith("(UID)"):
            return hook(text, session)
        uids = session.uids(text.split()[3])
        return b"".join(b"* %d FETCH (UID %d)\r\n" % (u, u) for u in uids) + (text.split()[0] + " OK\r\n").encode()
    for hook, sessions in ((refuses, 1), (ends, 3)):
        server = Scripted(mails(50, u7=mail(7, size=3 << 20), u9=mail(9, size=2 << 20)), on=lists)
        fetched(server, range(1, 51), after="move", move_to="done")
        same((sorted(server.moved), server.sessions), (list(range(1, 51)), sessions))
        sets = [[part.split(":") for part in c.split()[3].split(",")] for c in server.commands if body_command(c)]
        holds(all(sum(int(part[-1]) - int(part[0]) + 1 for part in one) <= 8 for one in sets), "few of unknown size are asked for at once")
    server = Scripted(mails(12, u5=mail(5, size=1 << 20)), on=lists)
    box = FetchBox("limits { mail_bytes = 100000 }\n", server.account())
    run = box.run("fetch")
    same((run.returncode, box.reports()), (3, [n for n in range(1, 13) if n != 5]), run.err)
    holds("UID=5: damaged: the mail has 10" in run.err and "the cap is 100000" in run.err, run.err)
    server.stop()


@test
def dates_that_are_not_told_keep_nothing_from_being_read():
    def refuses(text, session):
        return (text.split()[0] + " BAD what\r\n").encode() if "INTERNALDATE" in text else None
    for hook in (refuses, lambda text, session: "drop" if "INTERNALDATE" in text else None):
        server = Scripted(mails(5))
        box = FetchBox(server.account())
        for number in (6, 7, 8):  # told at first, then no more
            server.mails[number] = mail(number)
            run = box.run("fetch")
            same((run.returncode, run.err, box.reports()), (0, "", list(range(1, number + 1))))
            server.on = hook
        server.stop()


@test
def a_refused_batch_is_halved_down_to_the_mail_that_cannot_be_had():
    def hook(text, session):
        if body_command(text) and 33 in session.uids(text.split()[3]):
            return (text.split()[0] + " NO [SERVERBUG] Server error\r\n").encode()
        return None
    box, run = fetched(Scripted(mails(150), on=hook), [n for n in range(1, 151) if n != 33], 3, ("UID=33", "does not give the mail", "SERVERBUG"))
    same(box.ask("SELECT uid, state FROM mailbox_uid"), [(33, "retry")])


@test
def an_answer_without_the_mail_is_no_answer():
    def hook(text, session):
        if body_command(text):
            tag, uids = text.split()[0], session.uids(text.split()[3])
            order = sorted(session.mails)
            return b"".join(b"* %d FETCH (UID %d)\r\n" % (u, u) if u == 4 else session.body(order.index(u) + 1, u) for u in uids) + f"{tag} OK\r\n".encode()
        return None
    box, run = fetched(Scripted(mails(6), on=hook), [1, 2, 3, 5, 6], 3, "answers without the mail")
    same(box.ask("SELECT uid, state FROM mailbox_uid"), [(4, "retry")])


@test
def a_mail_that_is_gone_meanwhile_is_no_fault():
    def hook(text, session):
        if body_command(text):
            session.mails.pop(2, None)
        return None
    fetched(Scripted(mails(4), on=hook), [1, 3, 4])


@test
def a_mail_that_goes_while_it_is_asked_for_is_gone_whatever_is_said_of_it():
    """Flags but no body; a mail of the server's own in its place, until NOOP lets it tell what went."""
    unavailable = b"From: System Administrator <root@localhost>\r\nSubject: message unavailable\r\n\r\nThis message is no longer available on the server.\r\n"
    for instead in (b"FLAGS (\\deleted)", b"BODY[] {%d}\r\n%s" % (len(unavailable), unavailable)):
        asked = []

        def hook(text, session, instead=instead, asked=asked):
            tag = text.split()[0].encode()
            if asked and text.startswith("d") and text.endswith(" NOOP"):
                session.mails.pop(2, None)
                return b"* 2 EXPUNGE\r\n" + tag + b" OK NOOP completed\r\n"
            if not body_command(text):
                return None
            asked.append(1)
            return b"".join(session.body(u, u) if u != 2 else b"* 2 FETCH (UID 2 " + instead + b")\r\n" for u in session.uids(text.split()[3])) + tag + b" OK\r\n"
        box, run = fetched(Scripted(mails(4), on=hook), [1, 3, 4])
        same((run.err, box.states()), ("", ["stored"] * 3))


@test
def a_throttling_server_is_waited_for_as_it_says():
    seen = []

    def hook(text, session):
        if body_command(text) and len(seen) < 2:
            seen.append(time.monotonic())
            return f"{text.split()[0]} NO Request is throttled. Suggested Backoff Time: 700 milliseconds\r\n".encode()
        return None
    began = time.monotonic()
    fetched(Scripted(mails(3), on=hook), [1, 2, 3])
    holds(time.monotonic() - began >= 1.4, "it waited twice")


@test
def unasked_lines_may_come_anywhere():
    noise = (b"* 3 EXISTS\r\n* 1 FETCH (FLAGS (\\Seen))\r\n* 2 FETCH (UID 2 FLAGS (\\Seen \"x{9}\"))\r\n* OK Still here {5}\r\n* 9 EXPUNGE\r\n"
             b"* CAPABILITY IMAP4rev1\r\n* LIST (\\HasNoChildren) \".\" \"a\\\"b\"\r\n")

    def hook(text, session):
        usual = session.usual(text)
        if body_command(text):
            parts = re.split(rb"(?=\* \d+ FETCH \(UID)", usual)
            return noise.join(parts)
        return noise + usual if "RFC822.SIZE" in text or "EXAMINE" in text else None
    fetched(Scripted(mails(30), on=hook), range(1, 31))


@test
def other_shapes_of_a_fetch_are_understood():
    def hook(text, session):
        if not body_command(text):
            return None
        tag, uids, parts = text.split()[0], session.uids(text.split()[3]), []
        for u in reversed(uids):  # in any order, attributes after the literal, binary literals
            data = session.mails[u]
            mark = b"~" if u % 2 else b""
            parts.append(b"* %d FETCH (FLAGS (\\Recent) BODY[] %s{%d}\r\n%s UID %d X-GM-LABELS (\"a b\" (c)) MODSEQ (12))\r\n" % (u, mark, len(data), data, u))
        return b"".join(parts) + f"{tag} OK FETCH completed\r\n".encode()
    fetched(Scripted(mails(9), on=hook), range(1, 10))


@test
def a_mail_that_looks_like_answers_is_only_a_mail():
    evil = b"\r\n".join([b"From: x@example.com", b"Subject: lunch", b"", b"d5 OK FETCH completed", b"* BYE gone", b"d6 NO no", b"* 1 FETCH (UID 2 BODY[] {5}", b"abcde)",
                         b"d7 BAD x", b""])
    box, run = fetched(Scripted(mails(6, u3=evil)), [1, 2, 4, 5, 6])
    same(box.ask("SELECT count(*) FROM v_intake WHERE state = 'not_a_report'"), [(1,)])


@test
def nul_bytes_and_a_line_of_two_megabytes_pass():
    long_line = mail(2) + b"x" * 2000000
    box, run = fetched(Scripted(mails(4, u2=long_line, u3=b"Subject: \0\0\r\n\r\n\0\0" + b"\0" * 1000)), [1, 2, 4])
    same(box.ask("SELECT count(*) FROM v_intake WHERE state = 'not_a_report'"), [(1,)])


@test
def a_line_without_end_is_cut_off():
    server = Scripted(mails(2), on=lambda text, session: b"* 1 FETCH (" + b"a" * (40 << 20) if "(UID" in text else None)
    box = FetchBox(server.account())
    run = box.run("fetch")
    same(run.returncode, 4)
    holds("line of more than" in run.err or "without end" in run.err, run.err)
    server.stop()


@test
def a_server_that_is_none_is_told():
    for greeting, words in ((b"HTTP/1.1 400 Bad Request\r\n\r\n", "127.0.0.1"), (b"* BYE too many connections\r\n", "127.0.0.1")):
        server = Scripted({}, greeting=greeting)
        run = FetchBox(server.account()).run("fetch")
        same(run.returncode, 4)
        holds(words in run.err, run.err)
        server.stop()
    run = FetchBox(server.account()).run("fetch")
    same(run.returncode, 4)
    holds("127.0.0.1" in run.err and "onnect" in run.err, run.err)


@test
def a_server_that_closes_before_the_login_is_told_in_words():
    for word in ("CAPABILITY", "AUTHENTICATE"):
        server = Scripted(mails(1), on=lambda text, session, word=word: "drop" if word in text else None)
        fetched_nothing(server, ["the server closes the connection before the login is done\n"])


@test
def no_password_goes_over_a_line_without_tls():
    server = Scripted(mails(1))
    run = FetchBox(server.account(plain=None)).run("fetch")
    same(run.returncode, 4)
    holds("offers no STARTTLS" in run.err, run.err)
    holds(not any("LOGIN" in c or "AUTHENTICATE" in c for c in server.commands), server.commands)
    server.stop()

    def refuse(text, session):
        tag, _, rest = text.partition(" ")
        return {"CAPABILITY": f"* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN\r\n{tag} OK\r\n".encode(), "STARTTLS": f"{tag} NO no key today\r\n".encode()}.get(rest)
    server = Scripted(mails(1), on=refuse)
    run = FetchBox(server.account(plain=None)).run("fetch")
    same(run.returncode, 4)
    holds("refuses STARTTLS: no key today; " in run.err, run.err)
    server.stop()


@test
def logins_that_end_in_nothing_say_what_to_do():
    for answer, words in ((b"* BYE User is authenticated but not connected.\r\n", "IMAP is enabled"),):
        server = Scripted(mails(1), on=lambda text, session, answer=answer: (answer,) if "NOOP" in text else None)
        run = FetchBox(server.account()).run("fetch")
        same(run.returncode, 4)
        holds(words in run.err, run.err)
        server.stop()
    for said, words in (("[ALERT] Application-specific password required", "app password"), ("[AUTHENTICATIONFAILED] Invalid credentials", "check user and password"),
                        ("[UNAVAILABLE] too many connections", "busy"), ("[CONTACTADMIN] Login disabled for this user", "its administrator"),
                        ("[EXPIRED] That password isn't valid any more", "its administrator")):
        server = Scripted(mails(1), on=lambda text, session, said=said: f"{text.split()[0]} NO {said}\r\n".encode()
                          if "LOGIN" in text or "AUTHENTICATE" in text else None)
        run = FetchBox(server.account()).run("fetch")
        same(run.returncode, 4)
        holds(words in run.err and f"refuses the login: {said}; " in run.err, run.err)
        server.stop()


@test
def moving_falls_back_to_copying_and_never_expunges_others():
    def exchange(text, session):
        if "UID MOVE" in text:
            return (text.split()[0] + " BAD Command Error. 12\r\n").encode()
        if "UID COPY" in text and not any("CREATE" in c for c in session.commands):
            return (text.split()[0] + " NO [TRYCREATE] no such folder\r\n").encode()
        return None
    server = Scripted(mails(3), on=exchange)
    box = FetchBox(server.account(after="move", move_to="done"))
    same(box.run("fetch").returncode, 0)
    holds(any(re.search(r"UID COPY 1:3 ", c) for c in server.commands), server.commands)
    holds(any(re.search(r"UID STORE 1:3 \+FLAGS.SILENT \(\\Deleted\)", c) for c in server.commands), server.commands)
    holds(any(re.search(r"UID EXPUNGE 1:3$", c) for c in server.commands), server.commands)
    holds(not any(re.search(r"^\S+ EXPUNGE", c) for c in server.commands), server.commands)
    server.stop()


@test
def a_refused_move_leaves_all_where_it_is_and_the_next_run_does_it():
    full = [True]

    def hook(text, session):
        if full and ("UID MOVE" in text or "UID COPY" in text):
            return (text.split()[0] + " NO [OVERQUOTA] full\r\n").encode()
        return None
    server = Scripted(mails(3), on=hook)
    box = FetchBox(server.account(after="move", move_to="done"))
    run = box.run("fetch")
    holds("OVERQUOTA" in run.err and "next run" in run.err, run.err)
    same((box.reports(), sorted(server.mails)), ([1, 2, 3], [1, 2, 3]))
    full.clear()
    same(box.run("fetch").returncode, 0)
    same((box.reports(), sorted(server.moved)), ([1, 2, 3], [1, 2, 3]))
    server.stop()


@test
def a_target_that_is_missing_is_made_whatever_the_refusal_says():
    for words in ("UID COPY [TRYCREATE] failed", "[NONEXISTENT] Unknown folder", "Mailbox does not exist"):
        def hook(text, session, words=words):
            made = any(c.split(" ", 1)[1] == 'CREATE "done"' for c in session.commands)
            if 'LIST "" "done"' in text and not made:
                return (text.split()[0] + " OK LIST Completed\r\n").encode()
            if "UID COPY" in text and not made:
                return f"{text.split()[0]} NO {words}\r\n".encode()
            return None
        server = Scripted(mails(3), on=hook)
        server.capability = "IMAP4rev1 AUTH=PLAIN SASL-IR UIDPLUS"
        fetched(server, [1, 2, 3], after="move", move_to="done")
        same([c.split(" ", 1)[1] for c in server.commands if "CREATE" in c or "UID COPY" in c], ['UID COPY 1:3 "done"', 'CREATE "done"', 'UID COPY 1:3 "done"'])


@test
def a_prefix_of_other_peoples_folders_is_not_ones_own():
    for personal, made in (("NIL", "done"), ('(("" "."))', "done"), ('(("INBOX." "."))', "INBOX.done"), ('(("" ".")("#mh/" "/"))', "done"), ("(({6}\r\nINBOX. \".\"))", "INBOX.done")):
        def hook(text, session, personal=personal):
            tag, _, rest = text.partition(" ")
            if rest == "NAMESPACE":
                return f'* NAMESPACE {personal} (("user." ".")) (("" "."))\r\n{tag} OK Completed\r\n'.encode()
            if rest == 'LIST "" ""':
                return f'* LIST (\\Noselect) "." ""\r\n{tag} OK Completed\r\n'.encode()
            if rest.startswith("LIST"):
                return f"{tag} OK Completed\r\n".encode()
            missing = "UID MOVE" in rest and not any("CREATE" in c for c in session.commands)
            return f"{tag} NO [TRYCREATE] Mailbox does not exist\r\n".encode() if missing else None
        server = Scripted(mails(1), on=hook)
        server.capability += " NAMESPACE"
        fetched(server, [1], after="move", move_to="done")
        same([c.split(" ", 1)[1] for c in server.commands if "CREATE" in c], [f'CREATE "{made}"'], personal)


@test
def a_target_that_cannot_be_made_is_told_with_the_reason():
    def hook(text, session):
        if 'LIST "" "done"' in text:
            return (text.split()[0] + " OK Completed (0.000 secs)\r\n").encode()
        if "UID MOVE" in text:
            return (text.split()[0] + " NO [TRYCREATE] Mailbox does not exist\r\n").encode()
        return (text.split()[0] + " NO Permission denied\r\n").encode() if "CREATE" in text else None
    server = Scripted(mails(3), on=hook)
    fetched(server, [1, 2, 3], 4, ("moving is refused: [TRYCREATE] Mailbox does not exist; the folder done cannot be made: Permission denied;", "next run tries again"),
            after="move", move_to="done")


@test
def a_server_of_rev2_alone_has_what_that_includes():
    """MOVE, UID EXPUNGE and IDLE belong to IMAP4rev2 (RFC 9051) and need not be listed; SEARCH is answered by ESEARCH."""
    def left(text, session):
        tag = text.split()[0]
        return f'* ESEARCH (TAG "{tag}") UID ALL 1,3:4\r\n{tag} OK SEARCH completed\r\n'.encode() if "UID SEARCH" in text else None
    server = Scripted(mails(4))
    server.capability = "IMAP4rev2 AUTH=PLAIN SASL-IR"
    fetched(server, [1, 2, 3, 4], after="move", move_to="done")
    same(sorted(server.moved), [1, 2, 3, 4])
    server = Scripted(mails(4), on=left)
    server.capability = "IMAP4rev2 AUTH=PLAIN SASL-IR"
    fetched(server, [1, 2, 3, 4], 4, ("the server says that it has deleted 3 mails, but they are still there",), after="delete")
    holds(any(c.endswith("UID EXPUNGE 1:4") for c in server.commands), server.commands)
    server = Scripted(mails(4), on=lambda text, session: b"" if text.endswith(" IDLE") else None)
    server.capability = "IMAP4rev2 AUTH=PLAIN SASL-IR"
    box = FetchBox(server.account())
    with Running(box, "-v", "fetch", "--watch"):
        until(lambda: any(c.endswith(" IDLE") for c in server.commands))
    server.stop()
    server = Scripted(mails(4))     # of both, what is not listed needs ENABLE first
    server.capability = "IMAP4rev1 IMAP4rev2 AUTH=PLAIN SASL-IR"
    fetched(server, [1, 2, 3, 4], after="move", move_to="done")
    same(server.moved, [])


@test
def a_move_refused_for_a_missing_right_is_not_made_a_copy():
    server = Scripted(mails(3), on=lambda text, session: f"{text.split()[0]} NO Permission denied\r\n".encode() if "UID MOVE" in text or "UID STORE" in text else None)
    fetched(server, [1, 2, 3], 4, ("moving is refused: Permission denied; the mails stay where they are",), after="move", move_to="done")
    holds(not any("UID COPY" in c for c in server.commands), server.commands)


@test
def copies_whose_originals_may_not_be_deleted_are_told_and_not_made_again():
    for word in ("UID STORE", "UID EXPUNGE"):
        server = Scripted(mails(3), on=lambda text, session, word=word: f"{text.split()[0]} NO Permission denied\r\n".encode() if word in text else None)
        server.capability = "IMAP4rev1 AUTH=PLAIN SASL-IR UIDPLUS"
        box = FetchBox(server.account(after="move", move_to="done"))
        run = box.run("fetch")
        same(run.returncode, 4, run.err)
        holds("the mails are copied to done, but " in run.err and "is refused: Permission denied; they are in both folders now" in run.err, run.err)
        same((box.run("fetch").returncode, box.ask("SELECT count(*) FROM mailbox_uid")), (0, [(0,)]))
        same(sum("UID COPY" in c for c in server.commands), 1)
        server.stop()


@test
def mails_another_client_removes_meanwhile_do_not_keep_the_others_from_being_moved():
    for verb, capability in (("UID MOVE", Scripted.capability), ("UID COPY", Scripted.capability.replace(" MOVE", ""))):
        told = []

        def hook(text, session, verb=verb, told=told):
            if text.startswith("d") and "NOOP" in text and len(session.mails) < 4:
                told.append(1)  # now it knows
            if verb in text and not told:
                session.mails.pop(2, None)
                return (text.split()[0] + " NO [EXPUNGEISSUED] Some of the requested messages no longer exist\r\n").encode()
            return None
        server = Scripted(mails(4), on=hook)
        server.capability = capability
        box = FetchBox(server.account(after="move", move_to="done"))
        run = box.run("fetch")
        same((run.returncode, run.err), (0, ""))
        same([c.split(" ", 1)[1].split()[1] for c in server.commands if "UID MOVE" in c or "UID COPY" in c], [verb[4:]] * 2, "and no other way is tried")
        same(box.ask("SELECT count(*) FROM mailbox_uid"), [(0,)])
        server.stop()


@test
def old_failures_are_told_once_and_a_mail_that_is_gone_is_said_to_be():
    server = Scripted(mails(4), on=lambda text, session: "drop" if body_command(text) and 3 in session.uids(text.split()[3]) else None)
    box = FetchBox(server.account())
    same(box.run("fetch").returncode, 3)
    run = box.run("fetch")
    same((run.returncode, run.err), (0, ""))
    holds("1 still to be read again" in run.out, run.out)
    fetches = [c for c in server.commands if body_command(c)]
    holds(all(c.split()[3] == "3" for c in fetches[-3:]), fetches)
    holds("1 to be read again" in box.run("status").out, "status")
    del server.mails[3]
    same(box.run("fetch").returncode, 0)
    holds("no longer in the mailbox" in box.ask("SELECT reason FROM v_intake WHERE state = 'damaged'")[0][0], "the reason")
    same((box.reports(), box.ask("SELECT count(*) FROM mailbox_uid")), ([1, 2, 4], [(0,)]))
    server.stop()


@test
def what_waits_to_be_moved_waits_on_when_the_folder_is_read_again():
    faults = [True]

    def hook(text, session):
        refused = faults and ("UID MOVE" in text or (body_command(text) and 2 in session.uids(text.split()[3])))
        return (text.split()[0] + " NO [UNAVAILABLE] not now\r\n").encode() if refused else None
    server = Scripted(mails(3), on=hook)
    box = FetchBox(server.account(after="move", move_to="done"))
    for args in ((), ("--again",)):
        box.run("fetch", *args)
        same(box.ask("SELECT uid, state FROM mailbox_uid"), [(1, "settled"), (2, "retry"), (3, "settled")], args)
    faults.clear()
    same(box.run("fetch").returncode, 0)
    same((sorted(server.moved), box.ask("SELECT count(*) FROM mailbox_uid")), ([1, 2, 3], [(0,)]))
    server.stop()


@test
def what_waits_to_be_moved_and_is_not_given_again_waits_on_unless_it_was_forgotten():
    faults = ["UID MOVE"]

    def hook(text, session):
        refused = ("UID MOVE" in faults and "UID MOVE" in text) or (body_command(text) and set(faults).intersection(session.uids(text.split()[3])))
        return (text.split()[0] + " NO [UNAVAILABLE] not now\r\n").encode() if refused else None
    server = Scripted(mails(3), on=hook)
    box = FetchBox(server.account(after="move", move_to="done"))
    box.run("fetch")
    same(box.run("forget", "3").returncode, 0)
    faults[:] = ["UID MOVE", 1, 3]
    run = box.run("fetch", "--again")
    same((box.ask("SELECT uid, state FROM mailbox_uid"), box.states()), ([(1, "settled"), (2, "settled"), (3, "retry")], ["retry", "stored", "stored"]), run.err)
    faults[:] = [3]
    box.run("fetch", "--again")
    same((sorted(server.moved), box.ask("SELECT uid, state FROM mailbox_uid"), box.reports()), ([1, 2], [(3, "retry")], [1, 2]))
    faults.clear()
    same((box.run("fetch").returncode, sorted(server.moved), box.states(), box.ask("SELECT count(*) FROM mailbox_uid")), (0, [1, 2, 3], ["stored"] * 3, [(0,)]))
    server.stop()


@test
def a_mail_that_retry_reads_waits_for_what_after_said_when_it_came():
    late = {n: mail(n, body=gzip.compress(report(str(n)), mtime=0)) for n in (1, 2, 3)}
    server = Scripted({1: late[1]})
    box = FetchBox()

    def fetch(after, mails=(), **keys):
        server.mails.update({n: late[n] for n in mails})
        box.configure("limits { out_bytes = 100 }\n", server.account(after=after, **keys))
        same(box.run("fetch").returncode, 3 if mails else 0)

    def retried(after):
        box.configure(server.account(after=after))
        run = box.run("retry")
        return box.ask("SELECT uid, state FROM mailbox_uid"), re.findall("warning: (.*)", run.err) or run.err
    for turn, (first, then, want) in enumerate((("keep", "delete", [(2, "settled")]), ("delete", "delete", [(1, "settled"), (2, "settled")]), ("keep", None, []))):
        server.mails = {}
        box = FetchBox()
        fetch(first, [1])
        if then is not None:
            fetch(then, [2])
        waits, told = retried("delete")
        same(waits, want, (turn, told))
        holds(("1 mail that came while `after` was another than now stays in the mailbox as it is" in str(told)) == (first == "keep"), told)
        same(len(box.reports()), 1 + (then is not None))
    # Under a new UIDVALIDITY nobody knows when the mails came, unless it has always been so.
    for first, want in (("keep", [(4, "settled")]), ("delete", [(1, "settled"), (4, "settled")])):
        server.mails, server.uidvalidity, box = {}, 7, FetchBox()
        fetch(first, [1])
        fetch("delete")
        server.uidvalidity = 8
        fetch("delete")
        server.mails[4] = late[3]
        same(box.run("fetch").returncode, 3)
        same(retried("delete")[0], want, first)
    server.stop()


@test
def what_retry_cannot_read_is_not_promised():
    server = Scripted(mails(4, m4=mail(4, body=b"\x1f\x8b\x08\x00 no gzip"), m5=mail(5, size=40000)),
                      on=lambda text, session: "drop" if body_command(text) and 3 in session.uids(text.split()[3]) else None)
    box = FetchBox(server.account(), 'limits { mail_bytes = 20000 }\nkeep = "10d"\n')
    same(box.run("fetch").returncode, 3)
    lines = {line.partition("UID=")[2][:1]: line for line in box.run("status").out.splitlines() if ";UID=" in line}
    for uid, end in (("3", "(the next fetch asks for it again)"), ("5", "(its bytes are not kept)")):
        holds(lines[uid].endswith(end), lines)
    holds("(" not in lines["4"].partition("damaged: ")[2], lines["4"])
    run = box.run("retry")
    same((run.returncode, run.out), (3, "0 reports stored, 1 damaged\n1 damaged cannot be read again: the bytes are not kept\n"
                                     "1 still to be read again, by the next fetch or ingest: the bytes are not here\n"))
    box.run("run", before=("--now", "2026-12-24"))
    run = box.run("retry")
    same((run.returncode, run.out.splitlines()[:2]), (0, ["0 reports stored", "2 damaged cannot be read again: the bytes are not kept"]))
    server.stop()


@test
def what_was_to_be_read_again_is_read_under_a_new_uidvalidity():
    broken = [True]
    server = Scripted(mails(4), on=lambda text, session: "drop" if broken and body_command(text) and 3 in session.uids(text.split()[3]) else None)
    box = FetchBox(server.account())
    same(box.run("fetch").returncode, 3)
    broken.clear()
    server.uidvalidity = 8
    same(box.run("fetch").returncode, 0)
    same((box.reports(), sorted(box.states())), ([1, 2, 3, 4], ["duplicate"] * 3 + ["stored"] * 4))
    server.stop()


@test
def old_damage_is_known_under_a_new_uidvalidity_also_once_the_folder_was_read_through():
    broken, no_gzip = [], b"\x1f\x8b\x08\x00 no gzip"
    server = Scripted(mails(250, m50=mail(50, body=no_gzip), m150=mail(150, body=no_gzip), m200=mail(200, body=no_gzip)),
                      on=lambda text, session: "drop" if broken and body_command(text) and 101 in session.uids(text.split()[3]) else None)
    box = FetchBox(server.account(connections=1))
    same(box.run("fetch").returncode, 3)
    late = server.mails.pop(200)
    server.uidvalidity, broken[:] = 8, [True]
    run = box.run("fetch")
    same((run.returncode, run.err.count("damaged"), box.ask("SELECT uidvalidity, last_uid FROM mailbox")), (4, 0, [(8, 100)]), run.err)
    broken.clear()
    run = box.run("fetch")  # the rest
    same((run.returncode, run.err), (0, ""))
    server.mails[251] = late
    run = box.run("fetch")
    same((run.returncode, run.err), (0, ""), "one of the same size is tried at any time")
    same(box.ask("SELECT seen FROM v_intake WHERE origin LIKE '%UIDVALIDITY=8;UID=251/part 2'"), [(2,)])
    server.mails[252] = mail(252, body=no_gzip)
    same(box.run("fetch").returncode, 3, "of the same size, and another one")
    db = sqlite3.connect(box.db)
    db.executescript("DELETE FROM raw")
    db.close()
    server.mails, server.uidvalidity = {252: server.mails[252]}, 9
    same(box.run("fetch").err.count("damaged"), 0)
    server.mails[253] = late
    run = box.run("fetch")  # each new mail would be tried with each that was damaged, for ever
    same((run.returncode, run.err.count("UID=253/part 2: damaged")), (3, 1), run.err)
    run = box.run("fetch", "--again")
    same((run.returncode, run.err), (0, ""))
    server.stop()


@test
def an_account_that_is_another_mailbox_now_is_read_from_its_beginning():
    refuse = lambda text, s: f"{text.split(' ')[0]} NO [UNAVAILABLE] not now\r\n".encode() if "STORE" in text else None
    for other, owner in ((dict(user="other"), "other@127.0.0.1"), (dict(server="imap://localhost:%d"), "u@localhost"), (dict(server="imap://[::ffff:127.0.0.1]:%d"), "u@::ffff:127.0.0.1")):
        first = Scripted({i: mail(i) for i in range(1, 6)}, on=refuse)
        second = Scripted({i: mail(100 + i) for i in range(1, 9)})
        other = {k: v % second.port if "%" in v else v for k, v in other.items()}
        box = FetchBox(first.account(after="delete"))
        same(box.run("fetch").returncode, 4)
        same(box.ask("SELECT count(*) FROM mailbox_uid WHERE state = 'settled'"), [(5,)], "they wait to be deleted")
        box.configure(second.account(after="keep", **other))
        run = box.run("fetch")
        same((run.returncode, f"is another mailbox than before ({owner} now)" in run.err), (0, True), run.err)
        same((len(box.reports()), box.ask("SELECT count(*) FROM mailbox_uid")), (13, [(0,)]))
        box.configure(second.account(after="delete", **other))
        run = box.run("fetch")
        same((run.returncode, run.err), (0, ""), "told once")
        same([c for c in second.commands if "STORE" in c], [], "nothing of it is deleted for the other's sake")


@test
def a_folder_made_anew_while_it_is_read_is_not_mixed_up():
    def hook(text, session):
        if body_command(text) and "101" in text:
            session.uidvalidity = 8
            return "drop"
        return None
    server = Scripted(mails(250), on=once(lambda text: body_command(text) and "101" in text, hook))
    box = FetchBox(server.account())
    run = box.run("fetch")
    same(run.returncode, 4)
    holds("made anew while it was read" in run.err, run.err)
    same(box.run("fetch").returncode, 0)
    same(box.reports(), list(range(1, 251)))
    server.stop()


@test
def throttling_is_waited_for_at_any_command():
    for word in ("LIST", "EXAMINE", "SELECT", "RFC822.SIZE", "UID MOVE"):
        def answer(text, session):
            return f"{text.split()[0]} BAD Request is throttled. Suggested Backoff Time: 300 milliseconds\r\n".encode()
        after = "keep" if word == "EXAMINE" else "move"
        server = Scripted(mails(3), on=once(lambda text, word=word: word in text, answer))
        began = time.monotonic()
        fetched(server, [1, 2, 3], after=after, move_to="done" if after == "move" else None)
        holds(time.monotonic() - began >= 0.3, word)
        same(len(server.moved), 3 if after == "move" else 0)


@test
def throttled_first_questions_are_asked_again_and_no_answer_is_lost():
    for words in (("NOOP",), ("CAPABILITY",), ('LIST "" ""',), ("CAPABILITY", 'LIST "" ""')):
        left = list(words)

        def hook(text, session, left=left):
            tag, _, rest = text.partition(" ")
            if tag.startswith("d") and rest in left:
                left.remove(rest)
                return f"{tag} NO Request is throttled. Suggested Backoff Time: 300 milliseconds\r\n".encode()
            return None
        server = Scripted(mails(3), on=hook)
        began = time.monotonic()
        _, run = fetched(server, [1, 2, 3], after="move", move_to="done")
        holds(time.monotonic() - began >= 0.3 * len(words), "it waited")
        same((server.sessions, left, run.err, len(server.moved)), (1, [], "", 3))
        for word in words:
            same(len([c for c in server.commands if c.startswith("d") and c.partition(" ")[2] == word]), 2)


@test
def a_farewell_that_asks_for_time_gets_it():
    server = Scripted(mails(3), on=once(body_command, lambda text, session: (b"* BYE Request is throttled. Suggested Backoff Time: 1200 milliseconds\r\n",)))
    began = time.monotonic()
    fetched(server, [1, 2, 3])
    holds(time.monotonic() - began >= 1.2, "it waited")


@test
def a_signal_ends_a_long_wait():
    server = Scripted(mails(3), on=lambda text, session: f"{text.split()[0]} NO Request is throttled. Suggested Backoff Time: 99999999999 milliseconds\r\n".encode()
                      if body_command(text) else None)
    box = FetchBox(server.account())
    with Running(box, "fetch") as process:
        until(lambda: any(body_command(c) for c in server.commands))
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
        err = process.said()
    holds(b"ended by a signal" in err, err)
    same(process.returncode, 4)
    server.on = None
    same((box.run("fetch").returncode, box.reports()), (0, [1, 2, 3]))
    server.stop()


@test
def try_again_later_for_one_mail_does_not_hold_up_the_others():
    def hook(text, session):
        if body_command(text) and 2 in session.uids(text.split()[3]):
            return (text.split()[0] + " NO [UNAVAILABLE] UID FETCH Server error - Please try again later\r\n").encode()
        return None
    fetched(Scripted(mails(3), on=hook), [1, 3], 3, ("UID=2", "does not give the mail", "try again later"))


@test
def a_mail_without_an_announced_size_is_fetched():
    class Silent(Scripted):
        def usual(self, text):
            return re.sub(rb"UID 2 RFC822.SIZE \d+", b"UID 2", super().usual(text)) if "RFC822.SIZE" in text else super().usual(text)
    fetched(Silent(mails(4)), [1, 2, 3, 4])


@test
def a_mail_may_come_as_a_quoted_string():
    text = mail(1).decode().replace("boundary=b\r\n", 'boundary="b \\\\"\r\n')
    whole = text.replace("--b", "--b \\").encode()

    def hook(command, session):
        if not body_command(command):
            return None
        # quoted strings hold no line ends; this server does not care
        return b'* 1 FETCH (UID 1 BODY[] "%s")\r\n%s OK\r\n' % (whole.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\r\n", b"\r"), command.split()[0].encode())
    server = Scripted({1: whole}, on=hook)
    box = FetchBox(server.account())
    same(box.run("fetch").returncode, 0)
    same(len(box.states()), 1)
    server.stop()


@test
def a_server_that_lists_only_a_part_is_asked_for_the_rest():
    def hook(text, session):
        if "RFC822.SIZE" not in text:
            return None
        tag, uids = text.split()[0], session.uids(text.split()[3])[::-1][:20]  # the newest first, as RFC 9738 has it
        lines = b"".join(b"* %d FETCH (UID %d RFC822.SIZE %d)\r\n" % (u, u, session.size(u)) for u in uids)
        return lines + (f"{tag} OK [MESSAGELIMIT 20 {uids[-1]}] partial\r\n" if len(uids) == 20 else f"{tag} OK done\r\n").encode()
    fetched(Scripted(mails(90), on=hook), range(1, 91))


@test
def a_server_that_knows_only_the_login_command_is_logged_in_to():
    class Old(Scripted):
        capability = "IMAP4rev1"
    fetched(Old(mails(2)), [1, 2])

    class Closed(Scripted):
        capability = "IMAP4rev1 LOGINDISABLED"
    fetched_nothing(Closed(mails(2)), ("LOGINDISABLED", "imaps://"))


@test
def a_silent_server_is_given_up_and_the_next_run_reads_on():
    mute = [True]
    server = Scripted(mails(2), on=lambda text, session: b"" if mute and body_command(text) else None)
    box = FetchBox("limits { idle_seconds = 1 }\n", server.account())
    run = box.run("fetch")
    holds("silent for 1 s\n" in run.err, run.err)
    holds(server.sessions > 1, "it was connected to again")
    mute.clear()
    box.configure(server.account())
    same((box.run("fetch").returncode, box.reports()), (0, [1, 2]))
    server.stop()


@test
def a_server_that_never_comes_to_an_end_is_given_up():
    class Slow(Scripted):
        slow = True

        def dribble(self, connection, answer):
            for i in range(40):
                connection.sendall(answer[i:i + 1])
                time.sleep(0.25)
    for word in ("BODY.PEEK[]", "(UID"):
        server = Slow(mails(2), on=lambda text, session, word=word: session.usual(text) if session.slow and word in text else None)
        box = FetchBox("limits { idle_seconds = 2 command_seconds = 1 }\n", server.account())
        run = box.run("fetch")
        holds(run.returncode in (3, 4) and "more than" in run.err, (word, run.err))
        server.slow = False
        box.configure(server.account())
        same((box.run("fetch").returncode, box.reports()), (0, [1, 2]))
        server.stop()


@test
def one_byte_now_and_then_does_not_escape_the_limits():
    class Trickle(Scripted):
        trickles = True

        def dribble(self, connection, answer):
            connection.sendall(answer)
            for _ in range(150):
                if not self.trickles:
                    return
                connection.sendall(b"x")
                time.sleep(0.1)
    for word in ("CAPABILITY", "EXAMINE", "(UID", "BODY.PEEK[]"):
        server = Trickle(mails(2))
        server.on = lambda text, session, word=word: b"* OK " if session.trickles and text[0] == "d" and word in text else None
        box = FetchBox("limits { idle_seconds = 2 command_seconds = 1 }\n", server.account())
        began = time.monotonic()
        run = box.run("fetch")
        holds(run.returncode in (3, 4) and "more than" in run.err, (word, run.err, time.monotonic() - began))
        server.trickles = False
        box.configure(server.account())
        same((box.run("fetch").returncode, box.reports()), (0, [1, 2]))
        server.stop()


@test
def lines_without_end_do_not_outlast_a_signal():
    class Flood(Scripted):
        def dribble(self, connection, answer):
            try:
                while True:
                    connection.sendall(b"* OK still here\r\n" * 1000)
            except OSError:
                pass
    server = Flood(mails(2), on=lambda text, session: b"flood" if "RFC822.SIZE" in text else None)
    box = FetchBox(server.account())
    with Running(box, "fetch") as process:
        until(lambda: any("RFC822.SIZE" in c for c in server.commands))
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)
    server.stop()


@test
def numbers_no_mail_can_have_are_passed_over():
    def hook(text, session):
        if "RFC822.SIZE" not in text:
            return None
        return (b"* 1 FETCH (UID 9223372036854775807 RFC822.SIZE 10)\r\n* 1 FETCH (UID 4294967296 RFC822.SIZE 10)\r\n"
                b"* 1 FETCH (UID 18446744073709551617 RFC822.SIZE 1)\r\n* 1 FETCH (UID 0 RFC822.SIZE 1)\r\n* 1 FETCH (UID -3 RFC822.SIZE 1)\r\n"
                + session.usual(text))
    server = Scripted(mails(2), on=hook)
    box = FetchBox(server.account())
    same((box.run("fetch").returncode, box.reports()), (0, [1, 2]))
    server.mails[3] = mail(3)   # what came since is still found
    same((box.run("fetch").returncode, box.reports()), (0, [1, 2, 3]))
    holds(any("UID FETCH 3:*" in c for c in server.commands), server.commands)
    server.stop()


@test
def sizes_up_to_the_largest_number_do_not_overflow():
    class Huge(Scripted):
        def size(self, uid):
            return 9223372036854775807 if uid in (2, 3) else len(self.mails[uid])
    server = Huge(mails(4))
    box = FetchBox(server.account())
    run = box.run("fetch")
    same((run.returncode, box.reports()), (3, [1, 4]))
    holds("the cap is" in run.err, run.err)
    server.stop()


class Talker(Scripted):
    """Answers a request for bodies with lines that say nothing, as long as anyone listens."""
    slow = True

    def dribble(self, connection, answer):
        while self.slow:
            connection.sendall(b"* OK still here\r\n" * 4000)


@test
def a_server_that_talks_without_end_and_says_nothing_is_given_up_and_a_signal_ends_it():
    server = Talker(mails(2), on=lambda text, session: b"" if session.slow and body_command(text) else None)
    box = FetchBox("limits { idle_seconds = 2 command_seconds = 1 }\n", server.account())
    run = box.run("fetch")
    holds(run.returncode in (3, 4) and "more than" in run.err, run.err)
    box.configure("limits { idle_seconds = 60 command_seconds = 3600 }\n", server.account())
    server.commands.clear()
    with Running(box, "fetch") as process:
        until(lambda: any(body_command(c) for c in server.commands))
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
        err = process.said()
    holds(process.returncode == 4 and b"ended by a signal" in err, err)
    server.slow = False
    same((box.run("fetch").returncode, box.reports()), (0, [1, 2]))
    server.stop()


def watched(server, box, want, said):
    """Watches until these reports are there and this was said; the mail with UID 2 comes when the server says so."""
    def have():
        try:
            return box.reports() == want
        except sqlite3.Error:
            return False
    with Running(box, "-v", "fetch", "--watch") as process:
        until(lambda: have() and all(word in process.said() for word in said), 60)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    same(process.returncode, 0, process.said())
    server.stop()


@test
def a_server_lost_before_idle_begins_is_come_back_to_soon():
    def answer(text, session):
        session.mails[2] = mail(2)
        return "drop"
    server = Scripted(mails(1), on=once(lambda text: text.endswith(" IDLE"), answer))
    watched(server, FetchBox(server.account()), [1, 2], [b"looking again in 5 s"])


@test
def a_server_that_is_away_for_a_moment_is_come_back_to_soon():
    class Restarted(Scripted):
        def _serve(self, connection, number):
            if 2 <= number <= 4:  # it goes when it is waited on, and is not there for a while
                self.mails[2] = mail(2)
                connection.close()
            else:
                super()._serve(connection, number)
    server = Restarted(mails(1), on=once(lambda text: text.endswith(" IDLE"), lambda text, session: (b"+ idling\r\n* BYE Server shutting down\r\n",)))
    watched(server, FetchBox(server.account()), [1, 2], [b"looking again in 5 s", b"looking again in 10 s"])


@test
def a_server_that_ends_each_idle_at_once_is_not_logged_in_to_without_end():
    server = Scripted(mails(1), on=lambda text, session: (b"+ idling\r\n* BYE Connection closed. 14\r\n",) if text.endswith(" IDLE") else None)
    watched(server, FetchBox(server.account()), [1], [b"looking again in 5 s", b"looking again in 10 s"])
    holds(server.sessions <= 4, server.sessions)


@test
def connections_are_really_used_and_may_fail():
    class Busy(Scripted):
        def body(self, number, uid):
            time.sleep(0.002)
            return super().body(number, uid)
    for count in (2, 3, 4):
        server = Busy(mails(900))
        fetched(server, range(1, 901), connections=count)
        same(server.sessions, count)
        asked = [sum(body_command(c) for c in commands) for commands in server.by_session.values()]
        holds(len(asked) == count and min(asked) >= 1, asked)
    refuse = []

    def hook(text, session):  # the second connection is refused: done with one
        if "AUTHENTICATE" in text:
            refuse.append(1)
            if len(refuse) > 1:
                return (text.split()[0] + " NO [LIMIT] too many connections\r\n").encode()
        return None
    fetched(Scripted(mails(300), on=hook), range(1, 301), connections=3)


@test
def a_copy_that_was_cut_off_is_not_made_twice():
    """Whether the server keeps the date of a mail it copies or not; an older mail of the same name is not taken for the copy."""
    arrived, later, before = ("24-Nov-2026 06:00:00 +0000", "24-Nov-2026 07:00:07 +0100", "24-Nov-2026 06:30:00 +0100")

    class Copying(Scripted):
        capability = "IMAP4rev1 AUTH=PLAIN SASL-IR UIDPLUS"
        target, opened, date = [], "INBOX", arrived

        def usual(self, text):
            tag, word, rest = (text.split(" ", 2) + [""])[:3]
            ok = f"{tag} OK done\r\n".encode()
            if word in ("SELECT", "EXAMINE"):
                self.opened = rest.strip('"')
                if self.opened == "done":
                    return f"* {len(self.target)} EXISTS\r\n* OK [UIDVALIDITY 9] valid\r\n".encode() + ok
            if "INTERNALDATE" in text:
                lines = self.target if self.opened == "done" else [(self.mails[u], arrived) for u in self.uids(text.split()[3])]
                uids = range(1, len(lines) + 1) if self.opened == "done" else self.uids(text.split()[3])
                return b"".join(b'* %d FETCH (UID %d RFC822.SIZE %d INTERNALDATE "%s" BODY[HEADER.FIELDS (MESSAGE-ID)] {%d}\r\n%s)\r\n'
                                % (u, u, len(m), date.encode(), len(h), h) for u, (m, date) in zip(uids, lines)
                                for h in [re.search(rb"Message-ID: .*\r\n", m).group(0) + b"\r\n"]) + ok
            if rest.startswith("COPY"):
                self.target += [(self.mails[u], self.date) for u in self.uids(rest.split()[1])]
            if rest.startswith("EXPUNGE"):
                for u in self.uids(rest.split()[1]):
                    del self.mails[u]
            return ok if rest.startswith(("COPY", "EXPUNGE", "STORE")) else super().usual(text)

    def cut(text, session):
        session.usual(text)  # done, but nobody hears of it
        return "drop"
    for date, word in ((arrived, "UID COPY"), (arrived, "UID STORE"), (arrived, "UID EXPUNGE"), (later, "UID COPY"), (later, "UID STORE")):
        server = Copying(mails(5), on=once(lambda text, word=word: word in text, cut))
        server.date, server.target = date, [(mail(99), arrived)]
        fetched(server, range(1, 6), after="move", move_to="done")
        same((sorted(m for m, _ in server.target), server.mails), (sorted([mail(99)] + [mail(n) for n in range(1, 6)]), {}))
    server = Copying(mails(2), on=once(lambda text: "UID COPY" in text, lambda text, session: "drop"))
    server.target = [(mail(1), before)]
    fetched(server, [1, 2], after="move", move_to="done")
    same(sorted(m for m, _ in server.target), sorted([mail(1), mail(1), mail(2)]))


main()
