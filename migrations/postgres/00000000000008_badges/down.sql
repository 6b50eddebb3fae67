DROP TABLE acknowledgements;
DROP TABLE override_witnesses;
DROP TABLE user_badges;
