//! A CSV file as rows of observations.

use std::collections::HashMap;
use std::io::Read as _;

use super::AnalyseError;
use super::options::Columns;
use super::order::in_order;
use crate::analysis::life_table::{Observation, Ties};

/// What an estimator reads besides time and event.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wanted<'a> {
    /// The largest event code that makes sense: 1 for an estimator of one event.
    pub highest: usize,
    pub strata: Option<&'a str>,
    pub cluster: Option<&'a str>,
    pub covariates: &'a [String],
    /// A column of numbers that is not a covariate: a risk, an expected count.
    pub number: Option<&'a str>,
}

/// One row of the file that can be used.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub entry: f64,
    pub time: f64,
    pub cause: usize,
    pub group: usize,
    pub stratum: usize,
    pub cluster: Option<usize>,
    pub number: f64,
    cells: Vec<String>,
}

/// What the file holds, rows that R would leave out being left out.
#[derive(Clone, Debug)]
pub(super) struct Data {
    pub rows: Vec<Row>,
    /// `sex=1`, or `all`: in order.
    pub groups: Vec<String>,
    /// The highest cause in the file.
    pub causes: usize,
    pub strata: usize,
    /// Rows left out: without a time, a group, a covariate; or entering when they leave.
    pub omitted: u64,
}

impl Data {
    /// The observations of each group.
    pub fn observations(&self) -> Vec<Vec<Observation>> {
        let mut groups = vec![Vec::new(); self.groups.len()];
        for row in &self.rows {
            groups[row.group].push(row.observation());
        }
        groups
    }
}

impl Row {
    pub fn observation(&self) -> Observation {
        Observation { entry: self.entry, time: self.time, cause: self.cause }
    }
}

/// Reads the file.
pub(super) fn read(columns: &Columns, wanted: Wanted) -> Result<Data, AnalyseError> {
    let path = columns.csv.display().to_string();
    let file = |cause: csv::Error| AnalyseError::of_csv(&path, &cause);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(opened(columns)?);
    let header: Vec<String> = reader.headers().map_err(file)?.iter().map(str::to_owned).collect();
    let places = Places::find(&header, columns, wanted)?;
    let mut drafts: Vec<Draft> = Vec::new();
    let mut omitted = 0;
    for record in reader.records() {
        let record = record.map_err(file)?;
        match places.row(&header, &record, wanted.highest)? {
            Some(draft) => drafts.push(draft),
            None => omitted += 1,
        }
    }
    if drafts.is_empty() {
        return Err(AnalyseError::Empty { path, rows: omitted });
    }
    let (groups, strata, clusters) =
        (Levels::of(&drafts, |d| &d.group), Levels::of(&drafts, |d| &d.stratum), Levels::of(&drafts, |d| &d.cluster));
    let equal = Ties::among(drafts.iter().flat_map(|draft| [draft.row.entry, draft.row.time]));
    let rows: Vec<Row> = drafts
        .into_iter()
        .map(|draft| Row {
            entry: equal.settle(draft.row.entry),
            time: equal.settle(draft.row.time),
            group: groups.place(&draft.group),
            stratum: strata.place(&draft.stratum),
            cluster: wanted.cluster.map(|_| clusters.place(&draft.cluster)),
            ..draft.row
        })
        .collect();
    let name = |level: &String| columns.by.as_ref().map_or_else(|| level.clone(), |by| format!("{by}={level}"));
    Ok(Data {
        causes: rows.iter().map(|row| row.cause).max().unwrap_or(0),
        groups: groups.names.iter().map(name).collect(),
        strata: strata.names.len(),
        rows,
        omitted,
    })
}

/// The file after its byte order mark, which would hide the quotes of the first name.
fn opened(columns: &Columns) -> Result<impl std::io::Read, AnalyseError> {
    const MARK: &[u8] = "\u{feff}".as_bytes();
    let error = |cause: std::io::Error| AnalyseError::of_csv(&columns.csv.display().to_string(), &cause.into());
    let mut file = std::io::BufReader::new(std::fs::File::open(&columns.csv).map_err(error)?);
    let mut start = Vec::with_capacity(MARK.len());
    file.by_ref().take(MARK.len() as u64).read_to_end(&mut start).map_err(error)?;
    if start == MARK {
        start.clear();
    }
    Ok(std::io::Cursor::new(start).chain(file))
}

/// The levels of a column in order, and their places.
struct Levels {
    names: Vec<String>,
    places: HashMap<String, usize>,
}

impl Levels {
    fn of(drafts: &[Draft], level: fn(&Draft) -> &str) -> Self {
        let names = in_order(drafts.iter().map(level));
        let places = names.iter().cloned().zip(0..).collect();
        Self { names, places }
    }

    fn place(&self, level: &str) -> usize {
        self.places.get(level).copied().unwrap_or(0)
    }
}

/// Covariates as numbers: names, and values row after row. A text becomes 0/1 columns against its first level.
///
/// # Errors
/// Where a text is the same in every row: there is nothing to hold it against.
pub(super) fn covariates(data: &Data, names: &[String]) -> Result<(Vec<String>, Vec<f64>), AnalyseError> {
    let mut out = Vec::new();
    let mut columns: Vec<Vec<f64>> = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let cells = || data.rows.iter().map(|row| row.cells[at].as_str());
        let numbers: Option<Vec<f64>> = cells().map(|cell| cell.parse().ok().filter(|x: &f64| x.is_finite())).collect();
        if let Some(numbers) = numbers {
            out.push(name.clone());
            columns.push(numbers);
            continue;
        }
        let levels = in_order(cells());
        if let [only] = &levels[..] {
            return Err(AnalyseError::OneLevel { column: name.clone(), level: only.clone() });
        }
        for level in levels.into_iter().skip(1) {
            out.push(format!("{name}{level}"));
            columns.push(cells().map(|cell| f64::from(u8::from(cell == level))).collect());
        }
    }
    let x = (0..data.rows.len()).flat_map(|row| columns.iter().map(move |column| column[row])).collect();
    Ok((out, x))
}

