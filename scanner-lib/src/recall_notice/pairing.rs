//! Units that a list of products is given first and their lots afterwards: "1057 and 1058; lots 2930412 and 2930413
//! respectively", and a list of lots in which the products' numbers stand again: "Lots: PX-08: 12345, PX-09: 22345".

use super::items::What;
use super::labels::Field;
use super::walk::{Context, Walk};

impl Walk<'_, '_> {
    /// `respectively`: as many lots as devices before them go one to each.
    pub fn respectively(&mut self, i: usize) -> Option<usize> {
        if self.text.lower(i) != "respectively" {
            return None;
        }
        let trailing = |fits: &dyn Fn(&What) -> bool, skip: usize| {
            self.items.iter().rev().skip(skip).take_while(|item| fits(&item.what)).count()
        };
        let units = trailing(&|what| matches!(what, What::Lot(_) | What::Serial(_) | What::Either(_)), 0);
        let heads = trailing(&|what| matches!(what, What::Reference(_)), units)
            .max(trailing(&|what| matches!(what, What::Device(_)), units));
        if units < 2 || heads != units {
            return None;
        }
        let lots = self.items.split_off(self.items.len() - units);
        let products = self.items.split_off(self.items.len() - heads);
        self.items.extend(products.into_iter().zip(lots).flat_map(|(product, lot)| [product, lot]));
        self.use_up(i, i + 1);
        Some(i + 1)
    }

    /// A product's number that was named before and stands in the list of lots, with a colon: its own lots follow.
    pub fn head_in_list(&mut self, i: usize, end: usize, field: Field) -> Option<usize> {
        let text = self.text;
        let code = text.slice(i, end);
        let is_it = |what: &What| matches!(what, What::Reference(known) if known == code);
        if text.mark(end) != Some(':')
            || text.mark(end + 1) == Some(':')
            || !self.items.iter().any(|item| is_it(&item.what))
        {
            return None;
        }
        // Where it was named first it only announced this place.
        let bare =
            self.items.iter().rposition(|item| !matches!(item.what, What::Reference(_))).map_or(0, |last| last + 1);
        let announced: Vec<usize> = (0..self.items.len())
            .filter(|place| is_it(&self.items[*place].what) && self.is_bare(*place, bare))
            .collect();
        for place in announced.into_iter().rev() {
            self.items.remove(place);
        }
        self.put(What::Reference(code.to_owned()), i, end + 1, 0.9);
        self.context = Some(Context { fields: vec![field], closed: true, ..Context::default() });
        Some(end + 1)
    }

    /// Whether no unit follows a product's number before the next number: it heads nothing yet.
    fn is_bare(&self, place: usize, trailing: usize) -> bool {
        place >= trailing || matches!(self.items.get(place + 1).map(|next| &next.what), Some(What::Reference(_)))
    }
}
