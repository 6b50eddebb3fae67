-- What one site has of one device is asked at every scan: of a device many sites have packs, and of a site a hundred thousand.
CREATE INDEX stock_items_device ON stock_items (identifier, site_code);
