//! The keys of the attribute, as they were typed.

use proc_macro2::Span;
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Error, Expr, Ident, LitStr, Result, Token};

use crate::duration::parse_nanos;

/// The keys that there are.
pub(crate) const KEYS: [&str; 18] = [
    "name",
    "group",
    "args",
    "ladder",
    "step",
    "complexity",
    "variant_of",
    "tags",
    "cold",
    "threads",
    "throughput",
    "expected_hash",
    "cap",
    "batch_time",
    "setup",
    "executor",
    "no_hash",
    "hash_text",
];

/// How a ladder climbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Double,
    Linear,
    Bracket,
}

/// How the time is expected to grow.
pub(crate) enum Complexity {
    /// An expression in `n`, as text.
    Text(String),
    /// A function of the parameter.
    Function(Expr),
}

/// What a call works through.
pub(crate) enum Throughput {
    Bytes(Expr),
    Elements(Expr),
}

/// Everything that was said; absent: nothing.
#[derive(Default)]
pub(crate) struct Keys {
    pub(crate) name: Option<String>,
    pub(crate) group: Option<String>,
    pub(crate) args: Option<Expr>,
    pub(crate) ladder: Option<Expr>,
    pub(crate) step: Option<(Step, Span)>,
    pub(crate) complexity: Option<(Complexity, Span)>,
    pub(crate) variant_of: Option<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) cold: bool,
    pub(crate) threads: Option<Expr>,
    pub(crate) throughput: Option<Throughput>,
    pub(crate) expected_hash: Option<Expr>,
    pub(crate) cap_nanos: Option<u64>,
    pub(crate) target_nanos: Option<u64>,
    pub(crate) setup: Option<Expr>,
    pub(crate) executor: Option<(Expr, Span)>,
    pub(crate) no_hash: bool,
    pub(crate) hash_text: Option<Span>,
}

impl Parse for Keys {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut keys = Self::default();
        let mut seen: Vec<String> = Vec::new();
        while !input.is_empty() {
            let key: Ident = input.parse().map_err(|error| {
                let message = format!("a key is expected here: there are {}", KEYS.join(", "));
                Error::new(error.span(), message)
            })?;
            let text = key.to_string();
            if seen.contains(&text) {
                return Err(Error::new(key.span(), format!("`{text}` is given twice")));
            }
            keys.take(&key, input)?;
            seen.push(text);
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        keys.check()
    }
}

impl Keys {
    fn take(&mut self, key: &Ident, input: ParseStream<'_>) -> Result<()> {
        match key.to_string().as_str() {
            "name" => self.name = Some(text(key, input)?),
            "group" => self.group = Some(text(key, input)?),
            "args" => self.args = Some(list(key, input)?),
            "ladder" => self.ladder = Some(list(key, input)?),
            "step" => self.step = Some((step(key, input)?, key.span())),
            "complexity" => self.complexity = Some((complexity(key, input)?, key.span())),
            "variant_of" => self.variant_of = Some(text(key, input)?),
            "tags" => self.tags = tags(key, input)?,
            "cold" => self.cold = flag(key, input)?,
            "threads" => self.threads = Some(list(key, input)?),
            "throughput" => self.throughput = Some(throughput(key, input)?),
            "expected_hash" => self.expected_hash = Some(hash(key, input)?),
            "cap" => self.cap_nanos = Some(duration(key, input)?),
            "batch_time" => self.target_nanos = Some(duration(key, input)?),
            "setup" => self.setup = Some(value(key, input)?),
            "executor" => self.executor = Some((value(key, input)?, key.span())),
            "no_hash" => self.no_hash = flag(key, input)?,
            "hash_text" => self.hash_text = flag(key, input)?.then(|| key.span()),
            unknown => return Err(Error::new(key.span(), unknown_key(unknown))),
        }
        Ok(())
    }

    /// What single keys cannot tell.
    fn check(self) -> Result<Self> {
        if let (Some(args), Some(_)) = (&self.args, &self.ladder) {
            let message = "`args` and `ladder` are two ways to give parameters: say one of them";
            return Err(Error::new(args.span(), message));
        }
        if let Some((_, span)) = self.step
            && !matches!(self.ladder, Some(Expr::Range(_)))
        {
            let message = "`step` is how a ladder climbs: say `ladder = 1..=1024` with it";
            return Err(Error::new(span, message));
        }
        if let (Some((_, span)), None, None) = (&self.complexity, &self.args, &self.ladder) {
            let message = "`complexity` is how the time grows with a parameter: say `ladder = \
                           1..=1024` or `args = [1, 10]` with it";
            return Err(Error::new(*span, message));
        }
        if let Some(span) = self.hash_text.filter(|_| self.no_hash) {
            return Err(Error::new(span, "`hash_text` and `no_hash` exclude each other"));
        }
        Ok(self)
    }
}

/// Says what the nearest key is, and which there are.
fn unknown_key(unknown: &str) -> String {
    let near = KEYS
        .into_iter()
        .map(|key| (strsim::osa_distance(key, unknown), key))
        .min()
        .filter(|(distance, _)| distance * 3 <= unknown.len().max(3));
    match near {
        Some((_, key)) => format!("unknown key `{unknown}`: did you mean `{key}`?"),
        None => format!("unknown key `{unknown}`: there are {}", KEYS.join(", ")),
    }
}

