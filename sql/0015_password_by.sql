-- Who could last set a person's password, and so may know it: the account that made the link under
-- which it was set, 0 (the operator), or -3 (an account that others had, which vouches for nothing).
-- NULL: not known, as of every password that is older than this step; it is trusted with the domains
-- on which the person holds a role already, and with nothing else (model/right.h).
ALTER TABLE account ADD COLUMN password_by INTEGER;

CREATE INDEX account_by_password ON account (password_by);
