#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
Killed at random instants of a fetch that moves mails (KILLS of them, 25; `make check-kill`: 200), where the server has MOVE and where
it has not: afterwards every report is in the database once and every mail once in its folder.
"""
import collections
import os
import random
import re
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from servers import NO_MOVE, Dovecot, FetchBox, cleanup_certificate, mail, plain_mail  # noqa: E402
from kit import BIN, holds, main, same, test  # noqa: E402

KILLS = int(os.environ.get("KILLS", "25"))
EACH = 12


def waiting(box):
    """Mails whose rows are committed and that are not moved yet, as the database has it."""
    try:
        return box.ask("SELECT count(*) FROM mailbox_uid WHERE state = 'settled'")[0][0]
    except Exception:  # no database yet
        return 0


def compare(have, want, what):
    """The same mails, each as often; tells which not by their subjects."""
    have, want = collections.Counter(have), collections.Counter(want)
    names = [[(count, re.search(rb"Subject: (.*)\r", text).group(1)) for text, count in (a - b).items()] for a, b in ((want, have), (have, want))]
    holds(have == want, f"{what}: missing {names[0]}, too many {names[1]}")


def kill_many(capability=None):
    server = Dovecot(capability=capability)
    seed = int(os.environ.get("SEED", random.randrange(1 << 30)))
    dice = random.Random(seed)
    try:
        box = FetchBox(server.account(after="move", move_to="done"))
        env = dict(os.environ, HOME=box.path, XDG_DATA_HOME=box.path, XDG_CONFIG_HOME=box.path, XDG_STATE_HOME=box.path)
        command = [BIN, "--db", box.db, "--now", "2026-11-24", "fetch"]
        count, others, killed, between = 0, 0, 0, 0
        longest = 0.15
        for kill in range(20 * KILLS):  # one that has ended by itself makes the next wait shorter
            if killed == KILLS:
                break
            server.put(*(mail(count + n) for n in range(1, EACH + 1)), plain_mail(kill))
            count += EACH
            others += 1
            began = time.monotonic()
            process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                process.wait(dice.uniform(0, longest))
                longest = max(0.05, 0.9 * longest + 0.1 * (time.monotonic() - began))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                killed += 1
                between += waiting(box) > 0
                longest = min(3.0, longest * 1.05)
        run = box.run("fetch")
        same((run.returncode, run.err), (0, ""), f"seed {seed}")
        print(f"# {killed} of {others} runs were killed, {between} of them between the commit and the end of moving; seed {seed}")
        same(killed, KILLS, f"so few kills hit, seed {seed}")
        same(box.reports(), list(range(1, count + 1)), f"seed {seed}")
        same(box.ask("SELECT count(*), count(DISTINCT report_id) FROM v_reports"), [(count, count)])
        same(box.ask("SELECT sum(messages) FROM v_daily"), [(3 * count,)])
        same(box.ask("SELECT count(*) FROM v_intake WHERE state = 'not_a_report'"), [(others,)])
        compare(server.files(".done"), (mail(n) for n in range(1, count + 1)), f"target, seed {seed}")
        compare(server.files(), (plain_mail(n) for n in range(others)), f"INBOX, seed {seed}")
        same(box.ask("SELECT count(*) FROM mailbox_uid"), [(0,)])
    finally:
        server.stop()


@test
def killed_at_any_instant_nothing_is_lost_or_doubled():
    kill_many()


@test
def nor_where_moving_takes_copy_store_and_expunge():
    kill_many(NO_MOVE)


try:
    main()
finally:
    cleanup_certificate()
