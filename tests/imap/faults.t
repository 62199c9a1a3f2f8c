#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Faults no real server makes on order: whatever a server does, nothing is lost, nothing comes twice, and the message is clear."""
import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from servers import FetchBox, Scripted, mail, plain_mail  # noqa: E402
from kit import holds, main, same, test  # noqa: E402


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
        if broken and body_command(text) and 3 in session.uids(text.split()[3]):
            return "drop"
        return None
    server = Scripted(mails(6), on=hook)
    box = FetchBox(server.account(after="move", move_to="done"))
    run = box.run("fetch")
    same(run.returncode, 3)
    holds("each time it is asked for the session ends" in run.err, run.err)
    same((box.reports(), sorted(server.mails)), ([1, 2, 4, 5, 6], [3]))
    broken.clear()
    run = box.run("fetch")
    same((run.returncode, box.reports(), sorted(server.mails)), (0, [1, 2, 3, 4, 5, 6], []))
    same(sorted(set(box.states())), ["stored"])
    same(box.ask("SELECT count(*) FROM mailbox_uid"), [(0,)])
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
    server = Scripted(mails(2), on=lambda text, session: b"* 1 FETCH (" + b"a" * (40 << 20) if "RFC822.SIZE" in text else None)
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
def no_password_goes_over_a_line_without_tls():
    server = Scripted(mails(1))
    run = FetchBox(server.account(plain=None)).run("fetch")
    same(run.returncode, 4)
    holds("STARTTLS" in run.err, run.err)
    holds(not any("LOGIN" in c or "AUTHENTICATE" in c for c in server.commands), server.commands)
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
                        ("[UNAVAILABLE] too many connections", "busy")):
        server = Scripted(mails(1), on=lambda text, session, said=said: f"{text.split()[0]} NO {said}\r\n".encode()
                          if "LOGIN" in text or "AUTHENTICATE" in text else None)
        run = FetchBox(server.account()).run("fetch")
        same(run.returncode, 4)
        holds(words in run.err and said.split("] ")[1] in run.err, run.err)
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
def a_mute_server_is_given_up_in_time():
    if os.environ.get("SLOW") is None:
        return  # a minute and more; run with SLOW=1
    server = Scripted(mails(2), on=lambda text, session: b"" if body_command(text) else None)
    began = time.monotonic()
    run = FetchBox(server.account()).run("fetch")
    holds("silent" in run.err and time.monotonic() - began < 290, run.err)
    server.stop()


main()
