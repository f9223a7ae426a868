-- The directory is large, and its changes are small: a row tells by which version of the directory it
-- was last changed (or a greater one), so that what is in memory is brought up to date by those rows.
-- `places` is the version of the last change of domains and workspaces, which are read anew then, and
-- `whole` that of the last change that does not tell what it changed: what is older is read anew.
ALTER TABLE account ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;  -- and what it holds: roles, a client's settings
ALTER TABLE form ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE directory_version ADD COLUMN places INTEGER NOT NULL DEFAULT 1;
ALTER TABLE directory_version ADD COLUMN whole INTEGER NOT NULL DEFAULT 1;

CREATE INDEX account_by_change ON account (changed);
CREATE INDEX form_by_change ON form (changed);
