-- When a person was erased: what was written about before is stored a moment later (core/request_log.h),
-- and the erasure waits for it.
ALTER TABLE erasure ADD COLUMN erased_at INTEGER NOT NULL DEFAULT 0;
