-- No label by command is kept beside the configuration's any more. ?1 what.
DELETE FROM setting WHERE key = 'label:' || ?1;
