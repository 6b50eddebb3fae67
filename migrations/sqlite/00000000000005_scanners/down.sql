DROP TABLE scanners;
