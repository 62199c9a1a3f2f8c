-- What does each outcome count as? Columns: id, pass, lost if mine, at risk if mine, undetermined, by DKIM, by SPF, SPF permerror.
SELECT id, verdict = 'pass', bucket_mine = 'lost', bucket_mine = 'at_risk', bucket_mine = 'undetermined', flags & 1 <> 0, flags & 2 <> 0, flags & 1024 <> 0
FROM outcome;
