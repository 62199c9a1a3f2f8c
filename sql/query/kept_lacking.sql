-- Of how many documents that could not be read are no bytes kept, so that they cannot be read again? Columns: of damaged ones, of those to be read again.
SELECT count(*) FILTER (WHERE i.state = 'damaged'), count(*) FILTER (WHERE i.state = 'retry') FROM intake i
WHERE i.state <> 'stored' AND i.state IN ('damaged', 'retry') AND
      NOT EXISTS (SELECT 1 FROM intake k JOIN raw r ON r.intake = k.id WHERE substr(k.item, 1, 8) = substr(i.item, 1, 8) AND k.item = i.item);
