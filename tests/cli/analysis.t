#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the analysis must hold to whatever comes: sums, orders, labels, kept-apart domains, what-if, the catalogue. CORPUS names a folder of
reports of your own to try the sums on too."""
import fcntl
import glob
import hashlib
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys

import jsonschema

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from kit import BIN, Box, holds, main, most_memory, report, same, test  # noqa: E402
from worlds import DAY0, World, day, fails, foreign, own, record  # noqa: E402

BUCKETS = ("passing", "lost", "at_risk", "forwarded", "undecided", "undetermined")
with open("doc/dmarcsift.schema.json", encoding="utf-8") as _handle:
    SCHEMA = json.load(_handle)


def often():
    """The program that adds totals, and writes days, many times a run."""
    folder = os.path.dirname(BIN)
    path = os.path.join(folder, "tools", "dmarcsift_often")
    built = max((os.path.getmtime(part) for part in glob.glob(os.path.join(folder, "*", "*.o"))), default=0)
    holds(os.path.exists(path) and os.path.getmtime(path) >= built, f"{path} is missing or older than the program: make tools")
    return path


def mixed(days=40):
    """A bit of everything, with attributions that change late."""
    world = World(p="quarantine", sp="none")
    for n in range(days):
        world.add(n, own("192.0.2.1", 20), own("192.0.2.2", 3, domain="example.org"),
                  foreign("198.51.100.5", 4, "mandrillapp.com", "mte1", disposition="quarantine" if n % 3 else "none"),
                  foreign("198.51.100.6", 2, "sendgrid.net", "s1", sender="news.example.org"),
                  fails(f"203.0.113.{n}", 1, disposition="reject"), fails("203.0.113.200", 2),
                  record("203.0.113.201", 1, "unknown", "unknown"), record("192.0.2.3", 1, spf=[("example.org", "temperror")]))
        # An address that looks like a stranger's, then forwards, then turns out to be the user's.
        if n < 10:
            world.add(n, fails("198.51.100.50", 3), org="Harbormail")
        elif n < 20:
            world.add(n, record("198.51.100.50", 3, "pass", "fail", [("example.org", "s1", "pass")], [("example.org", "fail")]), org="Harbormail")
        elif n < 22:
            world.add(n, own("198.51.100.50", 3), org="Harbormail")
        # One whose sender shows late, in two ways on as many messages.
        if n > 30:
            world.add(n, record("198.51.100.60", 2, "fail", "fail", [("k.mcsv.net" if n % 2 else "amazonses.com", "x", "pass")]), org="Lumen")
        world.add(n, fails("198.51.100.60", 2), record("198.51.100.61", 1, "pass", "fail", [("example.org", "s1", "pass")], [("alumni.example", "pass")]))
        # More addresses of one sender than are shown, on as many messages each.
        world.add(n, foreign(f"192.0.2.{100 + n}", 6, "mandrillapp.com", "mte1", disposition="quarantine"))
    world.add(5, own("192.0.2.9", 5, domain="other.example"), domain="other.example")
    return world


def totals(box):
    """Sums by domain and sender of the three views; all must agree, and each record has one bucket."""
    ask = box.ask
    same(ask(f"SELECT count(*) FROM v_records WHERE bucket IS NULL OR bucket NOT IN ({','.join('?' * len(BUCKETS))})", *BUCKETS), [(0,)])
    parts = ", ".join(f"sum(CASE WHEN bucket = '{b}' THEN messages ELSE 0 END)" for b in BUCKETS)
    records = ask(f"SELECT domain, sender, sum(messages), {parts} FROM v_records WHERE \"foreign\" = 0 AND day IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2")
    sums = ", ".join(f"sum({b})" for b in BUCKETS)
    daily = ask(f"SELECT domain, sender, sum(messages), {sums} FROM v_daily GROUP BY 1, 2 ORDER BY 1, 2")
    sources = ask(f"SELECT domain, sender, sum(messages), {sums} FROM v_sources GROUP BY 1, 2 ORDER BY 1, 2")
    undated = ask("SELECT count(*) FROM v_records WHERE day IS NULL AND \"foreign\" = 0")[0][0]
    same(daily, records, "v_daily and v_records")
    if not undated:
        same(sources, records, "v_sources and v_records")
    for row in daily + sources:
        same(sum(row[3:]), row[2], f"buckets of {row[:2]}")
    return records


def agrees(box):
    """The views among themselves and with the JSON over all days."""
    records = totals(box)
    run = box.run("report", "--json", "-", "--since", "1970-01-01", "--until", "2100-01-01")
    same(run.returncode, 0, run.err)
    page = json.loads(run.out)
    jsonschema.validate(page, SCHEMA)
    by_domain = {}
    for row in records:
        have = by_domain.setdefault(row[0] or "", [0] * 7)
        for i, n in enumerate(row[2:]):
            have[i] += n
    same({d["domain"]: [d["messages"], *(d[b] for b in BUCKETS)] for d in page["domains"]}, by_domain, "JSON and views by domain")
    by_sender = {(row[0] or "", row[1]): list(row[2:]) for row in records}
    for d in page["domains"]:
        crowd = [0] * 7
        for s in d["senders"]:
            have = [s["messages"], *(s[b] for b in BUCKETS)]
            same(sum(have[1:]), have[0], f"buckets of {s['sender']}")
            if s["sender"] == "":
                crowd = have
                continue
            same(have, by_sender.pop((d["domain"], s["sender"])), s["sender"])
        same(d["more_senders"], 0)
        rest = [sum(n) for n in zip(*(v for k, v in by_sender.items() if k[0] == d["domain"]))] or [0] * 7
        same(crowd, rest, "the crowd is what is left")
    return page


@test
def buckets_sum_and_views_agree_on_everything_there_is():
    worlds = [mixed()]
    worlds[0].read()
    boxes = [worlds[0].box]
    for folder in ("samples", os.environ.get("CORPUS")):
        if folder:
            boxes.append(Box())
            boxes[-1].run("ingest", folder)
    boxes.append(Box())
    subprocess.run([os.path.join(os.environ.get("B", "build"), "tools", "generate"), "small", os.path.join(boxes[-1].path, "in"), "400", "60"], check=True)
    boxes[-1].run("ingest", os.path.join(boxes[-1].path, "in"))
    for box in boxes:
        agrees(box)


def views(box):
    """Everything the views say but what tells the order of coming in."""
    sha = dict(box.ask("SELECT id, sha256 FROM v_reports"))
    db = sqlite3.connect(f"file:{box.db}?mode=ro", uri=True)
    out = []
    for view in ("v_reports", "v_records", "v_auth", "v_sources", "v_daily", "v_findings"):
        cursor = db.execute(f"SELECT * FROM {view}")
        names = [c[0] for c in cursor.description]
        rows = []
        for row in cursor:
            row = dict(zip(names, row))
            for name in ("id", "origin", "imported_at"):
                row.pop(name, None)
            if "report" in row:
                row["report"] = sha[row["report"]]
            rows.append(repr(row))
        out.append(rows if view == "v_findings" else sorted(rows))
    db.close()
    now = ("--now", "2026-11-10")
    return out + [box.run("report", "--json", "-", "--since", "2026-10-01", before=now).out, box.run("report", before=now).out,
                  box.run("report", "--html", "-", before=now).out.replace(box.path, "")]


@test
def json_has_every_domain_also_beside_a_page():
    world = World(p="none")
    for n in range(30):
        world.add(0, own("192.0.2.1", 20, domain=f"d{n}.example"), domain=f"d{n}.example")
    world.read()
    path = os.path.join(world.box.path, "out")
    for args in ((), ("--html", path + ".html")):
        same(world.box.run("report", "--json", path, *args, before=("--now", day(1))).returncode, 0)
        with open(path, encoding="utf-8") as handle:
            same([len(d["senders"]) for d in json.load(handle)["domains"]], [1] * 30, args)


@test
def any_order_any_jobs_and_analysing_again_give_equal_views():
    world, want = mixed(), None
    files = list(world.reports())
    random.seed(4)
    for turn in range(8):
        box = Box()
        paths = [box.put(f"in/{name}", data) for name, data in files]
        if turn == 1:
            paths.reverse()
        elif turn > 1:
            random.shuffle(paths)
        pieces = [paths[i::turn // 2 + 1] for i in range(turn // 2 + 1)]
        for piece in pieces:
            same(box.run("ingest", *piece, before=("--now", "2026-11-10", "--jobs", "1" if turn % 2 else "4")).returncode, 0)
        have = views(box)
        if want is None:
            want = have
        for mine, theirs in zip(have, want):
            same(mine, theirs, f"order {turn}")
        if turn in (2, 5):
            same(box.run("analyse", "--again", before=("--now", "2026-11-10")).returncode, 0)
            for mine, theirs in zip(views(box), want):
                same(mine, theirs, f"again after order {turn}")


def kept(box):
    """What the analysis keeps, words included."""
    return [box.ask(sql) for sql in ("SELECT * FROM v_findings", "SELECT * FROM standing ORDER BY domain, sender",
                                     "SELECT * FROM standing_address ORDER BY domain, sender, place",
                                     "SELECT domain, sender, kind, auth_set, messages FROM standing_stream ORDER BY 1, 2, 3",
                                     "SELECT * FROM passed_on WHERE sender <> 0 ORDER BY 1, 2, 3, 4")]


@test
def looking_only_at_what_has_changed_finds_what_looking_at_everything_finds():
    """Domains that get reports on some days only, whose mail breaks, is lost long ago, and passes again; each step against a whole analysis."""
    def mail(n, domain):
        broken = domain == "b.example" and 18 <= n < 26 or domain == "c.example" and n >= 12
        records = [own("192.0.2.1", 9, domain=domain) if not broken else fails("192.0.2.1", 9, "reject", domain=domain),
                   foreign("198.51.100.5", 3, "mandrillapp.com", "mte1", disposition="reject" if n < 6 else "none", sender=domain),
                   fails(f"203.0.113.{n}", 1, domain=domain), fails("203.0.113.200", 4 if n % 7 == 0 else 1, domain=domain)]
        if n in (3, 30):
            records.append(record("198.51.100.61", 2, "pass", "fail", [(domain, "own", "pass")], [("relay.example", "pass")], sender=domain))
        return records

    def check(what):
        whole = Box()
        shutil.copyfile(box.db, whole.db)
        same(whole.run("analyse", before=now).returncode, 0)
        same(kept(box), kept(whole), what)

    box, now = Box(), ("--now", day(70))
    for n in (*range(14), 18, 19, 25, 26, 30, 44, 60):
        world = World()
        for at, domain in enumerate(("a.example", "b.example", "c.example", "example.org")):
            if n % 4 != at or n > 25 and at == 0:
                world.add(n, *mail(n, domain), domain=domain)
        for name, data in world.reports():
            box.put(f"in{n}/{name}", data)
        same(box.run("ingest", os.path.join(box.path, f"in{n}"), before=now).returncode, 0)
        check(f"day {n}")
    codes = {code for (code,) in box.ask("SELECT DISTINCT code FROM v_findings")}
    holds({"LOST", "BROKE", "NOTYOU"} <= codes, codes)
    before = kept(box)
    same(box.run("report", before=("--now", day(99))).returncode, 0)
    same(box.ask("SELECT count(*) FROM v_findings WHERE code = 'STALE'"), [(1,)])
    same(box.run("report", before=now).returncode, 0)
    same(kept(box), before, "another day and back")
    for step in (("label", "203.0.113.200", "mine"), ("forget", "b.example"), ("analyse", "--again")):
        same(box.run(*step, before=now).returncode, 0, step)
        check(step)
    same(box.ask("SELECT count(*) FROM v_findings WHERE domain = 'b.example'"), [(0,)])
    conf = box.put("c.conf", 'domains = { "c.example" }\n', mode=0o600)
    same(box.run("--config", conf, "analyse", before=now).returncode, 0)
    same(box.ask("SELECT DISTINCT domain FROM v_findings WHERE domain IS NOT NULL"), [("c.example",)])
    same(box.ask("SELECT DISTINCT d.name FROM standing t JOIN domain d ON d.id = t.domain"), [("c.example",)])


@test
def reports_on_which_no_analysis_has_looked_are_looked_at_or_told():
    """A run killed between its commit and the analysis leaves what one leaves that cannot write the latter."""
    def cut_short(day):
        db = sqlite3.connect(box.db)
        db.execute("CREATE TRIGGER full BEFORE INSERT ON analysis BEGIN SELECT RAISE(ABORT, 'full'); END")
        db.commit()
        same(box.run("ingest", *(box.put(f"{n}.xml", report(f"{n}", count=50, begin=1795132800 - 86400 * n)) for n in (day, day + 1))).returncode, 4)
        db.execute("DROP TRIGGER full")
        db.commit()
        db.close()

    box = Box()
    box.run("ingest", box.put("fine.xml", report("fine", records=own("192.0.2.9", 40))))
    cut_short(1)
    with open(box.db + ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        run = box.run("report", "--fail-on", "LOST")
        same((run.returncode, "the findings shown are those of an earlier run" in run.err), (0, True), run.err)
        run = box.run("explain", "mandrill")
        holds("came since the last analysis" in run.err, run.err)
    same(box.run("report", "--fail-on", "LOST").returncode, 1)
    run = box.run("explain", "mandrill")
    same((run.returncode, run.err), (0, ""))
    cut_short(3)
    same(box.run("report", "--fail-on", "LOST").returncode, 1)
    same(box.ask("SELECT messages FROM v_findings WHERE code = 'LOST'"), [(200,)])


@test
def reports_that_come_together_with_other_settings_are_analysed_with_all_there_is():
    box, world = Box(), World()
    for n in range(20):
        world.add(n, fails("192.0.2.1", 5, "reject"), fails(f"203.0.113.{n}", 4))
    for name, data in world.reports():
        box.put(f"in/{name}", data)
    box.run("ingest", os.path.join(box.path, "in"))
    box.put("dmarcsift/dmarcsift.conf", "thresholds { crowd_addresses = 7 }\n", 0o600)
    same(box.run("ingest", box.put("new.xml", report("new"))).returncode, 0)
    have = kept(box)
    same(box.run("analyse").returncode, 0)
    same(kept(box), have)


@test
def whatever_was_done_before_an_analysis_from_scratch_finds_the_same():
    """Random courses of work over the samples: pieces of them, labels, forgetting, reports of other days; then everything anew."""
    samples = sorted(os.path.join(folder, name) for folder, _, names in os.walk("samples") for name in names if not name.endswith((".sql", ".md")))
    holds(len(samples) > 40, samples)
    for seed in range(6):
        dice, box, left = random.Random(seed), Box(), samples.copy()
        dice.shuffle(left)
        while left:
            before = ("--now", dice.choice(("2026-11-10", "2026-11-24")), "--jobs", dice.choice("124"))
            count = dice.choice((1, 2, 5, 12))
            box.run("ingest", *left[:count], before=before)
            del left[:count]
            some = [name for row in box.ask("SELECT sender, source_ip FROM v_sources ORDER BY 1, 2") for name in row]
            step = dice.choice((["label", dice.choice(some or ["192.0.2.1"]), dice.choice(("mine", "not_mine", "forwarder", "ignore"))],
                                ["report"], ["analyse"], ["retry"], ["forget", "example.org"] if dice.random() < 0.2 else ["status"]))
            holds(box.run(*step, before=before).returncode in (0, 3), step)
        same(box.run("analyse").returncode, 0)
        have = views(box)
        same(box.run("analyse", "--again").returncode, 0)
        for mine, theirs in zip(have, views(box)):
            same(mine, theirs, f"course {seed}")


def restless(dice, name):
    """A domain whose senders have few addresses or many, that break, are forwarded, and turn out to be somebody else."""
    world, many, breaks, crowd = World(domain=name), dice.choice((3, 9, 14, 40)), dice.randrange(5, 20), dice.choice((0, 3, 30, 60))
    relays, selectors = ("alumni.example", "uni.example", "big.example"), ("s1", "s2", "q7")

    def count():
        return dice.choice((1, 1, 2, 2, 3, 5, 10, 20))

    for n in range(25):
        for org in dice.sample(("Northmail", "Harbormail", "Lumen"), dice.choice((1, 1, 2))):
            records = [own(f"192.0.2.{dice.randrange(many)}", count(), dkim=dice.choice(("s1", "s1", "s2")), domain=name) for _ in range(3)]
            for _ in range(3):
                address = f"198.51.100.{dice.randrange(many)}"
                records.append(record(address, count(), "pass", "fail", [(name, "m1", "pass"), ("mandrillapp.com", "mte1", "pass")], sender=name) if n < breaks else
                               foreign(address, count(), "mandrillapp.com", "mte1", disposition=dice.choice(("none", "reject")), sender=name))
            records.append(record(f"203.0.113.{dice.randrange(20)}", count(), "pass", "fail", [(name, dice.choice(selectors), "pass")], [(dice.choice(relays), "pass")], sender=name))
            records.append(record(f"203.0.113.{dice.randrange(20)}", count(), "fail", "fail", [(name, dice.choice(selectors), "fail")], [(dice.choice(relays), "pass")],
                                  dice.choice(("none", "reject")), name))
            records.append(record(f"100.64.30.{dice.randrange(14)}", count(), "pass", "fail", [(name, "zz1", "pass")], [("svc.example", "pass")], sender=name))
            records += [fails(f"100.64.0.{dice.randrange(crowd)}", count(), domain=name) for _ in range(3 if crowd else 0)]
            for _ in range(5):  # addresses of dozens of results each, the user's own, a relay that never passes SPF, and one that does for once
                selector, late = f"t{dice.randrange(30)}", n > 15 and dice.randrange(9) == 0
                records.append(dice.choice((own("192.0.2.200", count(), dkim=selector, domain=name),
                                            record("192.0.2.200", count(), "fail", "fail", [(name, selector, "fail")], [("bounce.example", "pass")], sender=name),
                                            own("203.0.113.200", count(), dkim=selector, envelope=dice.choice(relays), domain=name),
                                            record("203.0.113.200", count(), "fail", "fail", [(name, selector, "fail")], [(name, "fail")], sender=name),
                                            own("203.0.113.201", count(), dkim=selector, envelope=None if late else name + ".example", domain=name))))
            turncoat = f"100.64.20.{dice.randrange(4)}"
            records.append(dice.choice((fails(turncoat, count(), domain=name), own(turncoat, count(), domain=name),
                                        foreign(turncoat, count(), dice.choice(("k.mcsv.net", "amazonses.com", "list.example")), "x", sender=name),
                                        record(turncoat, count(), "pass", "fail", [(name, dice.choice(("s1", "x5")), "pass")], [(name, "fail")], sender=name))))
            world.add(n, *records, org=org)
    return list(world.reports())


@test
def what_was_taken_out_of_the_sums_leaves_nothing_behind():
    """Reports forgotten, and first copies that are worse: after both the same as where only the rest was ever read."""
    now = ("--now", day(60))
    for seed in range(6):
        dice, box, fresh = random.Random(seed), Box(often() if seed % 2 else BIN), Box()
        reports = [x for name in ("a.example", "b.example") for x in restless(dice, name)]
        dice.shuffle(reports)
        gone, doubled = reports[:6], reports[6:12]
        for name, data in reports:
            box.put(f"in/{name}", data)
        for (name, data), (_, others) in zip(doubled, gone):  # its records are another's, and it can be read with repairs only
            worse = re.sub(rb"(?s)<record>.*</record>", lambda m, others=others: re.search(rb"(?s)<record>.*</record>", others)[0] + b" & ", data)
            box.put(f"worse/{name}", worse)
        for name, data in reports[6:]:
            fresh.put(f"in/{name}", data)
        for part in dice.choice((("worse", "in"), ("in", "worse"))):
            same(box.run("ingest", os.path.join(box.path, part), before=now).returncode, 0)
        same(box.run("report", before=now).returncode, 0)
        ids = dict(box.ask("SELECT sha256, id FROM v_reports"))
        same(box.ask("SELECT count(*) FROM v_intake WHERE state = 'conflict'"), [(6,)])
        for _, data in gone:
            same(box.run("forget", str(ids[hashlib.sha256(data).hexdigest()]), before=now).returncode, 0)
        same(fresh.run("ingest", os.path.join(fresh.path, "in"), before=now).returncode, 0)
        same(fresh.run("report", before=now).returncode, 0)
        for view, keys in (("v_sources", "domain, sender, source_ip"), ("v_daily", "domain, day, sender"), ("v_findings", "rowid")):
            columns = ", ".join(c for (c,) in box.ask("SELECT name FROM pragma_table_info(?)", view))
            order = f" ORDER BY {keys}" if view != "v_findings" else ""
            same(box.ask(f"SELECT {columns} FROM {view}{order}"), fresh.ask(f"SELECT {columns} FROM {view}{order}"), (seed, view))
        same(box.ask("SELECT domain, sender, bucket, sum(messages) FROM v_records GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"),
             fresh.ask("SELECT domain, sender, bucket, sum(messages) FROM v_records GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"), seed)


@test
def totals_of_records_without_messages_go_with_their_reports():
    world = World()
    world.add(1, own("192.0.2.1", 5), fails("203.0.113.5", 0), fails("203.0.113.6", 0))
    world.add(2, fails("203.0.113.6", 0), fails("203.0.113.7", 0))
    world.read()
    addresses = "SELECT source_ip, first_day, last_day FROM v_sources ORDER BY 1"
    same(len(world.box.ask(addresses)), 4)
    same(world.box.run("forget", str(world.box.ask("SELECT min(id) FROM v_reports")[0][0])).returncode, 0)
    same(world.box.ask(addresses), [("203.0.113.6", day(2), day(2)), ("203.0.113.7", day(2), day(2))])


@test
def mail_of_reports_whose_day_is_unreadable_stays_where_others_are_forgotten():
    box = Box()
    undated = report("2", count=7).replace(b"<begin>", b"<begin>since ")
    same(box.run("ingest", box.put("a.xml", report("1", count=5)), box.put("b.xml", undated)).returncode, 0)
    sums = "SELECT messages, first_day, last_day FROM v_sources"
    same(box.ask(sums), [(12, "2026-11-20", "2026-11-20")])
    same(box.run("forget", "1").returncode, 0)
    same(box.ask(sums), [(7, None, None)])
    same(box.run("forget", "2").returncode, 0)
    same(box.ask(sums), [])


@test
def what_came_since_is_added_to_what_the_last_analysis_kept():
    """Random pieces of restless domains, in any order: after each the same as a whole analysis finds, also where totals are added every few records."""
    now = ("--now", day(60))
    for seed in range(6):
        dice, box = random.Random(seed), Box(often() if seed % 2 else BIN)
        reports = [x for name in ("a.example", "b.example") for x in restless(dice, name)]
        dice.shuffle(reports)
        paths = [box.put(f"in/{name}", data) for name, data in reports]
        while paths:
            take = dice.choice((1, 2, 5, 20))
            same(box.run("ingest", *paths[:take], before=now).returncode, 0)
            del paths[:take]
            whole = Box()
            shutil.copyfile(box.db, whole.db)
            same(whole.run("analyse", before=now).returncode, 0)
            for have, want in zip(kept(box), kept(whole)):
                same(have, want, f"course {seed}, {len(paths)} left")
        have = views(box)
        same(box.run("analyse", "--again", before=now).returncode, 0)
        for mine, theirs in zip(have, views(box)):
            same(mine, theirs, f"course {seed}")


@test
def analysing_again_holds_a_slice_of_a_report_however_many_records_it_has():
    box = Box()
    one = report()
    one = one[one.index(b"<record>"):one.index(b"</feedback>")].decode().replace("<identifiers>", "<identifiers><envelope_from>" + ".".join(["a" * 60] * 4) + "</envelope_from>")
    records = "".join(one.replace("<count>3", f"<count>{n}") for n in range(1, 150001))
    same(box.run("ingest", "-", stdin=report(records=records)).returncode, 0)
    used = most_memory("-q", "--db", box.db, "analyse", "--again")
    holds(used < 48 * 1024 or "asan" in BIN, f"{used} KiB")


@test
def senders_that_got_nothing_are_not_looked_at_again():
    """What is kept of one is changed by hand and stays, as long as only others of its domain get mail."""
    world = mixed()
    world.read()
    box = world.box
    with sqlite3.connect(box.db) as db:
        db.execute("UPDATE standing SET known_by = 'by hand' WHERE sender = (SELECT id FROM sender WHERE sender = 'sendgrid')")
    by_hand = "SELECT count(*) FROM standing WHERE evidence = 'by hand'"
    world.add(41, own("192.0.2.1", 20))
    same(box.ask(by_hand), [(1,)])
    world.add(42, foreign("198.51.100.6", 2, "sendgrid.net", "s1", sender="news.example.org"))
    same(box.ask(by_hand), [(0,)])


@test
def forgetting_a_domain_leaves_nothing_of_its_addresses():
    world = World()
    world.add(0, own("192.0.2.1", 20), record("192.0.2.2", 0))
    world.add(0, own("192.0.2.3", 3, domain="other.example"), domain="other.example")
    world.read()
    same(world.box.run("forget", "example.org").returncode, 0)
    same(world.box.ask("SELECT domain, source_ip FROM v_sources"), [("other.example", "192.0.2.3")])


@test
def what_an_address_is_may_show_late():
    world = mixed()
    world.read()
    rows = world.box.ask("SELECT DISTINCT bucket FROM v_records WHERE source_ip = '198.51.100.50' AND verdict = 'pass'")
    same(rows, [("passing",)], "an aligned SPF pass makes it usual, also for what came before")
    same(world.box.ask("SELECT DISTINCT sender FROM v_records WHERE source_ip = '198.51.100.60' ORDER BY 1"), [("amazon-ses",), ("mailchimp",)])
    same(world.box.ask("SELECT DISTINCT sender, bucket FROM v_records WHERE source_ip = '198.51.100.61'"), [("alumni.example", "forwarded")])


# --- whose mail ---

@test
def passing_history_needs_three_days_and_not_only_a_forwarders_signature():
    for days, mine in ((2, False), (3, True)):
        world = World()
        for n in range(30):
            world.add(n, own("192.0.2.77", 5) if n < days else fails("192.0.2.77", 5))
        same(world.senders("example.org")[0]["class"], "at_risk" if mine else "undecided", "what fails carries nothing that passes")
        other = World()
        for n in range(30):
            passing = n < days
            other.add(n, record("198.51.100.8", 5, pe_spf="pass" if passing else "fail", dkim=[("sig.example", "k", "pass")],
                                spf=[("m.example.org", "pass" if passing else "fail")]))
        same(other.senders("sig.example")[0]["class"] == "at_risk", mine, f"{days} days")
    for host in ("alumni.example", "gmail.com"):
        world = World()
        for n in range(30):
            world.add(n, own("192.0.2.77", 5), own("198.51.100.9", 5, envelope=host), foreign("198.51.100.9", 5, host, "x", envelope=host))
        same({s["class"] for s in world.senders() if s["messages"]} & {"losing", "at_risk"}, set(), host)


@test
def mail_signed_by_the_own_organisational_domain_is_vouched_for_under_strict_alignment():
    world = World()
    for n in range(30):
        world.add(n, record("192.0.2.30", 5, dkim=[("mail.example.org", "x", "pass")], spf=[("mail.example.org", "pass")], disposition="reject"), adkim="s")
    sender = world.senders("example.org")[0]
    same((sender["class"], sender["lost"]), ("losing", 150))


@test
def a_service_vouches_with_three_messages_a_month_on_two_days():
    for mail, vouched in ((((0, 3),), False), (((0, 1), (1, 1)), False), (((0, 2), (1, 1)), True), (((0, 2), (59, 2)), False), (((0, 3), (59, 2)), True)):
        world = World(p="none")
        for n, count in mail:
            world.add(n, foreign("198.51.100.5", count, "mandrillapp.com", "mte1"))
        same(world.senders("mandrill")[0]["class"], "at_risk" if vouched else "undecided", mail)


@test
def it_is_sure_by_messages_days_and_steadiness_whose_a_sender_is():
    for days, count, sure in ((range(7), 15, "high"), (range(7), 14, "medium"), (range(6), 20, "medium"), (range(0, 70, 10), 20, "high"), (range(0, 119, 17), 20, "medium"),
                              (range(3), 7, "medium"), (range(3), 6, "low"), (range(2), 20, "low")):
        world = World()
        for n in days:
            world.add(n, own("192.0.2.1", count))
        same(world.senders("example.org", since=day(0))[0]["confidence"], sure, (days, count))


@test
def a_mailbox_host_or_a_stranger_does_not_vouch():
    for signer in ("gmail.com", "stranger.example"):
        world = World()
        for n in range(30):
            world.add(n, foreign("198.51.100.9", 9, signer, "x", envelope=signer))
        same([(s["class"], s["undecided"]) for s in world.senders()], [("undecided", 270)], signer)


@test
def labels_on_an_address_a_network_a_sender_and_a_signing_domain_decide():
    world = World(p="none")
    for n in range(30):
        world.add(n, own("192.0.2.1", 20), fails("203.0.113.8", 2), fails("203.0.113.9", 2), fails("2001:db8:5::9", 2),
                  foreign("198.51.100.5", 4, "mandrillapp.com", "mte1"), foreign("198.51.100.40", 4, "crm.firm.example", "x"), foreign("203.0.113.8", 1, "sendgrid.net", "s1"))
    def classes(*what):
        return [(s["class"], s["name"]) for w in what for s in world.senders(w)]
    world.read()
    box = world.box
    same(classes("203.0.113.9", "mandrill", "firm.example"), [("undecided", "203.0.113.9"), ("at_risk", "Mailchimp Transactional (Mandrill)"), ("undecided", "firm.example")])
    same(box.run("label", "203.0.113.0/24", "mine", "payroll").returncode, 0)
    same(classes("203.0.113.8", "203.0.113.9", "203.0.113.0/24"), [("at_risk", "payroll")], "a network is one sender")
    same([s["messages"] for s in world.senders("203.0.113.0/24")], [150], "all its mail, also what a service signed")
    holds("nothing reported so far is called mandril" in box.run("label", "mandril", "mine").err, "a slip of the pen is told")
    same(box.run("label", "mandril", "none").returncode, 0)
    run = box.run("label", "203.0.113.8", "not_mine")
    same((run.returncode, run.err), (0, ""))
    same(classes("203.0.113.8", "203.0.113.0/24"), [("not_you", "203.0.113.8"), ("at_risk", "payroll")], "the narrower one")
    same(box.run("label", "2001:db8::/32", "mine", "six").returncode, 0)
    same(classes("2001:db8::/32"), [("at_risk", "six")])
    same(box.run("label", "mandrill", "not_mine").returncode, 0)
    same(classes("mandrill")[0][0], "not_you")
    same(box.run("label", "crm.firm.example", "mine", "Our CRM").returncode, 0)
    same(classes("crm.firm.example"), [("at_risk", "Our CRM")])
    holds(any("Our CRM" in f["text"] for f in world.page()["findings"] if f["code"] == "RISK"), "and the wording")
    same(box.run("label", "mandrill", "ignore").returncode, 0)
    same(classes("mandrill")[0][0], "undecided")
    same([f["code"] for f in world.page()["findings"] if f["sender"] == "mandrill"], [])
    agrees(box)
    for what in ("203.0.113.0/24", "203.0.113.8", "2001:db8::/32", "mandrill", "crm.firm.example"):
        same(box.run("label", what, "none").returncode, 0)
    same(classes("203.0.113.9", "firm.example"), [("undecided", "203.0.113.9"), ("undecided", "firm.example")])


@test
def a_label_makes_what_making_everything_anew_makes():
    world = mixed()
    world.read()
    box, now = world.box, ("--now", "2026-11-10")
    same(box.run("analyse", before=now).returncode, 0)
    before = views(box)
    for what, label in (("198.51.100.0/24", "mine"), ("203.0.113.200", "mine"), ("mandrillapp.com", "forwarder"), ("sendgrid", "not_mine"), ("example.org", "ignore"),
                        ("alumni.example", "mine"), ("203.0.113.200", "not_mine"), ("198.51.100.50", "forwarder")):
        same(box.run("label", what, label, "a name", before=now).returncode, 0)
        have = views(box)
        same(box.run("analyse", "--again", before=now).returncode, 0)
        for mine, again in zip(have, views(box)):
            same(mine, again, f"{what} {label}")
    for what in ("198.51.100.0/24", "203.0.113.200", "mandrillapp.com", "sendgrid", "example.org", "alumni.example", "198.51.100.50"):
        same(box.run("label", what, "none", before=now).returncode, 0)
    for mine, first in zip(views(box), before):
        same(mine, first, "all labels taken away")


@test
def what_is_set_aside_by_label_is_asked_about_no_more():
    world = World()
    for n in range(40):
        world.add(n, own("192.0.2.1", 30), fails("203.0.113.8", 2, disposition="reject"))
    world.read()
    box = world.box
    def page():
        return box.run("report", "--html", "-", before=("--now", day(40))).out
    holds("is it yours?" in page() or "are they yours?" in page(), "before")
    same(box.run("label", "203.0.113.8", "ignore").returncode, 0)
    holds("<h1>Nothing to do. None of your mail was lost.</h1>" in page() and "Set aside by your label." in page(), "after")
    same([(s["class"], s["undecided"]) for s in world.senders("203.0.113.8")], [("undecided", 60)])
    holds("[?] undecided 60 fail, and are not known as yours" in world.text(), world.text())


@test
def a_label_the_configuration_overrules_changes_nothing_and_says_so():
    world = World()
    for n in range(40):
        world.add(n, own("192.0.2.1", 30), foreign("198.51.100.5", 4, "mandrillapp.com", "mte1"))
    world.read()
    conf = world.box.put("l.conf", 'label "mandrill" { class = not_mine }\n', 0o600)
    now = ("--config", conf, "--now", day(40))
    same(world.box.run("report", before=now).returncode, 0)
    run = world.box.run("label", "mandrill", "mine", before=now)
    same((run.returncode, run.out, run.err), (0, "", "dmarcsift: mandrill stays not_mine: the configuration says so; change it there\n"))
    same(world.box.ask("SELECT class FROM v_sources WHERE sender = 'mandrill'"), [("not_you",)])


@test
def labels_of_the_configuration_win_and_the_difference_is_told():
    world = World(p="none")
    for n in range(30):
        world.add(n, own("192.0.2.1", 20), fails("203.0.113.8", 2))
    world.read()
    same(world.box.run("label", "203.0.113.8", "not_mine").returncode, 0)
    conf = world.box.put("c.conf", 'label "203.0.113.8" { class = mine  name = "payroll" }\n', 0o600)
    run = world.box.run("--config", conf, "analyse")
    holds("labelled not_mine by command; the configuration says mine" in run.err, run.err)
    run = world.box.run("--config", conf, "report", "--json", "-", before=("--now", day(30)))
    names = [(s["class"], s["name"]) for d in json.loads(run.out)["domains"] for s in d["senders"] if s["sender"] == "203.0.113.8"]
    same(names, [("at_risk", "payroll")])


@test
def a_report_of_the_future_hides_nothing():
    world = World()
    for n in range(25):
        world.add(n, own("192.0.2.1", 10), foreign("198.51.100.5", 5, "mandrillapp.com", "mte1", disposition="reject"))
    world.read()
    before = world.page(now=day(25))
    world.box.put("later/a.xml", report("later", begin=DAY0 + 150 * 86400, ip="203.0.113.9", domain="example.org"))
    same(world.box.run("ingest", os.path.join(world.box.path, "later"), before=("--now", day(25))).returncode, 0)
    after = world.page(now=day(25))
    same((after["domains"][0]["lost"], after["domains"][0]["newest_day"], after["period"]), (before["domains"][0]["lost"], day(24), before["period"]))
    holds(before["domains"][0]["lost"] == 125 and "LOST" in [f["code"] for f in after["findings"]], "lost mail is told")
    holds("STALE" in [f["code"] for f in world.page(now=day(40))["findings"]], "and that reports have stopped")
    world = World(p="none")
    for n in range(25):
        world.add(n, own("192.0.2.1", 10), foreign("198.51.100.5", 5, "mandrillapp.com", "mte1", sender="news.example.org"))
    world.read()
    strict = lambda: world.box.run("report", "--policy", "reject", "--strict", before=("--now", day(25))).out
    before, what = world.page(now=day(25)), strict()
    world.box.put("later/a.xml", report("later", begin=DAY0 + 150 * 86400, domain="example.org", records=own("192.0.2.1", 1)).replace(b"<p>reject</p>", b"<p>quarantine</p><sp>none</sp>"))
    same(world.box.run("ingest", os.path.join(world.box.path, "later"), before=("--now", day(25))).returncode, 0)
    risk = lambda page: [(f["text"], f["why"]) for f in page["findings"] if f["code"] == "RISK"]
    same((risk(world.page(now=day(25))), strict()), (risk(before), what))


@test
def a_receiver_is_silent_only_where_others_go_on():
    world = World()
    for n in range(60):
        world.add(n, own("192.0.2.1", 10))
        if n < 40:
            world.add(n, own("192.0.2.1", 10, domain="example.net"), domain="example.net", org="Northmail")
            world.add(n, own("192.0.2.1", 10), org="Harbormail")
    page = world.page(now=day(60))
    same([(f["domain"], "Harbormail" in f["text"]) for f in page["findings"] if f["code"] == "BLIND"], [("example.org", True)])


# --- domains ---

@test
def foreign_domains_stay_out_of_sums_classes_and_findings():
    world = World(p="none")
    for n in range(30):
        world.add(n, own("192.0.2.1", 20))
        world.add(n, foreign("198.51.100.5", 9, "mandrillapp.com", "mte1", sender="elsewhere.example"), domain="elsewhere.example")
        world.add(n, own("192.0.2.1", 7, domain="sub.example.org"), domain="sub.example.org")
    world.read()
    conf = world.box.put("c.conf", 'domains = { "example.org" }\n', 0o600)
    run = world.box.run("--config", conf, "report", "--json", "-", before=("--now", day(30)))
    page = json.loads(run.out)
    jsonschema.validate(page, SCHEMA)
    same((page["foreign"], sorted(d["domain"] for d in page["domains"])), (["elsewhere.example"], ["example.org", "sub.example.org"]))
    same({f["domain"] for f in page["findings"]} - {None}, {"example.org", "sub.example.org"})
    same(world.box.ask("SELECT sum(messages) FROM v_records WHERE \"foreign\" = 1"), [(270,)])
    run = world.box.run("--config", conf, "explain", "Elsewhere.example.")
    same((run.returncode, "elsewhere.example was reported, but is not among the domains" in run.err), (2, True))
    for view in ("v_sources", "v_daily"):
        same(world.box.ask(f"SELECT count(*) FROM {view} WHERE domain = 'elsewhere.example'"), [(0,)], view)
    agrees(world.box)
    for domains, outside in (('"elsewhere.example", "example.org"', []), ('"elsewhere.example", "example.net"', ["example.org", "sub.example.org"])):
        run = world.box.run("--config", world.box.put("c.conf", f"domains = {{ {domains} }}\n", 0o600), "report", "--json", "-", before=("--now", day(30)))
        same(sorted(json.loads(run.out)["foreign"]), outside, domains)
        same(world.box.ask("SELECT sum(messages) FROM v_daily WHERE domain = 'elsewhere.example'"), [(270,)])
        agrees(world.box)


@test
def a_name_is_the_same_however_it_is_written():
    world = World("b\u00fccher.example", p="none")
    for n in range(30):
        world.add(n, own("192.0.2.1", 10, domain="B\u00dcCHER.example"), foreign("::ffff:198.51.100.5", 3, "mail.example.net", "x1", sender="xn--bcher-kva.example."))
    world.read()
    same(world.box.ask("SELECT DISTINCT domain, header_from FROM v_records"), [("xn--bcher-kva.example", "xn--bcher-kva.example")])
    same(world.box.ask("SELECT sum(messages) FROM v_records WHERE verdict = 'pass'"), [(300,)])
    conf = world.box.put("c.conf", 'domains = { "B\u00dccher.Example." }\nlabel "::FFFF:198.51.100.5" { class = mine  name = "shop" }\n', 0o600)
    for named in ("b\u00fccher.example", "B\u00dcCHER.EXAMPLE.", "xn--bcher-kva.example", "XN--BCHER-KVA.example."):
        for config in ((), ("--config", conf)):
            out = world.box.run(*config, "report", "--domain", named, before=("--now", day(30))).out
            holds("390 reported" in out, (named, out))
            holds("300 messages" in world.box.run(*config, "explain", named, before=("--now", day(30))).out, named)
    holds("shop" in world.box.run("explain", "::ffff:198.51.100.5", before=("--now", day(30))).out, "an address is the same address")
    same(world.box.run("--config", conf, "analyse").returncode, 0)
    same(world.box.ask("SELECT count(*) FROM v_records WHERE \"foreign\" = 1"), [(0,)])
    for network in ("203.0.113.77/24", "2001:DB8:0::7/33", "203.0.113.0/24"):
        same(world.box.run("label", network, "mine").returncode, 0)
    same(world.box.ask("SELECT what FROM label WHERE origin = 'command' ORDER BY 1"), [("2001:db8::/33",), ("203.0.113.0/24",)])
    same(world.box.run("forget", "b\u00fccher.example.").returncode, 0)
    same(world.box.ask("SELECT count(*) FROM v_reports"), [(0,)])


@test
def from_domains_below_are_folded_into_the_policy_domain():
    world = World(p="none")
    for n in range(30):
        world.add(n, own("192.0.2.1", 20), foreign("198.51.100.5", 9, "mandrillapp.com", "mte1", sender="news.example.org"))
    page = world.page()
    same([(d["domain"], d["messages"]) for d in page["domains"]], [("example.org", 870)])
    same(world.box.ask("SELECT DISTINCT domain, header_from FROM v_records WHERE sender = 'mandrill'"), [("example.org", "news.example.org")])
    holds("news.example.org" in world.box.run("explain", "mandrill").out, "and shown in the rows")


@test
def undetermined_and_unknown_are_never_a_pass_nor_a_fail():
    world = World(p="none")
    for n in range(30):
        world.add(n, own("192.0.2.1", 20), record("192.0.2.3", 2, spf=[("example.org", "temperror")]), record("192.0.2.3", 1, "unknown", "unknown"),
                  record("192.0.2.4", 3, "unknown", "unknown", disposition="reject"))
    page = world.page()
    same((page["domains"][0]["undetermined"], page["domains"][0]["passing"]), (180, 600))
    same([s["class"] for s in world.senders("192.0.2.3")], ["undecided"])
    out = world.box.run("explain", "192.0.2.3", before=("--now", day(30))).out
    holds("  90 messages: 0 passing (0 by DKIM, 0 by SPF), 0 lost, 0 at risk, 0 forwarded, 0 undecided, 90 unclear\n" in out, out)
    world.add(29, own("192.0.2.1", 20, domain="example.net"), fails("192.0.2.9", 7, domain="example.net"), domain="example.net")
    lines = [line.split() for line in world.box.run("report", before=("--now", day(30))).out.splitlines()]
    holds("lost at risk passing forwarded the rest".split() in lines and any(line[-5:] == ["0", "0", "600", "0", "180"] for line in lines), lines)


@test
def below_twenty_messages_no_percentage_is_shown():
    for count, shown in ((19, False), (20, True)):
        world = World(p="none")
        world.add(0, own("192.0.2.1", count))
        world.read()
        for args in (("--html", "-"), ("--policy", "reject"), ("--text",)):
            out = world.box.run("report", *args, before=("--now", day(1))).out
            out = re.sub(r"<(style|script)>.*?</\1>|<[^>]*>", " ", out, flags=re.S)
            if not shown:
                holds(not re.search(r"\b100(\.0)?\s?%", out), (args, re.findall(r".{30}100.{0,3}%.{10}", out)))
        if shown:
            holds("100.0 %" in world.box.run("report", "--policy", "reject", before=("--now", day(1))).out, "from twenty on")


# --- policies ---

@test
def mail_that_passes_by_spf_only_is_counted_message_by_message():
    world = World(p="quarantine")
    for n in range(30):
        world.add(n, record("192.0.2.1", 50, "fail", "pass", [], [("example.org", "pass")]), *((own("192.0.2.1", 500),) if n == 3 else ()))
    world.read()
    out = world.box.run("report", "--policy", "reject", before=("--now", day(30))).out
    holds("passes by SPF only (lost when forwarded): 75.0 % (wanted: under 2 %)" in out, out)


@test
def what_if_keeps_a_published_sp_and_tells_junked_from_rejected():
    def asked(world, *args):
        out = world.box.run("report", *args, before=("--now", day(30))).out
        found = re.search(r"^ +([\d,]+)  in all(: .*)?$", out, re.M)
        return (int(found.group(1).replace(",", "")), found.group(2) or "", out) if found else (0, "", out)
    def world(p, sp):
        w = World(p=p, sp=sp)
        for n in range(10):
            w.add(n, own("192.0.2.1", 20), foreign("198.51.100.5", 5, "mandrillapp.com", "mte1"),
                  foreign("198.51.100.6", 3, "sendgrid.net", "s1", sender="news.example.org"), fails("203.0.113.50", 4))
        w.read()
        return w
    for p, sp, total in (("none", None, (80, ": 80 rejected")), ("none", "none", (80, ": 80 rejected")), ("quarantine", "none", (50, ": 50 rejected")),
                         ("none", "quarantine", (80, ": 50 rejected, 30 junked"))):
        w = world(p, sp)
        same(asked(w, "--policy", "reject")[0], total[0], (p, sp))
        holds(asked(w, "--policy", "reject")[1].startswith(total[1]), (p, sp, asked(w, "--policy", "reject")[1]))
        same(sum(s["would_lose"] for s in w.senders()), total[0], "JSON and page")
    w = world("quarantine", "none")
    same(asked(w, "--policy", "reject", "--subdomain-policy", "reject")[0], 80)
    same(asked(w, "--policy", "quarantine")[1].split(" (")[0], ": 50 junked")
    same(asked(w, "--policy", "none")[0], 0)
    holds("besides, to be decided about first: 40 messages of 1 sender (203.0.113.50)" in asked(w, "--policy", "reject")[2], asked(w, "--policy", "reject")[2])
    same(asked(w, "--policy", "reject", "--domain", "other.example")[0], 0)
    lost = sum(s["would_lose"] for s in w.senders())
    same(lost, 50, "JSON says the same")


@test
def what_if_tells_by_sender_what_is_lost_spared_and_junked_and_what_is_stopped_besides():
    world = World(p="none", sp="quarantine")
    for n in range(30):
        world.add(n, own("192.0.2.1", 20))
        if n > 19:
            world.add(n, foreign("198.51.100.5", 5, "mandrillapp.com", "mte1"), *(fails(f"203.0.113.{k}", 4 + k) for k in range(6)),
                      *(foreign(*s, sender="news.example.org") for s in (("198.51.100.5", 1, "mandrillapp.com", "mte1"), ("198.51.100.6", 1, "sendgrid.net", "s1"))))
    world.add(29, record("198.51.100.5", 3, dkim=[("mandrillapp.com", "mte1", "pass")], spf=[("bounce.mandrillapp.com", "pass")], reason="mailing_list"),
              record("198.51.100.30", 1, dkim=[("example.org", "s1", "fail")], spf=[("example.org", "softfail")], reason="mailing_list"),
              *(fails(f"192.0.{k}.9", 1) for k in range(10)))
    world.read()
    world.box.put("dmarcsift/dmarcsift.conf", 'domains = { "example.org", "x.example" }\n', 0o600)
    mandrill, sendgrid = "Mailchimp Transactional (Mandrill) as example.org", "        10  Twilio SendGrid as example.org"
    besides = ["besides, to be decided about first: 390 messages of 6 senders (203.0.113.5, 203.0.113.4, 203.0.113.3, 203.0.113.2, 203.0.113.1, ...)",
               "besides, of strangers: 10 messages; that is what the policy is for",
               "besides, forwarded and altered on the way: 1 message, lost too where the receiver does not trust who passed it on"]
    let_through = "besides, 20 messages of From domains below the policy domain fail and stay let through (sp=none)"
    limits = "Receivers may junk instead, or do less; those that do not report, and mail refused before its content came, are not counted."
    for asked, want in (
            ("reject", [f"        63  {mandrill} (3 of them receivers would probably let through) (10 of them junked)", sendgrid,
                        "        73  in all: 53 rejected (receivers would probably spare 3 of these), 20 junked", *besides, limits]),
            ("reject --subdomain-policy none", [f"        53  {mandrill} (3 of them receivers would probably let through)",
                                                "        53  in all: 53 rejected (receivers would probably spare 3 of these)", *besides, let_through, limits]),
            ("quarantine", [f"        63  {mandrill}", sendgrid, "        73  in all: 73 junked", *besides, limits]),
            ("none", [f"        10  {mandrill}", sendgrid, "        20  in all: 20 junked", limits]),
            ("reject --domain x.example", ["         0  nothing", "but nothing was reported in that time", limits])):
        out = world.box.run("report", "--policy", *asked.split(), before=("--now", day(30))).out
        same(out.split("\n\n")[0].rstrip("\n").split("\n")[1:], want, asked)
        same(out.split(" been in force from 2026-10-01 to 2026-10-30, of your own mail there had been lost or junked:")[0],
             "Had p=" + asked.split(" --domain")[0].replace(" --subdomain-policy ", " sp="))


@test
def what_if_tells_what_the_reports_leave_open_and_what_stays_let_through():
    world = World(p="quarantine", sp="none")
    for n in range(30):
        world.add(n, own("192.0.2.1", 20), record("192.0.2.1", 3, dkim=[("example.org", "s1", "temperror")], spf=[("example.org", "fail")]),
                  record("192.0.2.1", 2, "", ""), foreign("198.51.100.5", 4, "mandrillapp.com", "mte1", sender="news.example.org"))
    world.read()
    below, left_open = (f"besides, {x}" for x in ("120 messages of From domains below the policy domain fail and stay let through (sp=none)",
                                                  "150 messages of which the reports do not tell whether they pass"))
    for asked, want in (("reject", ["         0  nothing", below, left_open]), ("quarantine", ["         0  nothing", below, left_open]),
                        ("none", ["         0  nothing"]), ("none --subdomain-policy quarantine", [left_open]), ("reject --subdomain-policy reject", [left_open])):
        out = world.box.run("report", "--policy", *asked.split(), before=("--now", day(30))).out.split("\n\n")[0].split("\n")
        same([line for line in out if line.startswith("besides") or line.endswith("nothing")], want, asked)
    page = world.box.run("report", "--html", "-", before=("--now", day(30))).out
    holds("none of your mail would have been lost, as far as the reports tell. Besides, 120 messages of From domains below it fail and stay let through (sp=none). "
          "Besides, 150 messages of which the reports do not tell whether they pass.</p>" in page, re.findall('<p class="preview">.*', page))
    holds("those that do not report, and mail refused before its content came, are not counted." in page, "its limits")


@test
def each_gate_has_its_figure_and_the_names_that_block():
    world = World(p="none")
    for n in range(40):
        world.add(n, own("192.0.2.1", 20), record("198.51.100.8", 4, pe_spf="pass", spf=[("em1.example.org", "pass")], dkim=[("sendgrid.net", "s1", "pass")]))
        if n > 10:
            world.add(n, foreign("198.51.100.5", 5, "mandrillapp.com", "mte1"), fails("203.0.113.50", 4))
        if n > 33:
            world.add(n, foreign("198.51.100.12", 1, "mcsv.net", "k1"), record("192.0.2.1", 5, spf=[("example.org", "permerror")]))
    out = (world.read(), world.box.run("report", "--policy", "quarantine", before=("--now", day(40))))[1].out
    holds("\n\nexample.org: conditions for p=quarantine\n  [" in out, out)
    for line in (r"\[\+\] Days with reports: 30 \(wanted: 28 or more, the end of a month among them\)", r"\[\+\] Messages of yours: \d+ \(wanted: 500 or more\)",
                 r"\[-\] Your mail that passes: \d\d\.\d % \(wanted: 98 % or more\)",
                 r"\[-\] Senders of yours that fail more than 5 %: 1 \(wanted: none\): .*Mandrill",
                 r"\[-\] Undecided senders with 20 messages or more: 1 \(wanted: none\): 203.0.113.50",
                 r"\[-\] Senders new in the last 14 days that do not pass: 1 \(wanted: none\): Mailchimp",
                 r"\[\+\] Your mail that passes by SPF only \(lost when forwarded\): \d\d?\.\d % \(wanted: a warning only\)",
                 r"\[-\] Reporters heard, the newest report at most 3 days old: 1 \(wanted: 3 or more\)",
                 r"\[-\] Messages whose SPF could not be evaluated: 30 \(wanted: under 0.5 %\)"):
        holds(re.search(line, out), (line, out))


@test
def the_step_to_reject_wants_days_under_quarantine_and_the_end_of_a_month():
    def gate(changed, count):
        worlds = World(p="none"), World(p="quarantine")
        for n in range(count):
            worlds[n >= changed].add(n, own("192.0.2.1", 30))
        box = Box()
        for world in worlds:
            world.box = box
            if world.days:
                world.read()
        out = box.run("report", "--policy", "reject", before=("--now", day(count))).out
        return re.search(r"(\[.\]) Days with reports under the policy of now: (\d+) \([^)]*\)(.*)", out).groups()
    same(gate(0, 40), ("[+]", "30", ""))
    same(gate(20, 40), ("[-]", "20", ""))
    same(gate(39, 40), ("[-]", "1", ": no report for the last day of a month"))


@test
def fail_on_takes_every_code_in_any_case_at_or_above():
    order = ["LOST", "BROKE", "RISK", "STALE", "SPFERR", "DECIDE", "FWDBROKEN", "SPFONLY", "GONE", "NEW"]
    world = World(p="none")
    for n in range(40):
        world.add(n, own("192.0.2.1", 20), foreign("198.51.100.5", 5, "mandrillapp.com", "mte1"))
    world.read()
    for code in order:
        for word in (code, code.lower(), code.title()):
            run = world.box.run("report", "--fail-on", word, before=("--now", day(40)))
            same(run.returncode, 1 if order.index(code) >= order.index("RISK") else 0, word)
    for word in ("FIXED", "OK", "BLIND", "nonsense", ""):
        same(world.box.run("report", "--fail-on", word, before=("--now", day(40))).returncode, 2, word)


# --- the catalogue ---

SERVICES = (  # id, identity that passes (d: signature, e: envelope), words of the fix; None: no advice
    ("mandrill", "d:mandrillapp.com", "mte2._domainkey.example.org CNAME dkim2.mandrillapp.com"),
    ("sendgrid", "d:sendgrid.net", "s2._domainkey.example.org CNAME s2.domainkey.u<id>.wl<nnn>.sendgrid.net"),
    ("firebase-auth", "d:firebasemail.com", "firebase2._domainkey.example.org CNAME mail-example-org.dkim2._domainkey.firebasemail.com"),
    ("amazon-ses", "d:amazonses.com", "<token3>._domainkey.example.org CNAME <token3>.dkim.amazonses.com"),
    ("mailgun", "d:mailgun.org", "<selector>._domainkey.example.org TXT <key>"),
    ("postmark", "e:pm.mtasv.net", "<yyyymmddhhmmss>pm._domainkey.example.org TXT <key>"),
    ("mailchimp", "e:mail77.mcsv.net", "k2._domainkey.example.org CNAME dkim2.mcsv.net"),
    ("jangomail", "e:jangomail.com", "jangomail._domainkey.example.org TXT <key>"),
    ("mailjet", "d:bnc3.mailjet.com", "mailjet._domainkey.example.org TXT <key>"),
    ("brevo", "e:gm.d.sender-sib.com", "brevo1._domainkey.example.org CNAME <shown>.dkim.brevo.com"),
    ("sparkpost", "d:sparkpostmail.com", "scph<mmyy>._domainkey.example.org TXT <key>"),
    ("constantcontact", "e:in.constantcontact.com", "Settings > Advanced settings > Add self-authentication"),
    ("hubspot", "d:hubspotemail.net", "hs1-<id>._domainkey.example.org CNAME"),
    ("aweber", "d:send.aweber.com", "aweber_key_b._domainkey.example.org CNAME aweber_key_b.send.aweber.com"),
    ("campaignmonitor", "e:cmail19.com", "cm._domainkey.example.org TXT <key>"),
    ("klaviyo", "d:klaviyomail.com", "km1._domainkey.example.org CNAME"),
    ("activecampaign", "e:acems1.com", "acdkim1._domainkey.example.org CNAME dkim.acdkim1.acems1.com"),
    ("zendesk", "d:zendesk.com", "zendesk1._domainkey.example.org CNAME zendesk1._domainkey.zendesk.com"),
    ("freshdesk", "d:freshemail.io", "Admin > Channels > Email > Advanced Settings > DKIM"),
    ("helpscout", "d:helpscout.net", "strong1._domainkey.example.org CNAME strong1._domainkey.helpscout.net"),
    ("intercom", "d:intercom-mail.com", "intercom._domainkey.example.org CNAME <id>.dkim.intercom.io"),
    ("salesforce", "e:abc.bnc.salesforce.com", "Setup > DKIM Keys"),
    ("smtp2go", "d:smtpcorp.com", "s<number>._domainkey.example.org CNAME dkim.smtp2go.net"),
    ("mailersend", "d:mailersend.net", "mlsend2._domainkey.example.org CNAME mlsend2._domainkey.mailersend.net"),
    ("shopify", "d:shopifyemail.com", "Settings > Notifications > Sender email > Authenticate"),
    ("stripe", "d:stripe.com", "<token1>._domainkey.example.org CNAME <token1>.dkim.custom-email-domain.stripe.com"),
    ("docusign", "d:docusign.net", "DocuSign Admin"),
    ("elasticemail", "d:elasticemail.com", "api._domainkey.example.org TXT <key>"),
    ("google-workspace", "d:example-com.20230601.gappssmtp.com", None),
    ("fastmail", "d:messagingengine.com", None),
    ("sfmc", "d:s7.exacttarget.com", "Setup > Sender Authentication Package"),
    ("emma", "d:e2ma.net", "e2ma-k1._domainkey.example.org CNAME e2ma-k1.dkim.e2ma.net"),
)


@test
def a_record_that_holds_the_domain_is_for_this_very_domain():
    world = World("auth-staging.example.net", p="none")
    for n in range(30):
        world.add(n, own("192.0.2.1", 20, domain="auth-staging.example.net"), foreign("198.51.100.5", 9, "firebasemail.com", "x", sender="auth-staging.example.net"))
    fix = [f["fix"] for f in world.page()["findings"] if f["code"] == "RISK"][0]
    holds("CNAME mail-auth--staging-example-net.dkim1._domainkey.firebasemail.com" in fix, fix)
    for domain, name in (("example.org", "example-org"), ("auth-staging.example.net", "<domain-guid>")):  # of a dash Microsoft makes what it likes
        world = World(domain, p="none")
        for n in range(30):
            passes = n < 20  # by SPF
            world.add(n, own("192.0.2.1", 20, domain=domain), record("40.107.22.45", 9, "fail", "pass" if passes else "fail", [("contoso.onmicrosoft.com", "s", "pass")],
                                                                     [(domain, "pass" if passes else "softfail")], sender=domain))
        fix = [f["fix"] for f in world.page()["findings"] if f["code"] == "RISK"][0]
        holds(f"selector1._domainkey.{domain} CNAME selector1-{name}._domainkey.contoso.onmicrosoft.com; " in fix, fix)
        same(("parts are shown in your account" in fix, "Where the account shows other records, those are right. (Facts" in fix), (name[0] == "<", name[0] != "<"))


@test
def a_CNAME_whose_target_the_account_shows_is_no_key():
    box = Box()
    for ident, names in (("mailrelay", ("ipz1", "ipz2")), ("gorgias", ("gor", "gor2")), ("frappe-mail", ("frappemail-r",)), ("prezly", ("<selector>",)),
                         ("ovh", ("ovhmo-selector-1", "ovhmo-selector-2"))):
        out = box.run("senders", ident).out
        for name in names:
            target = f"{name}._domainkey.<n>.<xx>.dkim.mail.ovh.net" if ident == "ovh" else "<shown>"
            holds(f"{name}._domainkey.example.org CNAME {target}\n" in out and " TXT " not in out, out)


@test
def thirty_services_are_named_by_what_passed_and_get_their_records():
    world, wrong = World(p="none"), []
    for n in range(30):
        for i, (_, identity, _) in enumerate(SERVICES):
            kind, name = identity.split(":")
            auth = {"dkim": [(name, "x", "pass")]} if kind == "d" else {"spf": [(name, "pass")]}
            world.add(n, record(f"198.51.100.{i + 1}", 3, **auth))
    page = world.page()
    sent = dict(world.box.ask("SELECT source_ip, group_concat(DISTINCT sender) FROM v_sources GROUP BY 1"))
    for i, (ident, identity, words) in enumerate(SERVICES):
        have = sent[f"198.51.100.{i + 1}"]
        fix = next((f["fix"] for f in page["findings"] if f["sender"] == ident and f["code"] == "RISK"), None)
        if have != ident or (words or "") not in (fix or "") or (words is None) != (fix is None):
            wrong.append((ident, identity, have, fix))
    same(wrong, [])
    plan = "Not every plan there can sign as example.org: else use a From address of its own domain, or another service."
    same({f["sender"] for f in page["findings"] if plan in (f["fix"] or "")}, {"docusign"})
    holds(plan in world.box.run("report", "--html", "-", before=("--now", day(40))).out, "nor the page")
    for sender in world.senders("mailchimp"):
        same([(f["type"], f["name"]) for f in sender["fix"]], [("CNAME", "k2._domainkey.example.org"), ("CNAME", "k3._domainkey.example.org")])


@test
def names_match_on_label_boundaries_and_products_come_before_carriers():
    world = World(p="none")
    for n in range(30):
        world.add(n, foreign("198.51.100.1", 3, "notsendgrid.net", "s1", envelope="notsendgrid.net"), foreign("198.51.100.2", 3, "u7.sendgrid.net", "s1"),
                  record("198.51.100.3", 3, "pass", "pass", [("example.org", "resend", "pass"), ("amazonses.com", "x", "pass")], [("send.example.org", "pass")]),
                  record("198.51.100.4", 3, "fail", "pass", [("amazonses.com", "x", "pass")], [("envelope.example.org", "pass")]),
                  record("198.51.100.5", 3, "pass", "pass", [("example.org", "20260101pm", "pass")], [("pm-bounces.example.org", "pass")]),
                  record("198.51.100.6", 3, "pass", "pass", [("example.org", "default", "pass")], [("example.org", "pass")]),
                  record("198.51.100.7", 3, "pass", "fail", [("example.org", "mte1", "pass")], [("example.org", "fail")]))
    world.read()
    same(dict(world.box.ask("SELECT source_ip, sender FROM v_sources")),
         {"198.51.100.1": "notsendgrid.net", "198.51.100.2": "sendgrid", "198.51.100.3": "resend", "198.51.100.4": "loops", "198.51.100.5": "postmark",
          "198.51.100.6": "example.org", "198.51.100.7": "198.51.100.7"})
    same({s["sender"]: s["evidence"] for s in world.senders() if s["sender"] in ("resend", "sendgrid", "postmark", "198.51.100.7")},
         {"resend": "DKIM example.org/resend", "sendgrid": "DKIM u7.sendgrid.net/s1", "postmark": "DKIM example.org/20260101pm", "198.51.100.7": "DKIM example.org/mte1"})


@test
def reverse_names_name_but_do_not_vouch():
    world = World(p="none")
    for n in range(30):
        world.add(n, own("192.0.2.1", 20), fails("198.51.100.1", 3), fails("198.51.100.2", 3), fails("198.51.100.3", 3), foreign("198.51.100.4", 3, "mandrillapp.com", "x"))
    world.read()
    db = sqlite3.connect(world.box.db)  # what a later look-up will have written
    for address, name in (("198.51.100.1", "o1.ptr77.sendgrid.net"), ("198.51.100.2", "mx.notsendgrid.net"), ("198.51.100.3", "mail.payroll.example"),
                          ("198.51.100.4", "o2.sendgrid.net"), ("192.0.2.1", "mail-ed1-f41.google.com")):
        db.execute("UPDATE source SET ptr = ? WHERE address = ?", (name, address))
    db.commit()
    db.close()
    same(world.box.run("analyse", "--again", before=("--now", day(30))).returncode, 0)
    same(dict(world.box.ask("SELECT source_ip, sender || ' ' || class FROM v_sources")),
         {"198.51.100.1": "sendgrid undecided", "198.51.100.2": "198.51.100.2 undecided", "198.51.100.3": "198.51.100.3 undecided",
          "198.51.100.4": "mandrill at_risk", "192.0.2.1": "example.org passing"})
    texts = {f["sender"]: f["text"] for f in world.page()["findings"] if f["code"] == "DECIDE"}
    same(texts["198.51.100.3"], "90 messages from 198.51.100.3 (mail.payroll.example) failed. Yours?")
    holds("SendGrid" in texts["sendgrid"], texts)


@test
def what_a_sending_service_brings_from_its_networks_was_not_forwarded():
    world = World(p="reject")  # reports tell nothing but the user's own signature, which is shared with a server of theirs
    for n in range(40):
        world.add(n, own("192.0.2.1", 50), record("54.240.8.33", 20, *(("pass", "fail", [("example.org", "s1", "pass")]) if n < 25 else
                                                                      ("fail", "fail", [("example.org", "s1", "fail")], [], "reject"))))
    found = [f for f in world.page()["findings"] if f["code"] in ("LOST", "BROKE", "FWD", "FWDBROKEN")]
    same(sorted((f["code"], f["sender"], f["since"]) for f in found), [("BROKE", "amazon-ses", day(25)), ("LOST", "amazon-ses", day(25))])


@test
def an_address_of_a_pool_that_carries_anybodys_mail_is_named_by_it_and_never_advised():
    pools = {"microsoft-365": ("40.107.22.45", "52.103.127.255", "2a01:111:f403:2614::701"), "google-workspace": ("209.85.220.41", "2607:f8b0:4864:20::12f"),
             "amazon-ses": ("54.240.7.10",), "52.103.128.1": ("52.103.128.1",), "2607:f8b0:4865::1": ("2607:f8b0:4865::1",)}  # the last two lie just outside
    world = World(p="reject")
    for n in range(30):
        world.add(n, own("192.0.2.1", 50), *(fails(ip, 2, "reject") for ips in pools.values() for ip in ips))
    page = world.page()
    decide = {f["sender"]: (f["messages"], f["fix"]) for f in page["findings"] if f["code"] == "DECIDE"}
    same({name: n for name, (n, _) in decide.items()}, {name: 60 * len(ips) for name, ips in pools.items()})
    holds("dmarcsift label microsoft-365 mine" in decide["microsoft-365"][1], decide)
    same([s["evidence"] for s in world.senders("microsoft-365")], ["by its addresses, known from other mail, their reverse names or networks"])
    for name, ips in pools.items():
        same(world.box.run("label", name, "mine").returncode, 0)
        same(world.box.run("label", ips[0], "mine").returncode, 0)
    lost = {f["sender"]: f["fix"] for f in world.page()["findings"] if f["code"] == "LOST"}
    same(sorted(lost), sorted(["microsoft-365", "google-workspace", *(ips[0] for ips in pools.values())]))
    for name, ips in pools.items():
        same(f"put ip{6 if ':' in ips[0] else 4}:{ips[0]} into the SPF record" in lost[ips[0]], name == ips[0], lost[ips[0]])
    holds("selector1._domainkey.example.org CNAME" in lost["40.107.22.45"] and "selector1._domainkey.example.org CNAME" in lost["microsoft-365"], lost)


@test
def rows_of_low_confidence_give_no_advice():
    with open("report/data/senders.tsv", encoding="utf-8") as handle:
        head, *rows = (line.rstrip("\n").split("\t") for line in handle)
    rows = [dict(zip(head, row)) for row in rows]
    same(len(rows), 303)
    for row in rows:
        if row["confidence"] == "low":
            same((row["dkim_records"], row["where_to_configure"], row["note"], row["selectors_naming"]), ("", "", "", ""), row["id"])
        for item in row["dkim_records"].split():
            holds(re.fullmatch(r"[\w<>-]+=[\w.<>-]*", item), (row["id"], item))
    low = next(r for r in rows if r["confidence"] == "low" and r["dkim_d_shared"] and r["category"] in ("marketing", "transactional", "crm"))
    world = World(p="none")
    for n in range(30):
        world.add(n, foreign("198.51.100.1", 3, low["dkim_d_shared"].split()[0], "x"))
    fix = next(f["fix"] for f in world.page()["findings"] if f["code"] == "RISK")
    holds("Publish" not in fix and low["name"] in fix, fix)


@test
def json_holds_to_its_schema_on_an_empty_database_and_says_no_number_it_does_not_have():
    box = Box()
    box.run("ingest", box.put("x.xml", b"<feedback>"))
    page = json.loads(box.run("report", "--json", "-").out)
    jsonschema.validate(page, SCHEMA)
    same((page["schema"], page["domains"], page["findings"]), (1, [], []))


main()
