-- In which words does the file hold our views? Columns: sql, to its end as in views.sql (NULL: it is not there).
WITH ours(name) AS (VALUES ('auth_words'), ('v_reports'), ('v_records'), ('v_auth'), ('v_sources'), ('v_daily'), ('v_intake'), ('v_findings'))
SELECT s.sql || ';' FROM ours LEFT JOIN sqlite_schema s ON s.type = 'view' AND s.name = ours.name;
