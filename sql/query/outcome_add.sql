-- A new outcome. Parameters as in outcome_find, ?9 bucket_mine, ?10 bucket_other.
INSERT INTO outcome (disposition, dkim, spf, verdict, verdict_basis, under_reject, disputed, flags, bucket_mine, bucket_other)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10);
