-- SPDX-License-Identifier: MIT
-- The present schema of a dmarcsift database, as data dictionary. People read
-- this file's tables only through the views (views.sql); tables may change between
-- versions by the steps in migrate/, the views keep their names and columns.
--
-- Words: day = 'YYYY-MM-DD' (UTC). *_at = seconds since 1970-01-01 UTC. messages = number of mails. *_no = a word or a day as a number.
-- Columns with AS are computed when they are read; they take no room.
-- A column named like a table holds an id of it; the program keeps them right by itself, because checking each row as it is written costs a tenth of ingest.
-- Absent text is '' where it is part of a UNIQUE key (NULLs never compare equal), else NULL.

-- Settings that live with the data: the mirrored list of domains (domains), the day before which records were removed (pruned_before), labels by command
-- that give way to the configuration's (label:WHAT). And of folders, as NAME:ACCOUNT/FOLDER: whose mailbox it is (mailbox), what is done with its mails
-- that wait (after), since when that is done (began), when the mail it was read to arrived (last).
CREATE TABLE setting (
	key   TEXT NOT NULL PRIMARY KEY,
	value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Domain names and other short words that repeat, each once. Row 0 is "absent".
CREATE TABLE name (
	id   INTEGER PRIMARY KEY,
	text TEXT NOT NULL UNIQUE,		-- as stored in the views, '' in row 0
	org  TEXT NOT NULL			-- its organisational domain (public suffix list); '' in row 0
) STRICT;
INSERT INTO name (id, text, org) VALUES (0, '', '');

-- Policy domains reports were about.
CREATE TABLE domain (
	id       INTEGER PRIMARY KEY,
	name     TEXT NOT NULL UNIQUE,		-- '' where reports named none
	org      TEXT NOT NULL,
	"foreign" INTEGER NOT NULL DEFAULT 0,	-- 1: outside the configured domains, out of all sums
	stale_from TEXT				-- the daily roll-up is to be built anew from this day on; NULL: it is right
) STRICT;

-- Source addresses.
CREATE TABLE source (
	id      INTEGER PRIMARY KEY,
	address TEXT NOT NULL UNIQUE,		-- canonical text; '' where the record had none
	ptr     TEXT				-- confirmed reverse name, where ever looked up
) STRICT;
CREATE INDEX source_ptr ON source (id) WHERE ptr IS NOT NULL;

-- Who carried mail: a catalogue id, an organisational domain that authenticated it, or an address.
CREATE TABLE sender (
	id       INTEGER PRIMARY KEY,
	sender   TEXT NOT NULL UNIQUE,		-- the id shown everywhere
	called   TEXT,				-- for people: 'Mandrill'; NULL: as its id
	kind_no  INTEGER NOT NULL,		-- place in the list of kind
	category TEXT NOT NULL DEFAULT '',	-- catalogue category, '' elsewhere
	name     TEXT AS (coalesce(called, sender)),
	kind     TEXT AS (CASE kind_no WHEN 0 THEN 'address' WHEN 1 THEN 'domain' WHEN 2 THEN 'catalogue' WHEN 3 THEN 'label' END)
) STRICT;

-- Reporters as they name themselves (report_metadata).
CREATE TABLE reporter (
	id                 INTEGER PRIMARY KEY,
	org_name           TEXT NOT NULL,	-- '' absent, likewise below
	email              TEXT NOT NULL,
	extra_contact_info TEXT NOT NULL,
	generator          TEXT NOT NULL,
	UNIQUE (org_name, email, extra_contact_info, generator)
) STRICT;

-- What is told of the mails reports came in: whom they were from, and whether that was authenticated.
CREATE TABLE mail (
	id        INTEGER PRIMARY KEY,
	mail_from TEXT NOT NULL,		-- domain of From, '' absent
	mail_auth TEXT NOT NULL,		-- pass, fail, ... as the trusted Authentication-Results says; unknown where none is trusted
	UNIQUE (mail_from, mail_auth)
) STRICT;

-- policy_published without its domain.
CREATE TABLE policy (
	id               INTEGER PRIMARY KEY,
	adkim            TEXT NOT NULL,		-- '' absent, likewise below
	aspf             TEXT NOT NULL,
	p                TEXT NOT NULL,
	sp               TEXT NOT NULL,
	np               TEXT NOT NULL,
	pct              INTEGER NOT NULL,	-- 0..100, -1 absent
	testing          TEXT NOT NULL,
	fo               TEXT NOT NULL,
	discovery_method TEXT NOT NULL,
	UNIQUE (adkim, aspf, p, sp, np, pct, testing, fo, discovery_method)
) STRICT;

-- Identifiers of a record and its override reasons, as one combination.
CREATE TABLE ident (
	id            INTEGER PRIMARY KEY,
	header_from   INTEGER NOT NULL,
	envelope_from INTEGER NOT NULL,
	envelope_to   INTEGER NOT NULL,
	reason_set    INTEGER NOT NULL,		-- 0: none
	UNIQUE (header_from, envelope_from, envelope_to, reason_set)
) STRICT;

-- The SPF and DKIM results of a record, as one set; sets repeat a lot. View auth_words puts them into words.
CREATE TABLE auth_set (
	id     INTEGER PRIMARY KEY,
	digest BLOB NOT NULL UNIQUE		-- of its results, 16 bytes
) STRICT;
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

-- Override reasons of a record, as one set.
CREATE TABLE reason_set (
	id      INTEGER PRIMARY KEY,
	summary TEXT NOT NULL UNIQUE		-- 'type: comment; type: comment'
) STRICT;
CREATE TABLE reason (
	reason_set INTEGER NOT NULL,
	n          INTEGER NOT NULL,
	type       TEXT,
	comment    TEXT,
	PRIMARY KEY (reason_set, n)
) STRICT, WITHOUT ROWID;

-- What a record says of itself and what we make of it, as one combination (a few hundred in all).
-- The verdict is computed once, at ingest; see report/verdict.h for the rules and the flags.
CREATE TABLE outcome (
	id            INTEGER PRIMARY KEY,
	disposition   TEXT NOT NULL,		-- policy_evaluated as reported, '' absent
	dkim          TEXT NOT NULL,
	spf           TEXT NOT NULL,
	verdict       TEXT NOT NULL,		-- pass, fail, undetermined, unknown
	verdict_basis TEXT NOT NULL,		-- reported, recomputed, none
	under_reject  TEXT NOT NULL,		-- class under p=reject
	disputed      TEXT NOT NULL,		-- 'C1', 'C1 C4', ''
	flags         INTEGER NOT NULL,		-- enum outcome_flag
	bucket_mine   TEXT NOT NULL,		-- bucket where the sender is mine and the mail not forwarded
	bucket_other  TEXT NOT NULL,		-- bucket where it is not
	UNIQUE (disposition, dkim, spf, verdict, verdict_basis, under_reject, disputed, flags)
) STRICT;

-- One row for each document that came in (a mail only where it held none): the intake ledger.
CREATE TABLE intake (
	id           INTEGER PRIMARY KEY,
	item         BLOB NOT NULL,		-- digest of place and bytes, 16 bytes: known bytes at a known place
	origin       TEXT NOT NULL,		-- reads like a path
	state        TEXT NOT NULL,		-- stored, duplicate, conflict, not_a_report, damaged, retry
	reason       TEXT,			-- in words; NULL only for stored
	report       INTEGER,			-- report.id it holds or repeats
	imported_at  INTEGER NOT NULL,
	seen         INTEGER NOT NULL DEFAULT 1,	-- how often these bytes were met here
	last_seen_at INTEGER NOT NULL
) STRICT;
CREATE INDEX intake_item ON intake (substr(item, 1, 8));	-- half of it tells all but accidents apart, in half the room
-- Of use only to queries that say `state <> 'stored'` in these words.
CREATE INDEX intake_trouble ON intake (state, id) WHERE state <> 'stored';

-- Raw bytes kept for `retry`, compressed with zlib.
CREATE TABLE raw (
	intake INTEGER PRIMARY KEY REFERENCES intake ON DELETE CASCADE,
	size   INTEGER NOT NULL,		-- uncompressed
	bytes  BLOB NOT NULL
) STRICT;

-- Aggregate reports. Records of a report lie in record from first_record to last_record.
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
CREATE INDEX report_key ON report (substr(key, 1, 8));	-- as in intake_item
CREATE INDEX report_day ON report (domain, day);

-- Records. No index beside the row id: a report's records are one range.
CREATE TABLE record (
	id         INTEGER PRIMARY KEY,		-- first_record + number in the report - 1
	source     INTEGER NOT NULL,
	messages   INTEGER NOT NULL,
	ident      INTEGER NOT NULL,
	auth_set   INTEGER NOT NULL,
	outcome    INTEGER NOT NULL
) STRICT;

-- Attribution and totals: for each (policy domain, address, auth results, outcome) who sent it, and how much. Its records lie in
-- the reports of this domain from first_day to first_day + span, which index report_day finds. Days are numbers (days since
-- 1970-01-01): this is the largest table beside record, one row for each thing any address ever did.
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
	way       INTEGER AS (span_way & 3),	-- 0 direct; for all we know 1 forwarded, 2 forwarded and broken; 3 surely forwarded
	PRIMARY KEY (domain, source, auth_set, outcome)
) STRICT, WITHOUT ROWID;

