-- Of the caller's traceparent (W3C Trace Context), for the log of requests; NULL: it sent none.
ALTER TABLE request ADD COLUMN trace_id TEXT;
