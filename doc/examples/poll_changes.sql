-- Reads what has happened to the records that this system has reported, and marks its own rows: a job for
-- DBMS_SCHEDULER, every minute, in Oracle with APEX. The place in the feed is kept in the transaction that marks the
-- rows, so nothing is missed and nothing comes twice.
--
--   CREATE TABLE bzctrl_place (id NUMBER PRIMARY KEY, next_cursor VARCHAR2(4000));
--   INSERT INTO bzctrl_place VALUES (1, 'now');
--   CREATE TABLE claim (bzctrl_key VARCHAR2(200) PRIMARY KEY, status VARCHAR2(20));
CREATE OR REPLACE PROCEDURE bzctrl_poll AS
  c_url    CONSTANT VARCHAR2(200) := 'http://127.0.0.1:8080';
  c_client CONSTANT VARCHAR2(200) := 'CLIENT_ID';
  c_secret CONSTANT VARCHAR2(200) := 'CLIENT_SECRET'; -- better: a web credential of APEX
  l_cursor VARCHAR2(4000);
  l_token  VARCHAR2(4000);
  l_answer CLOB;
BEGIN
  SELECT next_cursor INTO l_cursor FROM bzctrl_place WHERE id = 1 FOR UPDATE;

  apex_web_service.set_request_headers(
    p_name_01 => 'Content-Type', p_value_01 => 'application/x-www-form-urlencoded');
  l_answer := apex_web_service.make_rest_request(
    p_url         => c_url || '/bzctrl-core-api/oauth/token',
    p_http_method => 'POST',
    p_body        => 'grant_type=client_credentials&client_id=' || c_client || '&client_secret=' || c_secret);
  l_token := json_value(l_answer, '$.access_token');

  apex_web_service.set_request_headers(
    p_name_01 => 'Authorization', p_value_01 => 'Bearer ' || l_token);
  l_answer := apex_web_service.make_rest_request(
    p_url         => c_url || '/bzctrl-core-api/api/v1/changes?source=me&action=task.*&limit=200&cursor=' || l_cursor,
    p_http_method => 'GET');
  IF apex_web_service.g_status_code <> 200 THEN
    raise_application_error(-20000, 'bzctrl answered ' || apex_web_service.g_status_code || ': ' || l_answer);
  END IF;

  FOR event IN (
    SELECT key, status
      FROM json_table(l_answer, '$.items[*]' COLUMNS (
             key    VARCHAR2(200) PATH '$.key',
             status VARCHAR2(20)  PATH '$.changes.status[1]'))
     WHERE status IS NOT NULL)
  LOOP
    UPDATE claim SET status = event.status WHERE bzctrl_key = event.key;
  END LOOP;
  UPDATE bzctrl_place SET next_cursor = json_value(l_answer, '$.next' RETURNING VARCHAR2(4000)) WHERE id = 1;
  COMMIT;
END;
/
