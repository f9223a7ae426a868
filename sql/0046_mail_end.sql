-- Every mail ends. One that the mail server keeps refusing is given up some days after its first attempt, and the
-- address remembers that.
ALTER TABLE mail ADD COLUMN failing_since INTEGER;          -- the first attempt that failed; NULL: none has
CREATE INDEX mail_failing ON mail (failing_since) WHERE failing_since IS NOT NULL;
ALTER TABLE mail_address ADD COLUMN given_up_at INTEGER;    -- the last mail was given up, for `reason`
CREATE INDEX mail_address_in_trouble ON mail_address (account_id)
    WHERE suspended_at IS NOT NULL OR given_up_at IS NOT NULL;

-- The newest notification that a mail has had. So the end of a mail is one row, however many it was about.
ALTER TABLE mail_address ADD COLUMN mailed_to INTEGER NOT NULL DEFAULT 0;

-- Of the event after `seq`, everybody up to this account has been notified: many people are notified of one event
-- bit by bit.
ALTER TABLE notification_position ADD COLUMN account_id INTEGER NOT NULL DEFAULT 0;