fn value<T: Parse>(key: &Ident, input: ParseStream<'_>) -> Result<T> {
    if !input.peek(Token![=]) {
        return Err(Error::new(key.span(), format!("`{key}` needs a value: {}", example(key))));
    }
    input.parse::<Token![=]>()?;
    input.parse().map_err(|error| {
        Error::new(error.span(), format!("`{key}`: {error}; as in {}", example(key)))
    })
}

/// How a key is written.
fn example(key: &Ident) -> String {
    let key = key.to_string();
    let fixed = match key.as_str() {
        "args" => "args = [1, 10, 100]",
        "ladder" => "ladder = 1..=1024",
        "step" => "step = double",
        "complexity" => "complexity = \"n * log2(n)\"",
        "tags" => "tags = [\"quick\"]",
        "threads" => "threads = [1, 2, 4]",
        "throughput" => "throughput = bytes(n * 8)",
        "expected_hash" => "expected_hash = 0xcbf29ce484222325",
        "cap" => "cap = \"1s\"",
        "batch_time" => "batch_time = \"20ms\"",
        "setup" => "setup = make_input",
        "executor" => "executor = pollster::block_on",
        "cold" | "no_hash" | "hash_text" => return key,
        _ => return format!("{key} = \"text\""),
    };
    fixed.to_owned()
}

/// What can be iterated over, as far as can be seen: one number or text is not.
fn list(key: &Ident, input: ParseStream<'_>) -> Result<Expr> {
    match value(key, input)? {
        Expr::Lit(one) => {
            let message = format!("`{key}` is a list of values: {}", example(key));
            Err(Error::new(one.span(), message))
        }
        list => Ok(list),
    }
}

fn hash(key: &Ident, input: ParseStream<'_>) -> Result<Expr> {
    match value(key, input)? {
        Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => {
            let message = format!("`{key}` is a number, without quotes: {}", example(key));
            Err(Error::new(text.span(), message))
        }
        hash => Ok(hash),
    }
}

fn text(key: &Ident, input: ParseStream<'_>) -> Result<String> {
    let literal: LitStr = value(key, input)?;
    let text = literal.value();
    if text.trim().is_empty() {
        return Err(Error::new(literal.span(), format!("`{key}` is empty")));
    }
    if text.chars().any(char::is_control) {
        return Err(Error::new(literal.span(), format!("`{key}` has control characters")));
    }
    Ok(text)
}

fn flag(key: &Ident, input: ParseStream<'_>) -> Result<bool> {
    if !input.peek(Token![=]) {
        return Ok(true);
    }
    value::<syn::LitBool>(key, input).map(|literal| literal.value)
}

fn step(key: &Ident, input: ParseStream<'_>) -> Result<Step> {
    let word: Ident = value(key, input)?;
    match word.to_string().as_str() {
        "double" => Ok(Step::Double),
        "linear" => Ok(Step::Linear),
        "bracket" => Ok(Step::Bracket),
        _ => Err(Error::new(word.span(), "`step` is double, linear or bracket")),
    }
}

fn complexity(key: &Ident, input: ParseStream<'_>) -> Result<Complexity> {
    let ahead = input.fork();
    if value::<LitStr>(key, &ahead).is_ok() {
        return text(key, input).map(Complexity::Text);
    }
    match value(key, input)? {
        function @ (Expr::Path(_) | Expr::Closure(_)) => Ok(Complexity::Function(function)),
        other => {
            let message =
                "`complexity` is an expression in n as text, or a function fn(u64) -> f64";
            Err(Error::new(other.span(), message))
        }
    }
}

fn tags(key: &Ident, input: ParseStream<'_>) -> Result<Vec<String>> {
    let list: syn::ExprArray = value(key, input)?;
    let tag = |expr: &Expr| match expr {
        Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(tag), .. }) if !tag.value().is_empty() => {
            Ok(tag.value())
        }
        other => Err(Error::new(other.span(), "a tag is text: tags = [\"quick\"]")),
    };
    list.elems.iter().map(tag).collect()
}

fn throughput(key: &Ident, input: ParseStream<'_>) -> Result<Throughput> {
    let wanted = "`throughput` is bytes(…) or elements(…), with a number, an expression in n or \
                  a function fn(u64) -> u64";
    let call: Expr = value(key, input)?;
    let Expr::Call(call) = call else { return Err(Error::new(call.span(), wanted)) };
    let what = match &*call.func {
        Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
        _ => None,
    };
    let (Some(what), 1) = (what, call.args.len()) else {
        return Err(Error::new(call.span(), wanted));
    };
    let kind = match what.as_str() {
        "bytes" => Throughput::Bytes,
        "elements" => Throughput::Elements,
        _ => return Err(Error::new(call.func.span(), wanted)),
    };
    if let Some(Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. })) = call.args.first() {
        return Err(Error::new(text.span(), wanted));
    }
    let amount = call.args.into_iter().next().map(kind);
    amount.ok_or_else(|| Error::new(key.span(), wanted))
}

fn duration(key: &Ident, input: ParseStream<'_>) -> Result<u64> {
    let literal: LitStr = value(key, input)?;
    parse_nanos(&literal.value())
        .map_err(|message| Error::new(literal.span(), format!("`{key}`: {message}")))
}

#[cfg(test)]
mod tests;
