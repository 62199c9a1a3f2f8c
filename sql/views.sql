-- SPDX-License-Identifier: MIT
-- The public face of the database: these views keep their names and columns. Plain SQL, no function of ours.
-- Laid down anew wherever a database that is written to holds other ones than these.

-- Not one of them, but what they stand on: the results of a set in words, 'mandrillapp.com/mte1=pass', ', ' between; NULL none.
-- Formed when asked for: as text they would be a twentieth of the database.
CREATE VIEW auth_words AS
SELECT a.id, a.digest,
       substr((SELECT group_concat(d.text || CASE WHEN s.text <> '' THEN '/' || s.text ELSE '' END || '=' || coalesce(x.result, '?'), ', ')
               FROM auth_result x CROSS JOIN name d ON d.id = x.domain CROSS JOIN name s ON s.id = x.selector
               WHERE x.auth_set = a.id AND x.kind = 'dkim'), 1, 4096) AS dkim,
       substr((SELECT group_concat(d.text || CASE WHEN s.text <> '' THEN '/' || s.text ELSE '' END || '=' || coalesce(x.result, '?'), ', ')
               FROM auth_result x CROSS JOIN name d ON d.id = x.domain CROSS JOIN name s ON s.id = x.selector
               WHERE x.auth_set = a.id AND x.kind = 'spf'), 1, 4096) AS spf
FROM auth_set a;

CREATE VIEW v_reports AS
SELECT r.id, i.origin, nullif(p.org_name, '') AS org_name, nullif(p.email, '') AS email,
       nullif(p.extra_contact_info, '') AS extra_contact, r.report_id,
       r.begin_at AS "begin", r.end_at AS "end", nullif(d.name, '') AS domain,
       nullif(o.adkim, '') AS adkim, nullif(o.aspf, '') AS aspf,
       nullif(o.p, '') AS p, nullif(o.sp, '') AS sp, nullif(o.np, '') AS np, nullif(o.pct, -1) AS pct,
       nullif(o.testing, '') AS testing, nullif(o.fo, '') AS fo, nullif(o.discovery_method, '') AS discovery_method,
       nullif(p.generator, '') AS generator, r.version,
       CASE r.format WHEN 1 THEN 'draft' WHEN 2 THEN 'rfc7489' ELSE 'rfc9990' END AS format, r.errors, r.records, r.messages, r.notes,
       lower(hex(r.sha256)) AS sha256, nullif(m.mail_from, '') AS mail_from, m.mail_auth, r.imported_at, r.counted, d."foreign"
FROM report r
JOIN reporter p ON p.id = r.reporter
JOIN policy o ON o.id = r.policy
JOIN domain d ON d.id = r.domain
LEFT JOIN mail m ON m.id = r.mail
LEFT JOIN intake i ON i.id = r.intake;

-- CROSS JOIN fixes the order of the loops: reports, their domain (so that one that is asked for is looked at alone), their range of records, then look-ups by row id.
CREATE VIEW v_records AS
SELECT r.id AS report, c.id - r.first_record + 1 AS record, r.day, nullif(d.name, '') AS domain,
       nullif(s.address, '') AS source_ip, c.messages,
       nullif(o.disposition, '') AS disposition, nullif(o.dkim, '') AS dkim, nullif(o.spf, '') AS spf,
       nullif(nf.text, '') AS header_from, nullif(ne.text, '') AS envelope_from, nullif(nt.text, '') AS envelope_to,
       o.verdict, o.verdict_basis, o.under_reject,
       CASE WHEN f.way > coalesce(st.own_way, 0) THEN 'forwarded' WHEN st.mine = 1 THEN o.bucket_mine ELSE o.bucket_other END AS bucket,
       nullif(o.disputed, '') AS disputed, nullif(rs.summary, '') AS reasons, a.dkim AS dkim_auth, a.spf AS spf_auth,
       se.sender, d."foreign"
FROM report r
CROSS JOIN domain d ON d.id = r.domain
CROSS JOIN record c ON c.id BETWEEN r.first_record AND r.last_record
CROSS JOIN source s ON s.id = c.source
CROSS JOIN outcome o ON o.id = c.outcome
CROSS JOIN ident i ON i.id = c.ident
CROSS JOIN name nf ON nf.id = i.header_from
CROSS JOIN name ne ON ne.id = i.envelope_from
CROSS JOIN name nt ON nt.id = i.envelope_to
CROSS JOIN auth_words a ON a.id = c.auth_set
LEFT JOIN reason_set rs ON rs.id = i.reason_set
LEFT JOIN flow f ON f.domain = r.domain AND f.source = c.source AND f.auth_set = c.auth_set AND f.outcome = c.outcome
LEFT JOIN sender se ON se.id = f.sender
LEFT JOIN standing st ON st.domain = r.domain AND st.sender = f.sender
WHERE r.counted = 1;

-- As the verdict has it: a result without a domain is about the envelope's, a record without a From about the policy domain.
CREATE VIEW v_auth AS
SELECT r.id AS report, c.id - r.first_record + 1 AS record, x.kind, CASE WHEN x.domain <> 0 THEN nd.text END AS domain,
       nullif(ns.text, '') AS selector, x.scope, x.result, x.human_result,
       CASE WHEN nd.id = 0 THEN 0
            WHEN CASE x.kind WHEN 'dkim' THEN o.adkim ELSE o.aspf END = 's' THEN nd.text = CASE i.header_from WHEN 0 THEN d.name ELSE nf.text END
            ELSE nd.org = CASE i.header_from WHEN 0 THEN d.org ELSE nf.org END END AS aligned
