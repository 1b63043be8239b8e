//! Values that a benchmark is given: numbers become parameters, others workloads of their own.
//!
//! Which of both a type is, is found as an answer's hash is: a method that is missing on one
//! wrapper is found on the next.

use std::fmt::{Debug, Display};
use std::mem::needs_drop;
use std::ops::Deref;
use std::sync::Arc;

use crate::answer::Answer;
use crate::{Bencher, Call, Params, Workload, black_box};

/// Makes a workload with everything that was said of it, of its name, parameters and call.
pub type Said = fn(String, Params, Call) -> Workload;

/// The name of a workload: its group, or the last part of its module's path, and its own.
#[must_use]
pub fn full_name(module: &str, group: Option<&str>, name: &str) -> String {
    let group = group.unwrap_or_else(|| module.rsplit("::").next().unwrap_or(module));
    format!("{group}/{name}")
}

/// The workload of a benchmark that takes a parameter from a ladder or a list.
pub fn stepped<T: TryFrom<u64>>(
    said: Said,
    name: String,
    params: Params,
    call: impl Fn(&mut Bencher, &T) + Send + Sync + 'static,
) -> Vec<Workload> {
    let call = move |bencher: &mut Bencher, param: u64| {
        if let Some(param) = bencher.fit(param) {
            call(bencher, &param);
        }
    };
    vec![said(name, params, Box::new(call))]
}

/// Measures calls with a value, each with its own where it must be dropped.
pub fn each<T: Clone, O>(
    bencher: &mut Bencher,
    value: &T,
    mut call: impl FnMut(T) -> O,
    describe: impl Fn(&O) -> Answer,
) {
    if needs_drop::<T>() {
        bencher.with_input(|| value.clone()).iter_described(call, describe);
    } else {
        bencher.iter_described(|| call(black_box(value.clone())), describe);
    }
}

/// The ends of `low..high` as a ladder has them: what is empty stays so.
#[must_use]
pub fn half_open(low: u64, high: u64) -> (u64, u64) {
    high.checked_sub(1).map_or((low.max(1), 0), |last| (low, last))
}

/// A value of its own for a function whose signature tells the type.
pub fn copy_of<T: Clone>(value: &T) -> T {
    value.clone()
}

/// Unsigned numbers, which are parameters, …
pub struct Values<T>(DisplayedValues<T>);

/// … values with a text for people, …
pub struct DisplayedValues<T>(DebuggedValues<T>);

/// … or at least one for programmers.
pub struct DebuggedValues<T>(Arc<Vec<T>>);

impl<T> Values<T> {
    /// Of everything that can be iterated over.
    pub fn new(values: impl IntoIterator<Item = T>) -> Self {
        Self(DisplayedValues(DebuggedValues(Arc::new(values.into_iter().collect()))))
    }
}

impl<T> Deref for Values<T> {
    type Target = DisplayedValues<T>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<T> Deref for DisplayedValues<T> {
    type Target = DebuggedValues<T>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

macro_rules! unsigned {
    ($($number:ty),*) => {
        $(impl Values<$number> {
            /// One workload with a list of parameters.
            pub fn workloads(
                &self,
                said: Said,
                name: &str,
                call: impl Fn(&mut Bencher, &$number) + Send + Sync + 'static,
            ) -> Vec<Workload> {
                let params = self.0.0.0.iter().map(|number| *number as u64).collect();
                stepped(said, name.to_owned(), Params::List(params), call)
            }
        })*
    };
}

unsigned!(u8, u16, u32, u64, usize);

impl<T: Display + Send + Sync + 'static> DisplayedValues<T> {
    /// A fixed workload for each value.
    pub fn workloads(
        &self,
        said: Said,
        name: &str,
        call: impl Fn(&mut Bencher, &T) + Send + Sync + 'static,
    ) -> Vec<Workload> {
        one_each(&self.0.0, said, name, T::to_string, call)
    }
}

impl<T: Debug + Send + Sync + 'static> DebuggedValues<T> {
    /// A fixed workload for each value.
    pub fn workloads(
        &self,
        said: Said,
        name: &str,
        call: impl Fn(&mut Bencher, &T) + Send + Sync + 'static,
    ) -> Vec<Workload> {
        one_each(&self.0, said, name, |value| format!("{value:?}"), call)
    }
}

fn one_each<T: Send + Sync + 'static>(
    values: &Arc<Vec<T>>,
    said: Said,
    name: &str,
    text: impl Fn(&T) -> String,
    call: impl Fn(&mut Bencher, &T) + Send + Sync + 'static,
) -> Vec<Workload> {
    let call = Arc::new(call);
    let workload = |(index, value): (usize, &T)| {
        let (values, call) = (Arc::clone(values), Arc::clone(&call));
        let call = move |bencher: &mut Bencher, _| call(bencher, &values[index]);
        said(format!("{name}/{}", text(value)), Params::Fixed, Box::new(call))
    };
    let all: Vec<Workload> = values.iter().enumerate().map(workload).collect();
    if !all.is_empty() {
        return all;
    }
    let mut none = said(name.to_owned(), Params::Fixed, Box::new(|_, _| {}));
    none.error = Some(format!("{name} has an empty list of values, at {}", none.place));
    vec![none]
}
