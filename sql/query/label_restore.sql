-- The label by command that was kept beside the configuration's stands again. ?1 what.
INSERT INTO label (what, class, name, origin)
SELECT ?1, substr(value, 1, instr(value || ' ', ' ') - 1), nullif(substr(value, instr(value || ' ', ' ') + 1), ''), 'command' FROM setting WHERE key = 'label:' || ?1;
