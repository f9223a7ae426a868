-- For wrk: a client's tokens. FORM is the body of the request for one.
dofile((os.getenv("BENCH") or "bench") .. "/count.lua")
wrk.method = "POST"
wrk.body = os.getenv("FORM")
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
