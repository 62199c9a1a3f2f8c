-- A label by command gives way to the configuration's, and is kept beside it. ?1 what.
INSERT OR REPLACE INTO setting (key, value) SELECT 'label:' || what, class || coalesce(' ' || name, '') FROM label WHERE what = ?1 AND origin = 'command';
