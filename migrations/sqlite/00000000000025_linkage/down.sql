DROP TABLE linked_lines;
