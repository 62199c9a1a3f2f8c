-- The totals of a domain have changed. ?1 domain.
DELETE FROM analysed WHERE domain = ?1;
