//! Numbers of threads: a point for each, given in a variable or in the command's text.

use toml::de::DeValue;

use super::{Refused, Value, env, integer, refused, text, wrong_kind};

/// The largest number of threads.
pub(crate) const THREADS_MAX: u32 = 65_536;

/// The name that stands for the number in texts.
pub(crate) const NAME: &str = "threads";

const EXPECTED: &str =
    "a table such as { env = \"RAYON_NUM_THREADS\", values = [1, 2, \"max\"] }, or [1, 2, \"max\"]";

/// Why numbers of threads cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidThreads {
    /// Outside of 1 to 65536, or no number.
    #[error("{0} is no number of threads: write 1 to 65536, or \"max\" for all processors")]
    NoNumber(String),
    /// None at all.
    #[error("there are no values: write them as in [1, 2, \"max\"]")]
    NoValues,
    /// The table has another key than its two.
    #[error("unknown key `{0}`; known are env, values")]
    UnknownKey(String),
    /// Nothing is done with the number.
    #[error(
        "the number goes nowhere: name a variable, as in {{ env = \"OMP_NUM_THREADS\", values = \
         [1, 2] }}, or write `{{threads}}` where it belongs"
    )]
    Unused,
    /// The same variable is also set by `env`.
    #[error("`{0}` is what `threads` sets, so it cannot be set here too")]
    Variable(String),
}

/// One value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Number {
    Exactly(u32),
    /// As many as there are processors.
    Max,
}

/// The numbers as they were written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Threads {
    /// The variable that gets the number.
    pub(crate) env: Option<String>,
    values: Vec<Number>,
}

impl Threads {
    /// The numbers on a machine of so many processors, each once.
    pub(crate) fn resolve(&self, processors: u32) -> Vec<u32> {
        let mut numbers = Vec::with_capacity(self.values.len());
        for value in &self.values {
            let number = match value {
                Number::Exactly(number) => *number,
                Number::Max => processors.max(1),
            };
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        }
        numbers
    }
}

/// Reads them from the manifest.
pub(crate) fn read(value: &Value<'_>) -> Result<Threads, Refused> {
    let table = match value.get_ref() {
        DeValue::Array(_) => return Ok(Threads { env: None, values: read_values(value)? }),
        DeValue::Table(table) => table,
        _ => return Err(wrong_kind(value, EXPECTED)),
    };
    let (mut variable, mut values) = (None, None);
    for (key, value) in table.iter() {
        match key.get_ref().as_ref() {
            "env" => {
                let name = text(value, "a variable's name such as \"RAYON_NUM_THREADS\"")?;
                env::check_name(name).map_err(|fault| refused(value, fault))?;
                variable = Some(name.to_owned());
            }
            "values" => values = Some(read_values(value)?),
            other => {
                let fault = InvalidThreads::UnknownKey(other.to_owned()).into();
                return Err(Refused { span: key.span(), fault });
            }
        }
    }
    let values = values.ok_or_else(|| refused(value, InvalidThreads::NoValues))?;
    Ok(Threads { env: variable, values })
}

fn read_values(value: &Value<'_>) -> Result<Vec<Number>, Refused> {
    match value.get_ref() {
        DeValue::Array(values) if values.is_empty() => {
            Err(refused(value, InvalidThreads::NoValues))
        }
        DeValue::Array(values) => values.iter().map(read_one).collect(),
        _ => Err(wrong_kind(value, "an array such as [1, 2, \"max\"]")),
    }
}

fn read_one(value: &Value<'_>) -> Result<Number, Refused> {
    let no_number = |found: String| refused(value, InvalidThreads::NoNumber(found));
    match value.get_ref() {
        DeValue::String(word) if word == "max" => Ok(Number::Max),
        DeValue::String(word) => Err(no_number(format!("{word:?}"))),
        DeValue::Integer(number) => integer(number)
            .and_then(|number| u32::try_from(number).ok())
            .filter(|number| (1..=THREADS_MAX).contains(number))
            .map(Number::Exactly)
            .ok_or_else(|| no_number(number.to_string())),
        _ => Err(wrong_kind(value, "a whole number or \"max\"")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_there_once() {
        use Number::{Exactly, Max};
        for (values, processors, expected) in [
            (vec![Exactly(1), Exactly(2), Exactly(4), Max], 4, vec![1, 2, 4]),
            (vec![Max, Exactly(1)], 8, vec![8, 1]),
            (vec![Max], 0, vec![1]),
        ] {
            let found = Threads { env: None, values: values.clone() }.resolve(processors);
            assert_eq!(found, expected, "{values:?} {processors}");
        }
    }
}