-- Daily roll-up: every dashboard question is answered from here.
CREATE TABLE daily (
	domain   INTEGER NOT NULL,
	day      TEXT NOT NULL,
	sender   INTEGER NOT NULL,
	way      INTEGER NOT NULL,
	outcome  INTEGER NOT NULL,
	messages INTEGER NOT NULL,
	PRIMARY KEY (domain, day, sender, way, outcome)
) STRICT, WITHOUT ROWID;

-- What the analysis made of each sender of a domain, over the whole database.
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

-- The addresses each sender of a domain sent most from, over the whole database; not kept of a sender that is an address itself.
CREATE TABLE standing_address (
	domain   INTEGER NOT NULL,
	sender   INTEGER NOT NULL,
	place    INTEGER NOT NULL,		-- 1 most messages ... 10
	source   INTEGER NOT NULL,
	messages INTEGER NOT NULL,
	PRIMARY KEY (domain, sender, place)
) STRICT, WITHOUT ROWID;

-- The largest streams of each sender of a domain that sent from more addresses than standing_address holds: to these, and to those addresses, the
-- analysis adds what came since. A sender of few addresses is summed up anew.
CREATE TABLE standing_stream (
	domain   INTEGER NOT NULL,
	sender   INTEGER NOT NULL,
	kind     INTEGER NOT NULL,		-- 0 of all its mail, 1 failing, 2 failing in a way that seems forwarded
	auth_set INTEGER NOT NULL,
	source   INTEGER NOT NULL,
	messages INTEGER NOT NULL,
	PRIMARY KEY (domain, sender, kind)
) STRICT, WITHOUT ROWID;

