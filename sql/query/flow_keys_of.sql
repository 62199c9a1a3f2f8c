-- What did these addresses send under a domain? Those of an address come together. ?1 domain, ?2 given (source). Columns: source, auth_set, outcome, sender.
SELECT f.source, f.auth_set, f.outcome, f.sender FROM given(?2) g CROSS JOIN flow f ON f.domain = ?1 AND f.source = g.c0;