/// A row before its levels have numbers.
struct Draft {
    row: Row,
    group: String,
    stratum: String,
    cluster: String,
}

/// Where the columns are.
struct Places {
    event: Event,
    time: usize,
    entry: Option<usize>,
    by: Option<usize>,
    strata: Option<usize>,
    cluster: Option<usize>,
    number: Option<usize>,
    covariates: Vec<usize>,
}

impl Places {
    fn find(header: &[String], columns: &Columns, wanted: Wanted) -> Result<Self, AnalyseError> {
        let find = |name: &str| {
            let mut places = header.iter().enumerate().filter(|(_, column)| *column == name).map(|(place, _)| place);
            match (places.next(), places.next()) {
                (Some(place), None) => Ok(place),
                (Some(_), Some(_)) => Err(AnalyseError::TwoColumns(name.to_owned())),
                (None, _) => Err(AnalyseError::no_column(name, header)),
            }
        };
        Ok(Self {
            event: Event::parse(&columns.event, header, &find)?,
            time: find(&columns.time)?,
            entry: columns.entry.as_deref().map(&find).transpose()?,
            by: columns.by.as_deref().map(&find).transpose()?,
            strata: wanted.strata.map(&find).transpose()?,
            cluster: wanted.cluster.map(&find).transpose()?,
            number: wanted.number.map(&find).transpose()?,
            covariates: wanted.covariates.iter().map(|name| find(name)).collect::<Result<_, _>>()?,
        })
    }

    /// The row with its group, stratum and cluster; None where something is missing that R would miss.
    fn row(
        &self,
        header: &[String],
        record: &csv::StringRecord,
        highest: usize,
    ) -> Result<Option<Draft>, AnalyseError> {
        let mistake = |column: usize, value: &str, expected| AnalyseError::Value {
            line: record.position().map_or(0, csv::Position::line),
            column: header[column].clone(),
            value: value.to_owned(),
            expected,
        };
        let text = |column: usize| record.get(column).filter(|text| !missing(text));
        let number = |column: usize| {
            text(column)
                .map(|text| {
                    let value = text.parse::<f64>().ok().filter(|x| x.is_finite());
                    value.ok_or_else(|| mistake(column, text, "a number"))
                })
                .transpose()
        };
        // A column that was not asked for is missing in no row.
        let level =
            |column: Option<usize>, none: &str| column.map_or(Some(none.to_owned()), |c| text(c).map(str::to_owned));
        let value = |column: Option<usize>, none: f64| column.map_or(Ok(Some(none)), &number);

        let (time, entry) = (number(self.time)?, value(self.entry, f64::NEG_INFINITY)?);
        let (group, stratum, cluster) = (level(self.by, "all"), level(self.strata, ""), level(self.cluster, ""));
        let extra = value(self.number, 0.0)?;
        let cells: Option<Vec<String>> = self.covariates.iter().map(|&c| text(c).map(str::to_owned)).collect();
        let event = text(self.event.column);
        let (Some(time), Some(entry), Some(group), Some(stratum), Some(cluster), Some(number), Some(cells)) =
            (time, entry, group, stratum, cluster, extra, cells)
        else {
            return Ok(None);
        };
        let cause = self.event.cause(event).filter(|&cause| cause <= highest).ok_or_else(|| {
            let expected =
                if highest == 1 { "0 or 1; name the value to count as COLUMN=VALUE" } else { "0, 1, 2, …" };
            mistake(self.event.column, event.unwrap_or_default(), expected)
        })?;
        if entry >= time {
            return Ok(None);
        }
        let row = Row { entry, time, cause, group: 0, stratum: 0, cluster: None, number, cells };
        Ok(Some(Draft { row, group, stratum, cluster }))
    }
}

fn missing(text: &str) -> bool {
    text.is_empty() || text == "NA" || text == "NaN"
}

/// Which column tells the event, and which of its values counts.
struct Event {
    column: usize,
    value: Option<String>,
}

impl Event {
    /// A column whose own name has an equals sign is that column.
    fn parse(
        text: &str,
        header: &[String],
        find: &impl Fn(&str) -> Result<usize, AnalyseError>,
    ) -> Result<Self, AnalyseError> {
        match text.split_once('=').filter(|_| !header.iter().any(|column| column == text)) {
            Some((column, value)) => Ok(Self { column: find(column)?, value: Some(value.to_owned()) }),
            None => Ok(Self { column: find(text)?, value: None }),
        }
    }

    /// The cause that the value stands for: 0 for censored; None if it is no code.
    fn cause(&self, value: Option<&str>) -> Option<usize> {
        let Some(value) = value else { return Some(0) };
        match &self.value {
            Some(wanted) => Some(usize::from(same(value, wanted))),
            None if value.eq_ignore_ascii_case("true") => Some(1),
            None if value.eq_ignore_ascii_case("false") => Some(0),
            None => value.parse().ok().or_else(|| whole(value)),
        }
    }
}

/// The text itself, or the same number written otherwise.
fn same(value: &str, wanted: &str) -> bool {
    value == wanted || value.parse::<f64>().is_ok_and(|v| wanted.parse::<f64>().is_ok_and(|w| v.total_cmp(&w).is_eq()))
}

/// `2.0` is 2 to whoever exported the file.
fn whole(value: &str) -> Option<usize> {
    value
        .split_once('.')
        .filter(|(_, zeros)| zeros.bytes().all(|b| b == b'0'))
        .and_then(|(digits, _)| digits.parse().ok())
}