-- Signatures of a domain's own that were passed on: in mail that passes by its signature alone (flow.way 1), and by which senders. One that direct mail
-- carries as well has the one row of sender 0.
CREATE TABLE passed_on (
	domain   INTEGER NOT NULL,
	signer   INTEGER NOT NULL,		-- name: the signing domain
	selector INTEGER NOT NULL,		-- name
	sender   INTEGER NOT NULL,
	messages INTEGER NOT NULL,
	streams  INTEGER NOT NULL,		-- rows of flow
	PRIMARY KEY (domain, signer, selector, sender)
) STRICT, WITHOUT ROWID;

-- The user's word on a sender.
CREATE TABLE label (
	what   TEXT NOT NULL PRIMARY KEY,	-- address, network, sender id or DKIM domain
	class  TEXT NOT NULL CHECK (class IN ('mine', 'not_mine', 'forwarder', 'ignore')),
	name   TEXT,
	origin TEXT NOT NULL CHECK (origin IN ('config', 'command'))
) STRICT, WITHOUT ROWID;

-- Findings of the last analysis. Their order: place, most messages, domain, sender.
CREATE TABLE finding (
	id         INTEGER PRIMARY KEY,
	code       TEXT NOT NULL,
	domain     TEXT,
	sender     TEXT,
	messages   INTEGER,
	since      TEXT,			-- day
	text       TEXT NOT NULL,
	why        TEXT,
	fix        TEXT,
	confidence TEXT,
	place      INTEGER NOT NULL		-- of the code in the order of weight, 0 first
) STRICT;
CREATE INDEX finding_domain ON finding (domain);

-- The day and the settings the findings were made with.
CREATE TABLE analysis (
	id       INTEGER PRIMARY KEY CHECK (id = 1),
	stamp    TEXT NOT NULL,			-- day and settings
	settings TEXT NOT NULL,			-- version, thresholds, what the configuration mirrors: with others all is analysed anew
	newest   TEXT NOT NULL			-- newest reported day, '' none: with another the recent days are looked at anew
) STRICT;

-- Domains whose standings and findings fit their totals. What changes the totals takes the row away; only the others are analysed whole.
CREATE TABLE analysed (
	domain INTEGER PRIMARY KEY
) STRICT;

-- State of fetching: one row for each folder of each account.
CREATE TABLE mailbox (
	account     TEXT NOT NULL,
	folder      TEXT NOT NULL,		-- UTF-8
	uidvalidity INTEGER NOT NULL,
	last_uid    INTEGER NOT NULL,		-- every UID up to here is done or in mailbox_uid
	PRIMARY KEY (account, folder)
) STRICT, WITHOUT ROWID;
-- Mails that are not simply done: to be fetched again (retry), or settled and waiting to be moved (settled).
CREATE TABLE mailbox_uid (
	account TEXT NOT NULL,
	folder  TEXT NOT NULL,
	uid     INTEGER NOT NULL,
	state   TEXT NOT NULL CHECK (state IN ('retry', 'settled')),
	PRIMARY KEY (account, folder, uid)
) STRICT, WITHOUT ROWID;
-- The last run of each account.
CREATE TABLE account_run (
	account    TEXT NOT NULL PRIMARY KEY,
	started_at INTEGER NOT NULL,
	ended_at   INTEGER,
	mails      INTEGER NOT NULL DEFAULT 0,
	error      TEXT				-- NULL: it went well
) STRICT, WITHOUT ROWID;

-- What the digest has said, so that nothing is said twice within a week.
CREATE TABLE digest_said (
	code     TEXT NOT NULL,
	domain   TEXT NOT NULL,
	sender   TEXT NOT NULL,
	messages INTEGER NOT NULL,
	said_at  INTEGER NOT NULL,
	PRIMARY KEY (code, domain, sender)
) STRICT, WITHOUT ROWID;
