-- What does each outcome count as? Columns: id, pass, lost if mine, at risk if mine, undetermined if mine, undetermined if not, by DKIM, by SPF, SPF permerror,
-- stopped, lost under p=reject, of these probably spared, From below the policy domain.
SELECT id, verdict = 'pass', bucket_mine = 'lost', bucket_mine = 'at_risk', bucket_mine = 'undetermined', bucket_other = 'undetermined',
       flags & 1 <> 0, flags & 2 <> 0, flags & 1024 <> 0, disposition IN ('reject', 'quarantine'), under_reject IN ('rejected', 'likely_spared', 'quarantined'),
       under_reject = 'likely_spared' AND flags & 4096 = 0, flags & 16 <> 0
FROM outcome;
