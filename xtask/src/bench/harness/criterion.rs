//! Criterion's estimates: one `estimates.json` a function, below its folder.

use std::path::Path;

use serde_json::Value;

use super::estimate::{Column, Estimate, Readings};
use crate::bench::BenchError;

/// Reads the estimates of the functions of a group below `home`; empty where there are none.
///
/// # Errors
/// [`BenchError`]: a file cannot be read, or is not as documented.
pub(super) fn read(home: &Path, group: &str) -> Result<Readings, BenchError> {
    let mut readings = Readings::new();
    let folder = home.join(group);
    let fail = |path: &Path, source| BenchError::File { verb: "read", path: path.into(), source };
    for entry in std::fs::read_dir(&folder).map_err(|source| fail(&folder, source))? {
        let function = entry?.file_name().to_string_lossy().into_owned();
        let path = folder.join(&function).join("new/estimates.json");
        // A group's own folder for its summary has none.
        if !path.exists() {
            continue;
        }
        let bytes = std::fs::read(&path).map_err(|source| fail(&path, source))?;
        let estimates = parse(&bytes)
            .map_err(|key| BenchError::Format { key: key.to_owned(), path: path.clone() })?;
        for (column, estimate) in estimates {
            readings.insert((function.clone(), column), estimate);
        }
    }
    Ok(readings)
}

/// The median, and what Criterion prints: the slope, or the mean without one.
///
/// # Errors
/// The key that is missing.
fn parse(bytes: &[u8]) -> Result<[(Column, Estimate); 2], &'static str> {
    let document: Value = serde_json::from_slice(bytes).map_err(|_| "a JSON document")?;
    let printed = if document["slope"].is_object() { "slope" } else { "mean" };
    Ok([
        (Column::CriterionMedian, estimate(&document["median"]).ok_or("median")?),
        (Column::CriterionTypical, estimate(&document[printed]).ok_or(printed)?),
    ])
}

fn estimate(statistic: &Value) -> Option<Estimate> {
    let interval = &statistic["confidence_interval"];
    let bound = |key: &str| interval[key].as_f64();
    Some(Estimate {
        nanos: statistic["point_estimate"].as_f64()?,
        interval: Some((bound("lower_bound")?, bound("upper_bound")?)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Criterion 0.8.2 wrote, without the statistics that nobody reads here.
    const LINEAR: &str = r#"{"mean":{"confidence_interval":{"confidence_level":0.95,
        "lower_bound":3.93,"upper_bound":4.35},"point_estimate":4.13,"standard_error":0.1},
        "median":{"confidence_interval":{"confidence_level":0.95,"lower_bound":3.81,
        "upper_bound":4.36},"point_estimate":4.12,"standard_error":0.13},
        "slope":{"confidence_interval":{"confidence_level":0.95,"lower_bound":3.92,
        "upper_bound":4.37},"point_estimate":4.19,"standard_error":0.11}}"#;

    #[test]
    fn estimates_are_the_median_and_what_is_printed() {
        let flat = LINEAR.split_once("\"slope\"").unwrap().0.to_owned() + "\"slope\":null}";
        for (text, printed) in [
            (LINEAR, Estimate { nanos: 4.19, interval: Some((3.92, 4.37)) }),
            (&flat, Estimate { nanos: 4.13, interval: Some((3.93, 4.35)) }),
        ] {
            let [(_, median), (_, typical)] = parse(text.as_bytes()).unwrap();
            assert_eq!(median, Estimate { nanos: 4.12, interval: Some((3.81, 4.36)) });
            assert_eq!(typical, printed);
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        for (from, to, missing) in [
            ("{\"mean\"", "[\"mean\"", "a JSON document"),
            ("\"median\"", "\"medium\"", "median"),
            ("\"upper_bound\":4.37", "\"upper_bound\":null", "slope"),
        ] {
            assert_eq!(parse(LINEAR.replace(from, to).as_bytes()), Err(missing));
        }
    }

    #[test]
    fn a_folder_is_read_by_function() {
        let home = tempfile::tempdir().unwrap();
        for folder in ["quick/one_ns/new", "quick/report"] {
            std::fs::create_dir_all(home.path().join(folder)).unwrap();
        }
        let file = home.path().join("quick/one_ns/new/estimates.json");
        std::fs::write(&file, LINEAR).unwrap();
        let readings = read(home.path(), "quick").unwrap();
        let named: Vec<_> = readings.keys().map(|(name, column)| (&**name, *column)).collect();
        let columns = [Column::CriterionMedian, Column::CriterionTypical];
        assert_eq!(named, columns.map(|column| ("one_ns", column)));
        std::fs::write(&file, "{}").unwrap();
        let error = read(home.path(), "quick").unwrap_err().to_string();
        assert!(error.starts_with("cannot read \"median\" in"), "{error}");
        let error = read(home.path(), "slow").unwrap_err().to_string();
        assert!(error.starts_with("cannot read "), "{error}");
    }
}
