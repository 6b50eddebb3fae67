DROP TABLE procedure_plans;
DROP TABLE product_attributes;
