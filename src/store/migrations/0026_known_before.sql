-- What a carrier knows of a family lasts until whatever it was told next. Where that was taken back while something newer
-- had been told, it lasted until what counts for nothing: when the newer was taken back, too, nothing was known of the
-- family. Those families are decided anew.
INSERT INTO again (feed, key, on_date)
    SELECT DISTINCT k.feed, k.key, '' FROM ledger AS k WHERE k.state = 'told' AND EXISTS (SELECT 1 FROM ledger AS v
        WHERE v.feed = k.feed AND v.key = k.key AND v.from_delivery = k.until_delivery AND v.state = 'void')
    ON CONFLICT (feed, key) DO UPDATE SET on_date = excluded.on_date;
UPDATE ledger SET until_delivery = COALESCE(
    (SELECT MIN(n.from_delivery) FROM ledger AS n WHERE n.feed = ledger.feed AND n.key = ledger.key
        AND n.state = 'told' AND n.from_delivery > ledger.from_delivery),
    (SELECT o.from_delivery FROM ledger AS o WHERE o.feed = ledger.feed AND o.key = ledger.key
        AND o.state = 'told' AND o.until_delivery IS NULL))
WHERE state = 'told' AND EXISTS (SELECT 1 FROM ledger AS v WHERE v.feed = ledger.feed AND v.key = ledger.key
    AND v.from_delivery = ledger.until_delivery AND v.state = 'void');
