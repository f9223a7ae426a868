-- What an administrator is shown of jobs is counted by an index, up to a bound, however many jobs there are.
CREATE INDEX job_at_work ON job (kind, lease_until) WHERE lease_until > 0;
CREATE INDEX job_failing ON job (kind, dead) WHERE reason IS NOT NULL;
