-- Which row holds this outcome? ?1 disposition, ?2 dkim, ?3 spf, ?4 verdict, ?5 verdict_basis, ?6 under_reject, ?7 disputed, ?8 flags. Columns: id.
SELECT id FROM outcome
WHERE disposition = ?1 AND dkim = ?2 AND spf = ?3 AND verdict = ?4 AND verdict_basis = ?5 AND under_reject = ?6
  AND disputed = ?7 AND flags = ?8;
