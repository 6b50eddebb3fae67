-- A pack without a lot is held against one line of each recall of its device: found in the index alone, without reading the lines.
CREATE INDEX recall_criteria_vague ON recall_criteria (identifier, units, recall_id, issuer, maker, reference, value);
