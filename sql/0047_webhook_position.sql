-- A webhook keeps its place only in chains that it listens to: those of its domain and, if it is not of one
-- workspace, of the domains below.
DELETE FROM webhook_position WHERE NOT EXISTS (
    SELECT 1 FROM webhook w
    JOIN domain own ON own.id = w.domain_id
    JOIN chain c ON c.ordinal = webhook_position.ordinal
    JOIN domain d ON d.id = c.domain_id
    WHERE w.id = webhook_position.webhook_id AND (d.id = own.id OR
        (w.workspace_id IS NULL AND d.key >= own.key || '-' AND d.key < own.key || '.')));

-- Webhooks that were removed stay, however many; nobody looks through them.
CREATE INDEX webhook_there ON webhook (id) WHERE pause <> 5;

-- Whoever has chosen what to hear of hears of webhooks, too (src/model/notification.h, the last two reasons), by
-- mail unless they have ended that.
UPDATE notification_setting SET app = app + 768, mail = CASE WHEN mail = 0 THEN 0 ELSE mail + 768 END;

-- Tests are counted, and the oldest of them dropped.
CREATE INDEX webhook_delivery_tests ON webhook_delivery (webhook_id, id) WHERE ordinal = 0;
