-- SPDX-License-Identifier: MIT
-- The analysis keeps what it needs to look again only at domains that have changed. What it found is derived: it is made anew at its next run.
DROP TABLE standing;
CREATE TABLE standing (
	domain     INTEGER NOT NULL,
	sender     INTEGER NOT NULL,
	mine       INTEGER NOT NULL,		-- 1: the user's own mail
	basis      TEXT NOT NULL,		-- label, history, vouched, '' (not mine)
	confidence TEXT NOT NULL,		-- high, medium, low
	class      TEXT NOT NULL,		-- losing, at_risk, passing, forwarded, undecided, not_you
	evidence   TEXT NOT NULL,		-- how the sender is known, in words
	addresses  INTEGER NOT NULL,		-- it sent from, over the whole database
	auth_set   INTEGER,			-- results of its largest stream
	first_day  TEXT,			-- over the whole database
	last_day   TEXT,
	own_way    INTEGER NOT NULL,		-- 2: ways 1 and 2 are direct as well, for it signs with a selector of its own; else 0
	fail_set   INTEGER,			-- results of its largest failing stream
	PRIMARY KEY (domain, sender)
) STRICT, WITHOUT ROWID;
DROP TABLE finding;
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
DROP TABLE analysis;
CREATE TABLE analysis (
	id       INTEGER PRIMARY KEY CHECK (id = 1),
	stamp    TEXT NOT NULL,			-- day and settings
	settings TEXT NOT NULL,			-- version, thresholds, what the configuration mirrors: with others all is analysed anew
	newest   TEXT NOT NULL			-- newest reported day, '' none: with another the recent days are looked at anew
) STRICT;
CREATE TABLE analysed (
	domain INTEGER PRIMARY KEY
) STRICT;
CREATE INDEX source_ptr ON source (id) WHERE ptr IS NOT NULL;
PRAGMA user_version = 2;
