-- A new reason to be notified of, the eleventh: a second person sent a record back. Who has set something hears of it as
-- of the others: in the app and by mail, unless they want nothing at all there.
UPDATE notification_setting SET app = app | 1024 WHERE app <> 0;
UPDATE notification_setting SET mail = mail | 1024 WHERE mail <> 0;
