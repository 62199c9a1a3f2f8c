-- What did receivers do with what each sender of a domain sent in a period? given(?7): by sender, as sql/period.h has the columns. Columns: sql/overview.h;
-- numbers are named n_.
SELECT c2 AS n_who, c20 AS n_passed, c21 AS n_stopped, c22 AS n_let_through FROM given(?7);
