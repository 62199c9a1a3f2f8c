#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""
Thirty-five nightly runs over generated arrivals: a service breaks, the policy changes, the service is repaired, a receiver goes silent, then all
do. The digests that came are compared with month.txt (`make golden` rewrites it: read the difference).
"""
import datetime
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "cli"))
from kit import Box, main, same, test  # noqa: E402

GOLDEN = os.path.join(here, "month.txt")
FIRST = datetime.date(2026, 10, 19)  # a Monday
NIGHTS = 35


def record(ip, count, disposition, dkim, spf, auth):
    return (f"<record><row><source_ip>{ip}</source_ip><count>{count}</count><policy_evaluated><disposition>{disposition}</disposition><dkim>{dkim}</dkim>"
            f"<spf>{spf}</spf></policy_evaluated></row><identifiers><header_from>example.org</header_from></identifiers><auth_results>{auth}</auth_results></record>")


def dkim(domain, selector, result="pass"):
    return f"<dkim><domain>{domain}</domain><selector>{selector}</selector><result>{result}</result></dkim>"


def spf(domain, result="pass"):
    return f"<spf><domain>{domain}</domain><result>{result}</result></spf>"


def report_of(receiver, number, day):
    """What a receiver saw on the day of this number."""
    quarantine = number >= 12
    records = record("192.0.2.10", 100 + number, "none", "pass", "pass", dkim("example.org", "s1") + spf("example.org"))
    if 8 <= number < 18:  # Postmark's record was removed
        records += record("198.51.100.9", 14, "quarantine" if quarantine else "none", "fail", "fail", dkim("mtasv.net", "pm") + spf("pm.mtasv.net"))
    else:
        records += record("198.51.100.9", 14, "none", "pass", "fail", dkim("example.org", "20260101pm") + spf("pm.mtasv.net"))
    begin = int(datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.timezone.utc).timestamp())
    return (f'<?xml version="1.0"?><feedback><report_metadata><org_name>{receiver}</org_name><email>r@{receiver.lower()}.example</email>'
            f"<report_id>{receiver}-{number}</report_id><date_range><begin>{begin}</begin><end>{begin + 86399}</end></date_range></report_metadata>"
            f"<policy_published><domain>example.org</domain><p>{'quarantine' if quarantine else 'none'}</p></policy_published>{records}</feedback>")


def arrivals(number, day):
    if number >= 28:
        return []
    receivers = ["Northmail", "Postbridge"] + (["Harbor"] if number < 16 else [])
    return [(f"{r}.xml", report_of(r, number, day)) for r in receivers]


@test
def the_digests_of_a_month_are_these():
    box = Box()
    digest = os.path.join(box.path, "digest")
    box.put("dmarcsift/dmarcsift.conf", f'digest {{ file = "{digest}" }}\nthresholds {{ blind_days = 14 }}\n', 0o600)
    told = []
    for night in range(1, NIGHTS + 1):
        day = FIRST + datetime.timedelta(days=night - 1)
        now = f"{day + datetime.timedelta(days=1)}T06:15:00Z"
        paths = [box.put(f"in{night}/{name}", text) for name, text in arrivals(night, day)]
        if paths:
            same(box.run("ingest", *paths, before=("--now", now)).returncode, 0)
        run = box.run("run", before=("-q", "--now", now))
        same((run.returncode, run.out, run.err), (0, "", ""))
        if os.path.exists(digest):
            with open(digest, encoding="utf-8") as handle:
                told.append(f"===== the run of {now[:10]}\n{handle.read()}")
            os.remove(digest)
    text = "\n".join(told)
    if "--write" in sys.argv:
        with open(GOLDEN, "w", encoding="utf-8") as handle:
            handle.write(text)
    with open(GOLDEN, encoding="utf-8") as handle:
        want = handle.read()
    for number, (a, b) in enumerate(zip(text.splitlines(), want.splitlines()), 1):
        same(a, b, f"line {number}")
    same(len(text), len(want))


main()
