DROP TABLE recall_letters;
DROP TABLE recall_findings;
DROP TABLE recall_sites;
DROP TABLE recall_stages;
