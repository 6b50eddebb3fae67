//! A CUSUM: the sum against the day of the operation, with the height that is a signal.

use std::fmt::Write as _;

use chrono::{Datelike as _, NaiveDate};

use super::text::{Anchor, Label, escaped, plain, tenth};
use super::{HEIGHT, LEFT, QUIET, RIGHT, RULE, TOP, WIDTH, opened};

/// A chart of sums.
#[derive(Clone, Copy, Debug)]
pub struct Cusum<'a> {
    /// Makes the ids of title and description unique in a page.
    pub id: &'a str,
    /// The heading.
    pub title: &'a str,
    /// What it is, to whoever hears it read aloud: "Risk-adjusted CUSUM by day of the operation".
    pub what: &'a str,
    /// A line under it.
    pub note: &'a str,
    /// Which days stand along it: of operations, or of the calendar.
    pub days: &'a str,
    /// The sum on each day, in order.
    pub points: &'a [(NaiveDate, f64)],
    /// The height that is a signal.
    pub limit: f64,
    /// Days on which it was reached.
    pub signals: &'a [NaiveDate],
}

impl Cusum<'_> {
    /// Draws it.
    pub fn to_svg(&self) -> String {
        let (Some(first), Some(last)) = (self.points.first(), self.points.last()) else { return String::new() };
        let (begin, end) = (first.0, last.0.max(first.0 + chrono::Days::new(1)));
        let highest = self.points.iter().map(|point| point.1).fold(self.limit, f64::max) * 1.08;
        let days = |from: NaiveDate, to: NaiveDate| f64::from(i32::try_from((to - from).num_days()).unwrap_or(0));
        let x = |on: NaiveDate| LEFT + days(begin, on) / days(begin, end) * (WIDTH - LEFT - RIGHT);
        let y = |sum: f64| TOP + HEIGHT - sum / highest.max(1e-9) * HEIGHT;
        let mut svg = opened(self.id, self.title, &self.in_words(), TOP + HEIGHT + 64.0);
        Label { x: 16.0, y: 30.0, text: self.title, size: 18, weight: 600, ..Label::default() }.draw(&mut svg);
        Label { x: 16.0, y: 50.0, text: self.note, fill: QUIET, ..Label::default() }.draw(&mut svg);
        axes(&mut svg, (begin, end), highest, &x, &y);
        let (middle, foot) = (f64::midpoint(LEFT, WIDTH - RIGHT), TOP + HEIGHT + 42.0);
        Label { x: middle, y: foot, text: self.days, anchor: Anchor::Middle, ..Label::default() }.draw(&mut svg);
        let height = tenth(y(self.limit));
        let right = WIDTH - RIGHT;
        let _ = write!(
            svg,
            "<path d=\"M{LEFT} {height}H{right}\" stroke=\"#a2231d\" stroke-dasharray=\"7 3\" fill=\"none\"/>"
        );
        let text = format!("signal at {:.2}", self.limit);
        let above = y(self.limit) - 6.0;
        Label { x: right, y: above, text: &text, fill: "#a2231d", anchor: Anchor::End, ..Label::default() }
            .draw(&mut svg);
        let _ = write!(
            svg,
            "<path d=\"{}\" fill=\"none\" stroke=\"#005eb8\" stroke-width=\"1.8\" stroke-linejoin=\"round\"/>",
            self.path(&x, &y)
        );
        for signal in self.signals {
            let at = self.points.iter().find(|point| point.0 == *signal).map_or(self.limit, |point| point.1);
            let (x, y) = (tenth(x(*signal)), tenth(y(at)));
            let words = signal.format("%-d %B %Y");
            let _ = write!(
                svg,
                "<circle cx=\"{x}\" cy=\"{y}\" r=\"5\" fill=\"#a2231d\"><title>Signal, {words}</title></circle>"
            );
        }
        svg.push_str("</svg>");
        svg
    }

    /// The sum as a line: of points within a tenth of a pixel the highest.
    fn path(&self, x: &impl Fn(NaiveDate) -> f64, y: &impl Fn(f64) -> f64) -> String {
        let mut path = String::new();
        for same in self.points.chunk_by(|a, b| tenth(x(a.0)) == tenth(x(b.0))) {
            let top = same.iter().map(|point| point.1).fold(0.0, f64::max);
            let letter = if path.is_empty() { 'M' } else { 'L' };
            let _ = write!(path, "{letter}{} {}", tenth(x(same[0].0)), tenth(y(top)));
        }
        path
    }

    /// What someone would say who reads the figure aloud.
    fn in_words(&self) -> String {
        let mut words = format!("{}; a signal is a sum of {:.2}. ", self.what, self.limit);
        match self.signals {
            [] => words.push_str("It was not reached."),
            some => {
                let days: Vec<String> = some.iter().take(10).map(|day| day.format("%-d %B %Y").to_string()).collect();
                let _ = write!(words, "It was reached on {}.", days.join(", "));
            }
        }
        words
    }
}