FROM report r
CROSS JOIN domain d ON d.id = r.domain
CROSS JOIN record c ON c.id BETWEEN r.first_record AND r.last_record
CROSS JOIN policy o ON o.id = r.policy
CROSS JOIN ident i ON i.id = c.ident
CROSS JOIN name nf ON nf.id = i.header_from
CROSS JOIN auth_result x ON x.auth_set = c.auth_set
CROSS JOIN name nd ON nd.id = CASE WHEN x.domain = 0 AND x.kind = 'spf' THEN i.envelope_from ELSE x.domain END
CROSS JOIN name ns ON ns.id = x.selector
WHERE r.counted = 1;

-- Domains come first, and what is asked for is grouped by as well, so that a domain, a sender or an address that is asked for is looked for before anything is
-- summed: with flow first, one domain of 25 took as long as all.
CREATE VIEW v_sources AS
SELECT nullif(d.name, '') AS domain, se.sender, nullif(s.address, '') AS source_ip,
       sum(f.messages) AS messages,
       sum(CASE WHEN f.way <= coalesce(st.own_way, 0) AND o.bucket_other = 'passing' THEN f.messages ELSE 0 END) AS passing,
       sum(CASE WHEN f.way <= coalesce(st.own_way, 0) AND st.mine = 1 AND o.bucket_mine = 'lost' THEN f.messages ELSE 0 END) AS lost,
       sum(CASE WHEN f.way <= coalesce(st.own_way, 0) AND st.mine = 1 AND o.bucket_mine = 'at_risk' THEN f.messages ELSE 0 END) AS at_risk,
       sum(CASE WHEN f.way > coalesce(st.own_way, 0) THEN f.messages ELSE 0 END) AS forwarded,
       sum(CASE WHEN f.way <= coalesce(st.own_way, 0) AND coalesce(st.mine, 0) = 0 AND o.bucket_other = 'undecided' THEN f.messages ELSE 0 END) AS undecided,
       sum(CASE WHEN f.way <= coalesce(st.own_way, 0) AND (CASE WHEN st.mine = 1 THEN o.bucket_mine ELSE o.bucket_other END) = 'undetermined' THEN f.messages ELSE 0 END) AS undetermined,
       date(min(f.first_day) * 86400, 'unixepoch') AS first_day,
       date(max(f.first_day + f.span) * 86400, 'unixepoch') AS last_day, s.ptr, coalesce(st.class, 'undecided') AS class
FROM domain d
CROSS JOIN flow f ON f.domain = d.id
CROSS JOIN source s ON s.id = f.source
CROSS JOIN outcome o ON o.id = f.outcome
CROSS JOIN sender se ON se.id = f.sender
LEFT JOIN standing st ON st.domain = f.domain AND st.sender = f.sender
WHERE d."foreign" = 0
GROUP BY f.domain, f.sender, f.source, nullif(d.name, ''), se.sender, nullif(s.address, '');

CREATE VIEW v_daily AS
SELECT y.day, nullif(d.name, '') AS domain, se.sender,
       sum(y.messages) AS messages,
       sum(CASE WHEN y.way <= coalesce(st.own_way, 0) AND o.bucket_other = 'passing' THEN y.messages ELSE 0 END) AS passing,
       sum(CASE WHEN y.way <= coalesce(st.own_way, 0) AND st.mine = 1 AND o.bucket_mine = 'lost' THEN y.messages ELSE 0 END) AS lost,
       sum(CASE WHEN y.way <= coalesce(st.own_way, 0) AND st.mine = 1 AND o.bucket_mine = 'at_risk' THEN y.messages ELSE 0 END) AS at_risk,
       sum(CASE WHEN y.way > coalesce(st.own_way, 0) THEN y.messages ELSE 0 END) AS forwarded,
       sum(CASE WHEN y.way <= coalesce(st.own_way, 0) AND coalesce(st.mine, 0) = 0 AND o.bucket_other = 'undecided' THEN y.messages ELSE 0 END) AS undecided,
       sum(CASE WHEN y.way <= coalesce(st.own_way, 0) AND (CASE WHEN st.mine = 1 THEN o.bucket_mine ELSE o.bucket_other END) = 'undetermined' THEN y.messages ELSE 0 END) AS undetermined
FROM domain d
CROSS JOIN daily y ON y.domain = d.id
CROSS JOIN outcome o ON o.id = y.outcome
CROSS JOIN sender se ON se.id = y.sender
LEFT JOIN standing st ON st.domain = y.domain AND st.sender = y.sender
WHERE d."foreign" = 0
GROUP BY y.domain, y.day, y.sender, nullif(d.name, ''), se.sender;

CREATE VIEW v_intake AS
SELECT origin, state, reason, report, imported_at, seen, last_seen_at FROM intake;

CREATE VIEW v_findings AS
SELECT code, nullif(domain, '') AS domain, sender, messages, since, text, why, fix, confidence FROM finding
ORDER BY place, messages DESC, coalesce(domain, ''), coalesce(sender, ''), id;
