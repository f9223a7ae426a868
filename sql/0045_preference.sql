-- What the app keeps for a person wherever they sign in.
CREATE TABLE preference (
    account_id INTEGER PRIMARY KEY REFERENCES account (id),
    pins TEXT NOT NULL,             -- ids of saved views, a JSON list of texts
    seen TEXT NOT NULL              -- what need not be shown again, the same
) STRICT;