fn axes(
    svg: &mut String,
    (begin, end): (NaiveDate, NaiveDate),
    highest: f64,
    x: &impl Fn(NaiveDate) -> f64,
    y: &impl Fn(f64) -> f64,
) {
    let (bottom, right) = (TOP + HEIGHT, WIDTH - RIGHT);
    let step = [0.25, 0.5, 1.0, 2.0, 5.0, 10.0].into_iter().find(|step| highest / step <= 8.0).unwrap_or(20.0);
    for tick in (0_u8..=200).map(|i| f64::from(i) * step).take_while(|tick| *tick <= highest) {
        let _ = write!(svg, "<path d=\"M{LEFT} {0}H{right}\" stroke=\"{RULE}\"/>", tenth(y(tick)));
        Label {
            x: LEFT - 8.0,
            y: y(tick) + 4.5,
            text: &plain(tick),
            fill: QUIET,
            anchor: Anchor::End,
            ..Label::default()
        }
        .draw(svg);
    }
    let years = (end.year() - begin.year()).max(1);
    let every = usize::try_from(years / 10 + 1).unwrap_or(1);
    let starts = (begin.year()..=end.year()).filter_map(|year| NaiveDate::from_ymd_opt(year, 1, 1));
    for day in starts.filter(|day| *day >= begin && *day <= end).step_by(every) {
        let _ = write!(svg, "<path d=\"M{} {bottom}v5\" stroke=\"{QUIET}\"/>", tenth(x(day)));
        let text = day.year().to_string();
        Label { x: x(day), y: bottom + 20.0, text: &text, fill: QUIET, anchor: Anchor::Middle, ..Label::default() }
            .draw(svg);
    }
    let _ = write!(svg, "<path d=\"M{LEFT} {TOP}V{bottom}H{right}\" fill=\"none\" stroke=\"{QUIET}\"/>");
    let _ = write!(
        svg,
        "<text transform=\"translate(28 {}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
        TOP + HEIGHT / 2.0,
        escaped("Sum of log-likelihood ratios")
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_is_told_to_those_who_do_not_see_it() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let points =
            [(day("2019-06-01"), 0.0), (day("2020-03-01"), 2.4), (day("2021-01-01"), 3.6), (day("2022-02-01"), 0.4)];
        let chart = Cusum {
            id: "c",
            title: "Stem <A>",
            what: "Sums",
            note: "",
            days: "Day of the operation",
            points: &points,
            limit: 3.5,
            signals: &[day("2021-01-01")],
        };
        let svg = chart.to_svg();
        assert!(svg.contains("It was reached on 1 January 2021."), "{svg}");
        assert!(svg.contains("Stem &lt;A&gt;") && svg.contains("signal at 3.50") && svg.contains(">2020<"));
        assert!(!svg.contains("NaN") && !svg.contains("inf") && !svg.contains("style="));
        assert!(Cusum { signals: &[], ..chart }.to_svg().contains("It was not reached."));
        assert_eq!(Cusum { points: &[], ..chart }.to_svg(), "");
        let one = Cusum { points: &points[..1], signals: &[], ..chart }.to_svg();
        assert!(!one.contains("NaN"), "{one}");
    }
}
