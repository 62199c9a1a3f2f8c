-- SPDX-License-Identifier: MIT
-- Rows take less room: words of a short list and days are numbers, what is usual is not written down, and what stood in two columns stands in
-- one. The old columns can be read as before: they are computed. Reasons of a record go with its identifiers.
ALTER TABLE ident RENAME TO ident_before;
CREATE TABLE ident (
	id            INTEGER PRIMARY KEY,
	header_from   INTEGER NOT NULL,
	envelope_from INTEGER NOT NULL,
	envelope_to   INTEGER NOT NULL,
	reason_set    INTEGER NOT NULL,		-- 0: none
	UNIQUE (header_from, envelope_from, envelope_to, reason_set)
) STRICT;
INSERT INTO ident SELECT id, header_from, envelope_from, envelope_to, 0 FROM ident_before;
INSERT INTO ident (header_from, envelope_from, envelope_to, reason_set)
SELECT DISTINCT i.header_from, i.envelope_from, i.envelope_to, c.reason_set FROM record c JOIN ident_before i ON i.id = c.ident
WHERE c.reason_set IS NOT NULL ORDER BY 1, 2, 3, 4;
UPDATE record SET ident = (SELECT n.id FROM ident_before i JOIN ident n
	ON n.header_from = i.header_from AND n.envelope_from = i.envelope_from AND n.envelope_to = i.envelope_to AND n.reason_set = record.reason_set
	WHERE i.id = record.ident) WHERE reason_set IS NOT NULL;
DROP TABLE ident_before;
ALTER TABLE record DROP COLUMN reason_set;

ALTER TABLE auth_result RENAME TO auth_result_before;
CREATE TABLE auth_result (
	auth_set     INTEGER NOT NULL,
	n            INTEGER NOT NULL,		-- order in the report, from 1
	spf          INTEGER NOT NULL,		-- 1 spf, 0 dkim
	domain       INTEGER NOT NULL,
	selector     INTEGER NOT NULL,
	scope        TEXT,
	result       TEXT,			-- lower case; unknown words kept
	human_result TEXT,
	kind         TEXT AS (CASE spf WHEN 0 THEN 'dkim' WHEN 1 THEN 'spf' END),
	PRIMARY KEY (auth_set, n)
) STRICT, WITHOUT ROWID;
INSERT INTO auth_result SELECT auth_set, n, kind = 'spf', domain, selector, scope, result, human_result FROM auth_result_before ORDER BY auth_set, n;
DROP TABLE auth_result_before;

ALTER TABLE sender RENAME TO sender_before;
CREATE TABLE sender (
	id       INTEGER PRIMARY KEY,
	sender   TEXT NOT NULL UNIQUE,		-- the id shown everywhere
	called   TEXT,				-- for people: 'Mandrill'; NULL: as its id
	kind_no  INTEGER NOT NULL,		-- place in the list of kind
	category TEXT NOT NULL DEFAULT '',	-- catalogue category, '' elsewhere
	name     TEXT AS (coalesce(called, sender)),
	kind     TEXT AS (CASE kind_no WHEN 0 THEN 'address' WHEN 1 THEN 'domain' WHEN 2 THEN 'catalogue' WHEN 3 THEN 'label' END)
) STRICT;
INSERT INTO sender
SELECT id, sender, nullif(name, sender), CASE kind WHEN 'address' THEN 0 WHEN 'domain' THEN 1 WHEN 'catalogue' THEN 2 ELSE 3 END, category FROM sender_before ORDER BY id;
DROP TABLE sender_before;

ALTER TABLE flow RENAME TO flow_before;
CREATE TABLE flow (
	domain    INTEGER NOT NULL,
	source    INTEGER NOT NULL,
	auth_set  INTEGER NOT NULL,
	outcome   INTEGER NOT NULL,
	sender    INTEGER NOT NULL,
	messages  INTEGER NOT NULL,
	first_day INTEGER,			-- NULL unreadable
	span_way  INTEGER NOT NULL,		-- 4 * span + way: mostly 0, which takes no room
	span      INTEGER AS (span_way >> 2),	-- last day - first_day
	way       INTEGER AS (span_way & 3),	-- 0 direct; for all we know 1 forwarded, 2 forwarded and broken; 3 surely forwarded and broken
	PRIMARY KEY (domain, source, auth_set, outcome)
) STRICT, WITHOUT ROWID;
INSERT INTO flow SELECT domain, source, auth_set, outcome, sender, messages, first_day, span << 2 | way FROM flow_before ORDER BY domain, source, auth_set, outcome;
DROP TABLE flow_before;

ALTER TABLE standing RENAME TO standing_before;
CREATE TABLE standing (
	domain     INTEGER NOT NULL,
	sender     INTEGER NOT NULL,
	mine       INTEGER NOT NULL,		-- 1: the user's own mail
	basis_no   INTEGER NOT NULL,		-- place in the list of basis; likewise the next two
	confidence_no INTEGER NOT NULL,
	class_no   INTEGER NOT NULL,
	known_by   TEXT,			-- in words; NULL: its address only
	addresses  INTEGER NOT NULL,		-- it sent from, over the whole database
	auth_set   INTEGER,			-- results of its largest stream
	first_no   INTEGER,			-- first day over the whole database, as a number as in flow
	last_no    INTEGER,
	own_way    INTEGER NOT NULL,		-- 2: ways 1 and 2 are direct as well, for it signs with a selector of its own; else 0
	fail_set   INTEGER,			-- results of its largest failing stream
	basis      TEXT AS (CASE basis_no WHEN 0 THEN '' WHEN 1 THEN 'label' WHEN 2 THEN 'history' WHEN 3 THEN 'vouched' END),	-- '' not mine
	confidence TEXT AS (CASE confidence_no WHEN 0 THEN 'low' WHEN 1 THEN 'medium' WHEN 2 THEN 'high' END),
	class      TEXT AS (CASE class_no WHEN 0 THEN 'not_you' WHEN 1 THEN 'undecided' WHEN 2 THEN 'passing' WHEN 3 THEN 'forwarded'
		WHEN 4 THEN 'at_risk' WHEN 5 THEN 'losing' END),
	stranger   INTEGER AS (class_no = 0 AND basis_no = 0),	-- 1: one of the crowd
	evidence   TEXT AS (coalesce(known_by, 'by its address only')),
	first_day  TEXT AS (date(first_no * 86400, 'unixepoch')),
	last_day   TEXT AS (date(last_no * 86400, 'unixepoch')),
	PRIMARY KEY (domain, sender)
) STRICT, WITHOUT ROWID;
INSERT INTO standing
SELECT domain, sender, mine, CASE basis WHEN '' THEN 0 WHEN 'label' THEN 1 WHEN 'history' THEN 2 ELSE 3 END,
       CASE confidence WHEN 'low' THEN 0 WHEN 'medium' THEN 1 ELSE 2 END,
       CASE class WHEN 'not_you' THEN 0 WHEN 'undecided' THEN 1 WHEN 'passing' THEN 2 WHEN 'forwarded' THEN 3 WHEN 'at_risk' THEN 4 ELSE 5 END,
       nullif(evidence, 'by its address only'), addresses, auth_set, unixepoch(first_day) / 86400, unixepoch(last_day) / 86400, own_way, fail_set
FROM standing_before ORDER BY domain, sender;
DROP TABLE standing_before;
PRAGMA user_version = 5;
