DROP TABLE makers;
DROP TABLE tray_products;
DROP TABLE trays;
DROP TABLE device_use_marks;
DROP TABLE procedure_checks;
