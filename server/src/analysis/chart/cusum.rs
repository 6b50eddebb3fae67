//! A chart of outcomes as they come: it climbs while there are more failures than were due.

use std::fmt::Write as _;

use super::text::{Anchor, Label, escaped, plain, tenth};
use super::{FONT, HEIGHT, INK, LEFT, QUIET, RIGHT, RULE, TOP, WIDTH};

/// A chart by calendar time.
#[derive(Clone, Copy, Debug)]
pub struct CusumChart<'a> {
    /// Makes the ids of title and description unique in a page.
    pub id: &'a str,
    /// The heading.
    pub title: &'a str,
    /// A line under it.
    pub note: &'a str,
    /// Calendar time in years, such as 2019.5, in order.
    pub time: &'a [f64],
    /// The height at each time.
    pub height: &'a [f64],
    /// The height that is a signal, where there is one.
    pub limit: Option<f64>,
}

impl CusumChart<'_> {
    /// Draws it.
    pub fn to_svg(&self) -> String {
        let (first, last) = match (self.time.first(), self.time.last()) {
            (Some(&first), Some(&last)) if last > first => (first.floor(), last.ceil()),
            (Some(&first), _) => (first.floor(), first.floor() + 1.0),
            _ => (0.0, 1.0),
        };
        let most = self.height.iter().copied().chain(self.limit).fold(1.0, f64::max) * 1.1;
        let x = |time: f64| LEFT + (time - first) / (last - first) * (WIDTH - LEFT - RIGHT);
        let y = |height: f64| TOP + HEIGHT - height / most * HEIGHT;
        let (total, bottom, right) = (TOP + HEIGHT + 64.0, TOP + HEIGHT, WIDTH - RIGHT);
        let mut svg = String::with_capacity(8 * 1024);
        let _ = write!(
            svg,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {total}\" role=\"img\" \
             aria-labelledby=\"{id}-title {id}-desc\" font-family=\"{FONT}\" font-size=\"13\" fill=\"{INK}\">\
             <title id=\"{id}-title\">{}</title><desc id=\"{id}-desc\">{}</desc>\
             <rect width=\"{WIDTH}\" height=\"{total}\" fill=\"#fff\"/>",
            escaped(self.title),
            escaped(&self.in_words()),
            id = escaped(self.id),
        );
        Label { x: 16.0, y: 30.0, text: self.title, size: 18, weight: 600, ..Label::default() }.draw(&mut svg);
        Label { x: 16.0, y: 50.0, text: self.note, fill: QUIET, ..Label::default() }.draw(&mut svg);
        let step = [0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0].into_iter().find(|step| most / step <= 7.0).unwrap_or(100.0);
        for tick in (0_u8..).map(|i| f64::from(i) * step).take_while(|tick| *tick <= most) {
            let _ = write!(svg, "<path d=\"M{LEFT} {:.1}H{right}\" stroke=\"{RULE}\"/>", y(tick));
            Label {
                x: LEFT - 8.0,
                y: y(tick) + 4.5,
                text: &plain(tick),
                fill: QUIET,
                anchor: Anchor::End,
                ..Label::default()
            }
            .draw(&mut svg);
        }
        let every = ((last - first) / 10.0).ceil().max(1.0);
        for year in (0_u8..).map(|i| first + f64::from(i) * every).take_while(|year| *year <= last) {
            let _ = write!(svg, "<path d=\"M{:.1} {bottom}v5\" stroke=\"{QUIET}\"/>", x(year));
            let text = plain(year);
            Label {
                x: x(year),
                y: bottom + 20.0,
                text: &text,
                fill: QUIET,
                anchor: Anchor::Middle,
                ..Label::default()
            }
            .draw(&mut svg);
        }
        let _ = write!(svg, "<path d=\"M{LEFT} {TOP}V{bottom}H{right}\" fill=\"none\" stroke=\"{QUIET}\"/>");
        if let Some(limit) = self.limit {
            let _ = write!(
                svg,
                "<path d=\"M{LEFT} {:.1}H{right}\" stroke=\"#b3121d\" stroke-dasharray=\"6 4\"/>",
                y(limit)
            );
            let fill = "#b3121d";
            Label { x: right, y: y(limit) - 6.0, text: "limit", fill, anchor: Anchor::End, ..Label::default() }
                .draw(&mut svg);
        }
        let mut path = String::new();
        for (&time, &height) in self.time.iter().zip(self.height) {
            let letter = if path.is_empty() { 'M' } else { 'L' };
            let _ = write!(path, "{letter}{} {}", tenth(x(time)), tenth(y(height)));
        }
        if !path.is_empty() {
            let _ = write!(
                svg,
                "<path d=\"{path}\" fill=\"none\" stroke=\"#005eb8\" stroke-width=\"2\" stroke-linejoin=\"round\"/>"
            );
        }
        let _ = write!(
            svg,
            "<text transform=\"translate(28 {}) rotate(-90)\" text-anchor=\"middle\">Evidence of a higher rate</text></svg>",
            TOP + HEIGHT / 2.0
        );
        svg
    }

    /// What someone would say who reads the figure aloud.
    fn in_words(&self) -> String {
        let highest = self.height.iter().copied().fold(0.0, f64::max);
        let now = self.height.last().copied().unwrap_or(0.0);
        let mut words = format!(
            "Cumulative sum chart over {} times. It rises while more are revised than were due. Highest {highest:.1}, now {now:.1}",
            self.time.len()
        );
        match self.limit {
            Some(limit) if highest >= limit => {
                let _ = write!(words, "; the limit of {limit:.1} was reached.");
            }
            Some(limit) => {
                let _ = write!(words, "; the limit of {limit:.1} was not reached.");
            }
            None => words.push('.'),
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_whether_the_limit_was_reached() {
        let chart = |limit| CusumChart {
            id: "c",
            title: "Stem",
            note: "",
            time: &[2019.0, 2020.5, 2022.0],
            height: &[0.0, 4.2, 3.1],
            limit: Some(limit),
        };
        assert!(chart(4.0).to_svg().contains("the limit of 4.0 was reached"));
        assert!(chart(5.0).to_svg().contains("the limit of 5.0 was not reached"));
        let none = CusumChart { time: &[], height: &[], ..chart(5.0) }.to_svg();
        assert!(!none.contains("NaN") && !none.contains("inf"));
    }
}
