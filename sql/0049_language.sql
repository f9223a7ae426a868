-- A person without a language of their own has that of the server (-1). Until now everybody had one: English, unless
-- they chose another.
UPDATE notification_setting SET language = -1 WHERE language = 0;
