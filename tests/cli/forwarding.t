#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Forwarded mail carries the selector of whoever sent it first; a selector that no direct mail carries is its sender's own."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from kit import Box, holds, main, report, same, test  # noqa: E402

DAY = 86400
FIRST = 1792800000  # 2026-10-24


def record(ip, count, dkim=None, spf=None, reason=""):
    """dkim: selector of a passing signature of example.org; spf: domain whose envelope passed."""
    aligned = "pass" if spf == "example.org" else "fail"
    passed = dkim is not None or aligned == "pass"
    signature = f"<dkim><domain>example.org</domain><selector>{dkim}</selector><result>pass</result></dkim>" if dkim else ""
    envelope = f"<spf><domain>{spf}</domain><scope>mfrom</scope><result>pass</result></spf>" if spf else ""
    why = f"<reason><type>{reason}</type></reason>" if reason else ""
    return (f"<record><row><source_ip>{ip}</source_ip><count>{count}</count><policy_evaluated><disposition>{'none' if passed else 'reject'}</disposition>"
            f"<dkim>{'pass' if dkim else 'fail'}</dkim><spf>{aligned}</spf>{why}</policy_evaluated></row>"
            f"<identifiers><header_from>example.org</header_from></identifiers><auth_results>{signature}{envelope}</auth_results></record>")


OFFICE = record("192.0.2.1", 40, "office", "example.org")
SHOP = record("198.51.100.1", 30, "shop", "sender.example.net")  # a service no catalogue knows, signing as example.org
COPY = record("203.0.113.9", 4, "shop", "alumni.example")  # its mail, passed on
FORWARD = record("203.0.113.9", 5, "office", "alumni.example")  # the office's mail, passed on
BROKEN = record("203.0.113.9", 3, None, "alumni.example")  # altered on the way


def world(days, order=1):
    box = Box()
    for number, records in enumerate(days):
        box.put(f"in/{number:03}.xml", report(str(number), begin=FIRST + number * DAY, records=records))
    names = sorted(os.listdir(os.path.join(box.path, "in")))[::order]
    for name in names:
        same(box.run("ingest", os.path.join(box.path, "in", name)).returncode, 0, name)
    return box


def buckets(box, sender):
    return dict(box.ask("SELECT bucket, sum(messages) FROM v_records WHERE sender = ? GROUP BY 1", sender))


def codes(box, sender):
    return {code for (code,) in box.ask("SELECT code FROM v_findings WHERE sender = ?", sender)}


@test
def a_service_no_catalogue_knows_passes_with_its_own_selector():
    box = world([OFFICE + SHOP] * 10)
    same(buckets(box, "example.net"), {"passing": 300})
    same(box.ask("SELECT passing, forwarded, class FROM v_sources WHERE sender = 'example.net'"), [(300, 0, "passing")])


@test
def when_its_signature_goes_the_mail_is_lost_and_not_called_forwarded():
    box = world([OFFICE + SHOP] * 10 + [OFFICE + record("198.51.100.1", 30, None, "sender.example.net")] * 5)
    same(buckets(box, "example.net"), {"passing": 300, "lost": 150})
    holds({"LOST", "BROKE"} <= codes(box, "example.net"), codes(box, "example.net"))
    same(box.ask("SELECT since FROM v_findings WHERE code = 'BROKE'"), [("2026-11-03",)])
    same(box.ask("SELECT count(*) FROM v_findings WHERE code = 'FWDBROKEN'"), [(0,)])


@test
def mail_with_the_selector_of_direct_mail_is_forwarded_and_may_break_on_the_way():
    box = world([OFFICE + FORWARD + BROKEN] * 10)
    same(buckets(box, "alumni.example"), {"forwarded": 80})
    same(box.ask("SELECT messages FROM v_findings WHERE code = 'FWDBROKEN'"), [(30,)])


@test
def a_signature_without_a_key_was_not_broken_on_the_way():
    dead = ("<record><row><source_ip>203.0.113.60</source_ip><count>50</count><policy_evaluated><disposition>reject</disposition><dkim>fail</dkim><spf>fail</spf>"
            "</policy_evaluated></row><identifiers><header_from>example.org</header_from></identifiers><auth_results><dkim><domain>example.org</domain>"
            "<selector>office</selector><result>permerror</result></dkim><spf><domain>example.org</domain><result>softfail</result></spf></auth_results></record>")
    box = world([OFFICE + record("203.0.113.60", 50, "office", "host.example")] * 5 + [OFFICE + dead] * 5)
    same(box.ask("SELECT bucket, sum(messages) FROM v_records WHERE source_ip = '203.0.113.60' AND verdict = 'fail' GROUP BY 1"), [("undecided", 250)])
    same(box.ask("SELECT count(*) FROM v_findings WHERE code = 'DECIDE'"), [(1,)])
    same(box.ask("SELECT count(*) FROM v_findings WHERE code = 'FWDBROKEN'"), [(0,)])


@test
def of_two_that_carry_one_selector_the_larger_owns_it():
    box = world([OFFICE + SHOP + COPY + FORWARD] * 10)
    same((buckets(box, "example.net"), buckets(box, "alumni.example")), ({"passing": 300}, {"forwarded": 90}))


@test
def the_receivers_word_and_the_users_label_count_more():
    box = world([OFFICE + SHOP] * 10 + [OFFICE + record("198.51.100.1", 7, None, "sender.example.net", "mailing_list")] * 3)
    same(buckets(box, "example.net"), {"passing": 300, "forwarded": 21})
    same(box.run("label", "example.net", "forwarder").returncode, 0)
    same(buckets(box, "example.net"), {"forwarded": 321})


@test
def a_list_does_not_own_a_selector_that_only_came_through_it():
    box = world([OFFICE + record("203.0.113.50", 6, "board", "list.example", "mailing_list")] * 10 + [OFFICE + record("203.0.113.50", 4, None, "list.example")] * 5)
    same(buckets(box, "list.example"), {"forwarded": 80})
    same(codes(box, "list.example"), set())
    same(box.ask("SELECT messages FROM v_findings WHERE code = 'FWDBROKEN'"), [(20,)])


@test
def neither_the_order_of_reports_nor_a_new_analysis_changes_it():
    days = [OFFICE + SHOP + COPY] * 4 + [SHOP + FORWARD + record("203.0.113.50", 6, "board", "list.example", "mailing_list")] * 4 + [OFFICE + BROKEN] * 2
    forth, back = world(days), world(days, -1)
    again = world(days)
    same(again.run("analyse", "--again").returncode, 0)
    for view in ("v_sources", "v_daily", "v_findings"):
        want = sorted(map(repr, forth.ask(f"SELECT * FROM {view}")))
        same(sorted(map(repr, back.ask(f"SELECT * FROM {view}"))), want, view)
        same(sorted(map(repr, again.ask(f"SELECT * FROM {view}"))), want, view)


main()
