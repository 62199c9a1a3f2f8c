-- SPDX-License-Identifier: MIT
-- Reports take less room: the mail they came in is kept once for each sender, the dialect as a number, and the indices of digests hold
-- half of each.
CREATE TABLE mail (
	id        INTEGER PRIMARY KEY,
	mail_from TEXT NOT NULL,		-- domain of From, '' absent
	mail_auth TEXT NOT NULL,		-- pass, fail, ... as the trusted Authentication-Results says; unknown where none is trusted
	UNIQUE (mail_from, mail_auth)
) STRICT;
INSERT INTO mail (mail_from, mail_auth)
SELECT DISTINCT coalesce(mail_from, ''), coalesce(mail_auth, '') FROM report WHERE mail_from IS NOT NULL OR mail_auth IS NOT NULL ORDER BY 1, 2;
CREATE TABLE report_before AS SELECT * FROM report;
DROP TABLE report;
CREATE TABLE report (
	id           INTEGER PRIMARY KEY,
	key          BLOB NOT NULL,		-- digest of reporter, domain, report id, begin, end; 16 bytes
	intake       INTEGER NOT NULL,		-- where it came from
	reporter     INTEGER NOT NULL,
	policy       INTEGER NOT NULL,
	domain       INTEGER NOT NULL,
	day          TEXT,			-- of begin; NULL unreadable
	begin_at     INTEGER,
	end_at       INTEGER,
	report_id    TEXT,
	version      TEXT,
	format       INTEGER NOT NULL,		-- 1 draft, 2 rfc7489, 3 rfc9990: enum format, numbers never change their meaning
	errors       TEXT,
	records      INTEGER NOT NULL,
	messages     INTEGER NOT NULL,
	first_record INTEGER NOT NULL,		-- record.id of record 1
	last_record  INTEGER NOT NULL,		-- first_record - 1 where there is none
	notes        TEXT,			-- repairs, '; ' between
	sha256       BLOB NOT NULL,		-- of the decompressed XML
	mail         INTEGER,			-- NULL: it came in none
	imported_at  INTEGER NOT NULL,
	counted      INTEGER NOT NULL		-- 0: a conflicting copy or cut short, out of all sums
) STRICT;
INSERT INTO report
SELECT r.id, key, intake, reporter, policy, domain, day, begin_at, end_at, report_id, version,
       CASE format WHEN 'draft' THEN 1 WHEN 'rfc7489' THEN 2 ELSE 3 END, errors, records, messages, first_record, last_record, notes, sha256,
       m.id, imported_at, counted
FROM report_before r
LEFT JOIN mail m ON (r.mail_from IS NOT NULL OR r.mail_auth IS NOT NULL) AND m.mail_from = coalesce(r.mail_from, '') AND m.mail_auth = coalesce(r.mail_auth, '')
ORDER BY r.id;
DROP TABLE report_before;
CREATE INDEX report_key ON report (substr(key, 1, 8));
CREATE INDEX report_day ON report (domain, day);
DROP INDEX intake_item;
CREATE INDEX intake_item ON intake (substr(item, 1, 8));
PRAGMA user_version = 3;
