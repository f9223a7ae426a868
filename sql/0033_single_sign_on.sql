-- Single sign-on by OpenID Connect (doc/operating.md).

-- Who an account is at a provider. Nothing else finds the account of a sign-in, once there is one.
CREATE TABLE identity (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id),
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (issuer, subject),
    UNIQUE (account_id, issuer)
) STRICT;

-- A group of the provider gives a role. A rule is never changed, so that no role grows but by a
-- sign-in; what is ended gives nothing any more.
CREATE TABLE group_rule (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,             -- of the group, as the provider spells it
    domain_id INTEGER NOT NULL REFERENCES domain (id),
    role INTEGER NOT NULL CHECK (role BETWEEN 1 AND 3),     -- enum role
    created_at INTEGER NOT NULL,
    ended_at INTEGER                -- NULL: it is in force
) STRICT;

-- Which rules an account has its roles by, besides account_grant, whose roles people give by hand.
CREATE TABLE group_member (
    account_id INTEGER NOT NULL REFERENCES account (id),
    rule_id INTEGER NOT NULL REFERENCES group_rule (id),
    PRIMARY KEY (account_id, rule_id)
) STRICT;

CREATE INDEX group_member_by_rule ON group_member (rule_id);

-- Sessions that the provider confirms from time to time.
CREATE TABLE provider_session (
    family_id INTEGER PRIMARY KEY REFERENCES token_family (id) ON DELETE CASCADE,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    refresh BLOB,                   -- the provider's refresh token, sealed; NULL: none, so it ends when it is due
    checked_at INTEGER NOT NULL,    -- when the provider last confirmed it
    due_at INTEGER NOT NULL
) STRICT;

CREATE INDEX provider_session_by_due ON provider_session (due_at);

-- An admin's newest test of single sign-on.
CREATE TABLE sign_in_test (
    account_id INTEGER PRIMARY KEY REFERENCES account (id),
    state BLOB NOT NULL,            -- SHA-256 of what the browser has to bring back
    expires_at INTEGER NOT NULL,
    result TEXT                     -- JSON; NULL: not there yet
) STRICT;

INSERT INTO job (id, kind, subject, due_at, lease_until, attempts, dead) VALUES
    (33, 'single sign-on', 0, 0, 0, 0, 0);
