DROP TABLE override_claims;
DROP TABLE tablet_keys;
