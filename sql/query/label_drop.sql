-- Takes a label away. ?1 what.
DELETE FROM label WHERE what = ?1;
