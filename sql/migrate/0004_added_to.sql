-- SPDX-License-Identifier: MIT
-- What the analysis adds to: largest streams, and signatures that were passed on. The next analysis looks at all domains whole and fills them.
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

DELETE FROM analysed;
PRAGMA user_version = 4;
