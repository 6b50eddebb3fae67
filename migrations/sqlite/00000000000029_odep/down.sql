DROP TABLE odep_ratings;
