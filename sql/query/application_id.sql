-- Whose file is it? Columns: application_id.
PRAGMA application_id;
