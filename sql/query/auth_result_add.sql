-- One result of a set. ?1 auth_set, ?2 n, ?3 kind, ?4 domain, ?5 selector, ?6 scope, ?7 result, ?8 human_result.
INSERT INTO auth_result (auth_set, n, kind, domain, selector, scope, result, human_result)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8);
