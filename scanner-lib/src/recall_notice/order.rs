//! Items whose meaning only what follows can settle.

use super::items::{Item, What};

/// Settles what `Code` announced, and lists of dates that follow lists of lots.
pub(super) fn settled(items: Vec<Item>) -> Vec<Item> {
    zipped(&coded(items))
}

fn is_unit(what: &What) -> bool {
    match what {
        What::Lot(_) | What::Serial(_) | What::Either(_) | What::Range { .. } | What::All => true,
        What::Carried(c) => c.lot.is_some() || c.serial.is_some(),
        _ => false,
    }
}

/// A code before lots or serials is a catalogue number; one that none follow is a lot.
fn coded(mut items: Vec<Item>) -> Vec<Item> {
    let mut units_follow = false;
    for item in items.iter_mut().rev() {
        match &item.what {
            What::Code(code) if units_follow => item.what = What::Reference(code.clone()),
            What::Reference(_) | What::Part => units_follow = false,
            what if is_unit(what) => units_follow = true,
            _ => {}
        }
    }
    items
}

/// `Lots: A, B, C  Exp: 1, 2, 3`: as many dates as lots go one to each; another count of several tells nothing.
fn zipped(items: &[Item]) -> Vec<Item> {
    let mut settled: Vec<Item> = Vec::with_capacity(items.len());
    let mut at = 0;
    while at < items.len() {
        let dates =
            items[at..].iter().take_while(|i| matches!(i.what, What::Expiry(p) if p.single().is_some())).count();
        if dates < 2 {
            settled.push(items[at].clone());
            at += 1;
            continue;
        }
        let lots = settled
            .iter()
            .rev()
            .take_while(|i| matches!(i.what, What::Lot(_) | What::Serial(_) | What::Either(_)))
            .count();
        if lots == dates {
            let tail = settled.split_off(settled.len() - lots);
            for (lot, date) in tail.into_iter().zip(&items[at..at + dates]) {
                settled.push(lot);
                settled.push(date.clone());
            }
        } else if lots == 0 {
            settled.extend(items[at..at + dates].iter().cloned());
        }
        at += dates;
    }
    settled
}
