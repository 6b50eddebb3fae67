//! "All lots", and what narrows it.

use super::items::{Period, What};
use super::labels::{Field, label_at};
use super::text::Gap;
use super::walk::{Context, Walk};

impl Walk<'_, '_> {
    /// "All lots", "all serial numbers", or "All" after the label of lots.
    pub fn every(&mut self, i: usize) -> Option<usize> {
        let text = self.text;
        if text.lower(i) != "all" || text.lower(i + 1) == "of" && text.lower(i + 2) == "the" {
            return None;
        }
        let in_list = self
            .context
            .as_ref()
            .is_some_and(|c| c.values == 0 && (c.fields.iter().any(|f| f.is_unit()) || c.fields == [Field::Code]));
        let mut at = i + 1;
        let mut named = 0;
        let mut serial = false;
        while at < self.limit {
            let word = text.lower(at);
            match word {
                "lot" | "lots" | "batch" | "batches" | "serial" | "serials" | "sn" | "code" | "codes" | "unit"
                | "units" | "serialnumbers" => named += 1,
                "device" | "devices" | "product" | "products" | "model" | "models" | "system" | "systems"
                | "implants" | "pumps" | "size" | "sizes" | "item" | "items" | "skus" | "versions" => {
                    named += usize::from(matches!(
                        word,
                        "device" | "devices" | "product" | "products" | "units" | "systems" | "implants"
                    ));
                }
                "number" | "numbers" | "no" | "nos" | "unexpired" | "and" | "or" | "id" | "ids" => {}
                _ if matches!(text.mark(at), Some('/' | '#' | '&')) => {}
                _ if text.mark(at) == Some('(') && text.lower(at + 1) == "s" => at += 2,
                _ => break,
            }
            serial |= word.starts_with("serial");
            at += 1;
        }
        // "and" at the end belongs to what follows.
        while at > i + 1 && matches!(text.lower(at - 1), "and" | "or") {
            at -= 1;
        }
        if named == 0
            && !(in_list
                && (at >= self.limit
                    || text.mark(at).is_some()
                    || text.gap(at) >= Gap::Wide
                    || text.gap(at) == Gap::Line
                    || label_at(text, at).is_some()))
        {
            return None;
        }
        if matches!(text.lower(at), "listed" | "below" | "above" | "shown" | "identified" | "mentioned") {
            return None;
        }
        Some(self.restricted(i, at, serial))
    }

    /// What narrows "all lots": made or expiring in a time, from one to another, or in a way no criterion tells.
    fn restricted(&mut self, i: usize, at: usize, serial: bool) -> usize {
        let text = self.text;
        let mut next = at;
        while matches!(
            text.lower(next),
            "that" | "were" | "was" | "with" | "which" | "are" | "have" | "having" | "been" | "an" | "a" | "and"
        ) {
            next += 1;
        }
        if next > at && label_at(text, next).is_some_and(|l| l.fields[0].is_unit()) {
            // "all units with serial numbers 1 and 2" are not all.
            self.use_up(i, next);
            return next;
        }
        let word = text.lower(next).to_owned();
        let dated: Option<fn(Period) -> What> = match word.as_str() {
            "manufactured" | "produced" | "made" | "manufacture" | "manufacturing" | "production" | "mfg" => {
                Some(What::Manufacture)
            }
            "expiring" | "expiration" | "expiry" | "expire" | "exp" => Some(What::Expiry),
            _ => None,
        };
        if let Some(what) = dated
            && let Some((period, end)) =
                self.period(next + 1 + usize::from(matches!(text.lower(next + 1), "date" | "dates")), true)
        {
            self.put(what(period), i, end, 0.85);
            self.context = None;
            return end;
        }
        let field = if serial { Field::Serial } else { Field::Lot };
        self.context = Some(Context { fields: vec![field], closed: true, ..Default::default() });
        if let Some(end) = self.range(next, serial) {
            self.used[i..at].fill(true);
            return end;
        }
        let narrowed = dated.is_some()
            || matches!(
                word.as_str(),
                "distributed"
                    | "shipped"
                    | "sold"
                    | "released"
                    | "prior"
                    | "before"
                    | "after"
                    | "from"
                    | "since"
                    | "except"
                    | "excluding"
                    | "other"
                    | "not"
                    | "between"
                    | "up"
                    | "below"
                    | "above"
                    | "with"
                    | "beginning"
                    | "starting"
                    | "running"
                    | "using"
                    | "containing"
                    | "implanted"
                    | "delivered"
                    | "purchased"
                    | "received"
            )
            || next > at && label_at(text, next).is_some_and(|l| l.fields[0] == Field::Other);
        self.put(What::All, i, at, if narrowed { 0.5 } else { 0.95 });
        self.context = None;
        if narrowed && !matches!(word.as_str(), "except" | "excluding" | "other" | "not") {
            let end = self.clause_end(next).max(at);
            let device = |j: &usize| label_at(text, *j).is_some_and(|label| label.fields[0] == Field::Device);
            (next + 1..end).find(device).unwrap_or(end)
        } else {
            at
        }
    }
}
